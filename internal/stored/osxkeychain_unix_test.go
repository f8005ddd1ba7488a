//go:build unix

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
)

// onAMac returns an Asker as on a Mac: with a keychain in which some passwords
// are stored for a host, and a git-credential-osxkeychain that would wait in a
// dialog. run says whether it was started.
func onAMac(t *testing.T, host string, stored *[]keychainPassword) (a *Asker, helper gitconfig.Helper, run func() bool) {
	t.Helper()
	passwords := &keychainPasswords{
		list: func(h, path string) ([]keychainPassword, error) {
			if h != host || path != "" {
				return nil, nil
			}
			return slices.Clone(*stored), nil
		},
		remove: func(h, username string) error {
			*stored = slices.DeleteFunc(*stored, func(p keychainPassword) bool { return h == host && p.Username == username })
			return nil
		},
	}
	dir := t.TempDir()
	script := "#!/bin/sh\ntouch " + filepath.Join(dir, "was-run") + "\nsleep 600\n"
	if err := os.WriteFile(filepath.Join(dir, "git-credential-osxkeychain"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	a = &Asker{folders: []string{dir}, home: dir, git: gitconfig.Git{Dir: dir}, keychain: passwords}
	return a, gitconfig.Helper{Entry: gitconfig.Entry{Value: osxkeychain}, Kind: gitconfig.Name}, func() bool {
		_, err := os.Stat(filepath.Join(dir, "was-run"))
		return err == nil
	}
}

// osxkeychain is not run where it could put up a dialog: what it has stored is
// listed, and of that only signed passwords are forgotten.
func TestOsxkeychain(t *testing.T) {
	const host = "git-codecommit.us-east-1.amazonaws.com"
	var passwords []keychainPassword
	a, helper, run := onAMac(t, host, &passwords)
	if c := a.Ask(t.Context(), helper, Request{Host: host}); c.Kind != "" || c.Reason != "" {
		t.Errorf("an empty keychain: %+v", c)
	}
	written := time.Now().Add(-time.Hour)
	passwords = []keychainPassword{{"alice-at-123456789012", written}, {"ASIAEXAMPLE%token", written}, {"AKIAEXAMPLE", written}}
	helper.Value = `"osxkeychain"` // as sh reads it, the same helper
	left := Leftover{Helper: helper, Host: host, Credential: a.Ask(t.Context(), helper, Request{Host: host})}
	if left.Kind != Signed || !left.SignedAt.Equal(written) || strings.Contains(left.String(), "token") || strings.Contains(left.Erase(), "token") {
		t.Errorf("%+v: %s, %s", left, left.String(), left.Erase())
	}
	if c := a.Ask(t.Context(), helper, Request{Host: host, Path: "v1/repos/another"}); c.Kind != "" {
		t.Errorf("of another repository: %+v", c)
	}
	if err := a.Forget(t.Context(), left); err != nil || len(passwords) != 1 || passwords[0].Username != "alice-at-123456789012" {
		t.Errorf("%q, %v", passwords, err)
	}
	a.keychain.list = func(string, string) ([]keychainPassword, error) { return nil, errors.New("locked") }
	if c := a.Ask(t.Context(), helper, Request{Host: host}); !strings.Contains(c.Reason, "locked") {
		t.Errorf("a keychain that fails: %+v", c)
	}
	if run() {
		t.Error("git-credential-osxkeychain was run")
	}
}
