package stored

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// onAMac returns an Asker as on a Mac: with a keychain of the stand-in library,
// and a git-credential-osxkeychain that would wait in a dialog. run says
// whether it was started.
func onAMac(t *testing.T) (a *Asker, helper gitconfig.Helper, run func() bool) {
	t.Helper()
	library := keyringtest.SecurityLibrary(t)
	passwords, err := keychain.OpenInternetPasswords(t.Context(), keychain.Libraries{CoreFoundation: library, Security: library}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script := "#!/bin/sh\ntouch " + filepath.Join(dir, "was-run") + "\nsleep 600\n"
	if err := os.WriteFile(filepath.Join(dir, "git-credential-osxkeychain"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	a = &Asker{folders: []string{dir}, home: dir, git: gitconfig.Git{Dir: dir}, keychain: &keychainPasswords{passwords.Usernames, passwords.Remove}}
	return a, gitconfig.Helper{Entry: gitconfig.Entry{Value: osxkeychain}, Kind: gitconfig.Name}, func() bool {
		_, err := os.Stat(filepath.Join(dir, "was-run"))
		return err == nil
	}
}

// osxkeychain is not run where it could put up a dialog: what it has stored is
// listed, and of that only signed passwords are forgotten.
func TestOsxkeychain(t *testing.T) {
	a, helper, run := onAMac(t)
	const host = "git-codecommit.us-east-1.amazonaws.com"
	if c := a.Ask(t.Context(), helper, Request{Host: host}); c.Kind != "" || c.Reason != "" {
		t.Errorf("an empty keychain: %+v", c)
	}
	stored := []string{"alice-at-123456789012", "ASIAEXAMPLE%token", "AKIAEXAMPLE"}
	a.keychain.usernames = func(h string) ([]string, error) {
		if h != host {
			return nil, nil
		}
		return slices.Clone(stored), nil
	}
	a.keychain.remove = func(h, username string) error {
		stored = slices.DeleteFunc(stored, func(s string) bool { return s == username })
		return nil
	}
	left := Leftover{Helper: helper, Host: host, Credential: a.Ask(t.Context(), helper, Request{Host: host})}
	if left.Kind != Signed || strings.Contains(left.String(), "token") || strings.Contains(left.Erase(), "token") {
		t.Errorf("%+v: %s, %s", left, left.String(), left.Erase())
	}
	if err := a.Forget(t.Context(), left); err != nil || !slices.Equal(stored, []string{"alice-at-123456789012"}) {
		t.Errorf("%q, %v", stored, err)
	}
	a.keychain.usernames = func(string) ([]string, error) { return nil, errors.New("locked") }
	if c := a.Ask(t.Context(), helper, Request{Host: host}); !strings.Contains(c.Reason, "locked") {
		t.Errorf("a keychain that fails: %+v", c)
	}
	if run() {
		t.Error("git-credential-osxkeychain was run")
	}
}
