package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	staleName     = "ASIAIOSFODNN7EXAMPLE%SECRETTOKEN"
	stalePassword = "20260101T000000Z0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// libsecret is a helper in the machine's bin folder that keeps one item a name,
// and forgets one a call. It notes all that it is told but for secrets. A Mac's
// osxkeychain would not be run: its keychain is read.
const libsecret = `#!/bin/sh
dir=$(dirname "$0")/items
mkdir -p "$dir"
input=$(cat)
of() { printf '%s\n' "$input" | sed -n "s/^$1=//p"; }
echo "$1 $(of host)" >>"$dir.journal"
item=$dir/$(of host).$(of username)
case $1 in
get) for f in "$dir/$(of host)".*; do [ -f "$f" ] && cat "$f" && break; done ;;
erase) [ -n "$(of username)" ] && [ -z "$KEEPS" ] && rm -f "$item" ;;
esac
exit 0
`

// newLeftoverLab is a lab in which the machine's keychain holds passwords from
// before.
func newLeftoverLab(t *testing.T) *lab {
	t.Helper()
	notOnWindows(t, "libsecret is Linux's; Git Credential Manager is tested by TestWindows")
	l := newLab(t)
	l.write("bin/git-credential-libsecret", libsecret)
	l.setenv("PATH", strings.Join([]string{built, filepath.Join(l.home, "bin"), os.Getenv("PATH")}, string(os.PathListSeparator)))
	l.setenv("GIT_CONFIG_NOSYSTEM", "0")
	l.setenv("GIT_CONFIG_SYSTEM", l.write("machine", "[credential]\n\thelper = libsecret\n"))
	l.write(".gitconfig", "")
	l.item(host, staleName, stalePassword)
	l.item(host, strings.Replace(staleName, "EXAMPLE", "EXAMPL2", 1), stalePassword)
	l.item("github.com", "alice", "hers")
	return l
}

func (l *lab) item(host, username, password string) {
	l.write("bin/items/"+host+"."+username, "username="+username+"\npassword="+password+"\n")
}

// items are the names of what the keychain holds.
func (l *lab) items() []string {
	l.t.Helper()
	files, err := filepath.Glob(filepath.Join(l.home, "bin/items/*"))
	if err != nil {
		l.t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	return names
}

const holds = "libsecret still has a CodeCommit password of 2026-01-01 for " + host

// A person is asked, and only a yes has the keychain forget: of CodeCommit's
// hosts all, of others nothing.
func TestConfigureOffersToForget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typed string
		left  int
		said  string
	}{
		{"y\n", 1, "libsecret deleted what it had stored for " + host},
		{"perhaps\nYES\n", 1, "y or n, please: "},
		{"\n", 3, "hint: to delete it: git-credential-mfa configure --yes"},
		{"n\n", 3, "hint: to delete it: git-credential-mfa configure --yes"},
		{"\x04", 3, "hint: to delete it: git-credential-mfa configure --yes"},
	} {
		l := newLeftoverLab(t)
		s, cmd := l.onTerminal("git-credential-mfa configure >answer")
		s.shows(holds + ": delete it? [y/N] ")
		s.types(test.typed)
		l.settled(cmd)
		if items := l.items(); len(items) != test.left || !strings.Contains(strings.Join(items, " "), "github.com.alice") {
			t.Errorf("%q leaves %d items", test.typed, len(items))
		}
		if l.note("status") != "0\n" || l.note("answer") != "" || !strings.Contains(s.String(), test.said) || strings.Contains(s.String(), "SECRET") {
			t.Errorf("%q: exit %s\n%s", test.typed, l.note("status"), s)
		}
		if journal := l.note("bin/items.journal"); strings.Contains(journal, "erase github") || strings.Contains(journal, "store") {
			t.Error(journal)
		}
	}
}

// Ctrl-C at the question ends it; git's configuration is written by then.
func TestConfigureInterrupted(t *testing.T) {
	t.Parallel()
	l := newLeftoverLab(t)
	s, cmd := l.onTerminal("git-credential-mfa configure")
	s.shows("[y/N] ")
	s.types("\x03")
	l.settled(cmd)
	if l.note("status") != "1\n" || len(l.items()) != 3 || !strings.Contains(l.note(".gitconfig"), "git-credential-mfa") {
		t.Errorf("exit %s\n%s", l.note("status"), s)
	}
}

