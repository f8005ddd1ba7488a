package keychain

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ebitengine/purego"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

var words = Words{
	Unavailable: errors.New("unavailable"), Locked: errors.New("locked"),
	Denied: errors.New("denied"), Timeout: errors.New("timeout"),
	Kept: func(service, account string) error { return fmt.Errorf("%w %s %s", errKept, service, account) },
}

var errKept = errors.New("kept")

// fake is the stand-in for Apple's libraries.
type fake struct {
	path    string
	set     func(what string, value int32)
	live    func() int
	dialogs func() int32
	// lost is how many items nobody can read, elsewhere how often another
	// process would have been asked.
	lost, elsewhere func() int32
}

// opened returns a keychain of its own on a fake of its own. At the test's end
// every reference must have been given back, and no dialog have come up.
func opened(t *testing.T) (*Keychain, *fake) {
	t.Helper()
	f := &fake{path: keyringtest.SecurityLibrary(t)}
	handle, err := purego.Dlopen(f.path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		t.Fatal(err)
	}
	purego.RegisterLibFunc(&f.set, handle, "fake_set")
	purego.RegisterLibFunc(&f.live, handle, "fake_live")
	purego.RegisterLibFunc(&f.dialogs, handle, "fake_dialogs")
	purego.RegisterLibFunc(&f.lost, handle, "fake_lost")
	purego.RegisterLibFunc(&f.elsewhere, handle, "fake_elsewhere")
	k := f.open(t, "git-credential-mfa")
	t.Cleanup(func() {
		if n := f.live(); n != 0 {
			t.Errorf("%d objects were not released", n)
		}
		if n := f.dialogs(); n != 0 {
			t.Errorf("%d dialogs would have come up", n)
		}
		if n := f.lost(); n != 0 {
			t.Errorf("%d items can be read by nobody", n)
		}
		if n := f.elsewhere(); n != 0 {
			t.Errorf("the data protection keychain was asked %d times", n)
		}
	})
	return k, f
}

func (f *fake) open(t *testing.T, service string) *Keychain {
	t.Helper()
	k, err := Open(t.Context(), Libraries{f.path, f.path}, service, time.Minute, words)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
