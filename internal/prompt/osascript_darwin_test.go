package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The scripts are AppleScript. That their windows come to the front, only a
// person can see.
func TestOsascriptCompiles(t *testing.T) {
	for _, script := range []string{enterScript, chooseScript} {
		compiled := filepath.Join(t.TempDir(), "compiled.scpt")
		if out, err := exec.Command("/usr/bin/osacompile", "-o", compiled, "-e", script).CombinedOutput(); err != nil {
			t.Errorf("%v: %s\n%s", err, out, script)
		}
	}
}

// A window that nobody answers goes by itself, or with its time. Where there is
// no screen it is an error, and no answer either.
func TestOsascriptGivesUp(t *testing.T) {
	if os.Getenv("GIT_CREDENTIAL_MFA_MAC_TESTS") == "" {
		t.Skip("puts up windows; runs with GIT_CREDENTIAL_MFA_MAC_TESTS=1, as in .ci/macos")
	}
	d := osascript{desktop{program: "/usr/bin/osascript", env: os.Environ(), trace: t.Logf}}
	long, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	printed, talk, err := d.run(long, "-e", enterScript, "3", dialogTitle, "a test, gone in three seconds\n\"quoted\"")
	if printed != "gave up" && !strings.Contains(talk, noScreen) {
		t.Errorf("enter: %q, %q, %v", printed, talk, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if row, err := d.choose(short, []string{"a test, gone in five seconds"}, []string{"1  a", "2  b"}); row != "" || !strings.Contains(fmt.Sprint(err), noScreen) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("choose: %q, %v", row, err)
	}
}

// noScreen is errAEInteractionNotAllowed (MacErrors.h) in what osascript says.
const noScreen = "(-1713)"