// A script is never asked, and nothing is forgotten behind its back; --yes is
// its answer. A dry run asks nobody, not even the helpers.
func TestConfigureInAScript(t *testing.T) {
	t.Parallel()
	l := newLeftoverLab(t)
	r := l.run("y\n", "git-credential-mfa", "configure", "--dry-run", "--yes")
	if _, err := os.Stat(filepath.Join(l.home, "bin/items.journal")); err == nil || r.status != 0 || r.stderr != "" {
		t.Error(r)
	}
	r = l.run("y\n", "git-credential-mfa", "--profile", "default", "configure", "--", l.url)
	if r.status != 0 || len(l.items()) != 3 || !strings.Contains(r.stderr, holds) ||
		!strings.Contains(r.stderr, "hint: to delete it: git-credential-mfa --profile default configure --yes -- "+l.url+"\n") || l.world.Count("iam", "ListMFADevices") != 0 {
		t.Error(r)
	}
	r = l.run("", "git-credential-mfa", "configure", strings.Replace(l.url, "//", "//bob:SECRET@", 1))
	if r.status != 0 || strings.Contains(r.stderr, "SECRET") || !strings.Contains(r.stderr, " configure "+l.url+" --yes\n") {
		t.Error(r)
	}
	r = l.run("", "git-credential-mfa", "configure", "--yes")
	if r.status != 0 || len(l.items()) != 1 || strings.Contains(r.stderr, "SECRET") {
		t.Error(r, l.items())
	}
}

// What may be a person's only copy is told of, and left.
func TestConfigureLeavesGitCredentials(t *testing.T) {
	t.Parallel()
	l := newLeftoverLab(t)
	for _, name := range l.items() {
		if err := os.Remove(filepath.Join(l.home, "bin/items", name)); err != nil {
			t.Fatal(err)
		}
	}
	l.item(host, "alice-at-123456789012", "SECRET")
	r := l.run("", "git-credential-mfa", "configure", "--yes")
	if r.status != 0 || len(l.items()) != 1 || strings.Contains(r.stderr, "SECRET") ||
		!strings.Contains(r.stderr, "libsecret still has an HTTPS Git credential of the account …9012, which carries no MFA for "+host) ||
		!strings.Contains(r.stderr, `hint: to delete it: printf 'protocol=https\nhost=`+host+`\n\n' | git credential-libsecret erase`) {
		t.Error(r, l.items())
	}
}

// A keychain that hangs, or that forgets nothing, is told of in time.
func TestConfigureWithABrokenKeychain(t *testing.T) {
	t.Parallel()
	l := newLeftoverLab(t)
	l.setenv("KEEPS", "1")
	r := l.run("", "git-credential-mfa", "configure", "--yes")
	if r.status != 0 || !strings.Contains(r.stderr, "warning: erasing from libsecret: it still holds the password") {
		t.Error(r)
	}
	l.write("bin/git-credential-libsecret", "#!/bin/sh\nexec sleep 60\n")
	r = l.run("", "git-credential-mfa", "configure", "--yes")
	if r.status != 0 || r.took > slack*20*time.Second {
		t.Error(r)
	}
}

// git's own stores, as they are.
func TestConfigureForgetsInGitsStores(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("GIT_CONFIG_NOSYSTEM", "0")
	l.setenv("GIT_CONFIG_SYSTEM", l.write("machine", "[credential]\n\thelper = store --file ~/passwords\n\tuseHttpPath = true\n"))
	l.write(".gitconfig", "")
	encoded := strings.ReplaceAll(staleName, "%", "%25")
	keep := "https://alice:hers@github.com\nhttps://" + encoded + ":" + stalePassword + "@git-codecommit.us-east-1.amazonaws.com.evil.example\n"
	l.write("passwords", "https://"+encoded+":"+stalePassword+"@"+host+"/v1/repos/one\nhttps://"+encoded+":"+stalePassword+"@"+host+"/v1/repos/two\n"+keep)
	r := l.run("", "git-credential-mfa", "configure", "--yes")
	if got := l.note("passwords"); r.status != 0 || got != keep {
		t.Errorf("%v\nleft:\n%s", r, got)
	}
}
