package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// A home of any name serves: git's quoting, AWS's files, the lock and the
// keyring are found there.
func TestOddHome(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	odd := filepath.Join(l.dir, "Zoë O'Neill's $HOME % ☂")
	if err := os.Rename(l.home, odd); err != nil {
		t.Fatal(err)
	}
	l.home = odd
	l.env = append(l.env, sandbox.HomeEnv(odd)...)
	l.phone()
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\ncat \"$HOME/phone\"\n"))
	l.write(".gitconfig", "")
	// The helper's own folder is odd too.
	helper := l.write("bin ☂/"+programFile, "")
	program, err := os.ReadFile(filepath.Join(built, programFile))
	if err == nil {
		err = writeExecutable(helper, program, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	if r := l.run("", helper, "configure"); r.status != 0 {
		t.Fatal(r)
	}
	for _, name := range []string{"first", "second"} {
		if r := l.run("", "git", "clone", "--quiet", l.url, filepath.Join(odd, name)); r.status != 0 || strings.Contains(r.stderr, "warning") {
			t.Error(r)
		}
	}
	if l.sessions() != 1 {
		t.Errorf("%d calls of GetSessionToken", l.sessions())
	}
}

// awayFromHome leaves the lab without a home: AWS's and git's files are named.
func (l *lab) awayFromHome(home string) {
	l.setenv("AWS_CONFIG_FILE", filepath.Join(l.home, ".aws", "config"))
	l.setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(l.home, ".aws", "credentials"))
	l.setenv("GIT_CONFIG_GLOBAL", filepath.Join(l.home, ".gitconfig"))
	l.setenv("HOME", home)
}

// Where the home can't be written to, or is not there at all, as in containers
// and services, the lock lies in the login session's own folder, and a keyring
// that needs no home keeps the session. Without such a folder there is no lock:
// that is said, and nothing is asked.
func TestNoHome(t *testing.T) {
	t.Parallel()
	for name, home := range map[string]string{"read-only": "/sys", "missing": "/proc/nobody", "unset": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.askpass()
			l.phone()
			l.secretService()
			l.awayFromHome(home)
			for range 2 {
				if r := l.get(); !answered(r) || strings.Contains(r.stderr, "warning") {
					t.Fatal(r)
				}
			}
			l.asked(1, 1, 0)
			if r := l.run("", "git-credential-mfa", "logout"); r.status != 0 {
				t.Error(r)
			}
			l.setenv("XDG_RUNTIME_DIR", "")
			r := l.get()
			wantFailure(t, r, "preparing the lock: no private folder", "hint: export XDG_CACHE_HOME=")
			if r.took > slack*5*time.Second || l.questions() != 1 {
				t.Error(r)
			}
			l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "file")
			hint := "hint: choose another keyring"
			if home == "" {
				hint = "hint: to name your own folder: export HOME=DIR"
			}
			wantFailure(t, l.get(), "keyring", hint)
		})
	}
}
