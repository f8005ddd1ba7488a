//go:build linux || darwin

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// macLab is a lab with the program as it is for a Mac, and a keychain of its own:
// on Linux a pretend Mac's, on a Mac the system's.
type macLab struct {
	*lab
	// program is the program, later a build of it with other bytes under the same
	// name, and renamed that one under another name.
	program, later, renamed string
}

// macPrograms builds the programs once.
var macPrograms = sync.OnceValues(func() (folder string, err error) {
	folder = filepath.Join(built, "mac")
	for _, version := range []string{"1", "2"} {
		program := filepath.Join(folder, version, "git-credential-mfa")
		args := append([]string{"build", "-trimpath", "-tags", "urfave_cli_no_docs,nethttpomithttp2", "-ldflags", "-s -w -X main.version=" + version, "-o", program}, macBuild(folder)...)
		build := exec.Command("go", append(args, ".")...)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if err := printed(build); err != nil {
			return "", err
		}
		if err := adHoc(program); err != nil {
			return "", err
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "2", "git-credential-mfa"))
	if err != nil {
		return "", err
	}
	return folder, writeExecutable(filepath.Join(folder, "2", "git-credential-mfa-next"), text, 0o700)
})

// printed runs a command, whose error has what it printed.
func printed(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err != nil {
		return &commandError{cmd.Args, string(out), err}
	}
	return nil
}

type commandError struct {
	args []string
	out  string
	err  error
}

func (e *commandError) Error() string {
	return strings.Join(e.args, " ") + ": " + e.err.Error() + "\n" + e.out
}

func newMacLab(t *testing.T) *macLab {
	t.Helper()
	needMac(t)
	l := newLab(t)
	folder, err := macPrograms()
	if err != nil {
		t.Fatal(err)
	}
	m := &macLab{l, filepath.Join(folder, "1", "git-credential-mfa"), filepath.Join(folder, "2", "git-credential-mfa"), filepath.Join(folder, "2", "git-credential-mfa-next")}
	l.env = append(l.env, "GIT_CREDENTIAL_MFA_KEYRING=", "GIT_CREDENTIAL_MFA_PASSPHRASE=")
	m.install()
	l.setenv("PATH", filepath.Dir(m.program)+":"+m.path())
	l.askpass()
	t.Cleanup(func() {
		if dialogs := m.dialogs(); dialogs != "" {
			t.Errorf("a dialog has come up: %s", dialogs)
		}
	})
	return m
}

// get asks a program as git does, and returns how often the person was asked.
func (m *macLab) get(program string) (r result, asked int) {
	m.t.Helper()
	m.device.Refresh()
	m.phone()
	before := m.questions()
	r = m.run(request("https", host, "v1/repos/demo"), program, "get")
	return r, m.questions() - before
}

// wantGet checks an answer, how often the person was asked for it, and that each
// text is on stderr.
func (m *macLab) wantGet(program string, asked int, texts ...string) {
	m.t.Helper()
	r, n := m.get(program)
	if !answered(r) || n != asked {
		m.t.Errorf("asked %d times, want %d: %v", n, asked, r)
	}
	for _, text := range texts {
		if !strings.Contains(r.stderr, text) {
			m.t.Errorf("stderr lacks %q: %v", text, r)
		}
	}
}

// security runs the system's program for keychains, and reports whether it
// succeeded.
func (m *macLab) security(args ...string) bool {
	m.t.Helper()
	return m.run("", m.tool("security"), args...).status == 0
}

const ourItems = "git-credential-mfa"

func TestMacKeychain(t *testing.T) {
	t.Parallel()
	m := newMacLab(t)
	m.wantGet(m.program, 1)
	m.wantGet(m.program, 0)
	if r := m.run("", m.program, "status"); r.status != 0 || !strings.Contains(r.stdout, "keychain") {
		t.Error(r)
	}
	if !m.security("find-generic-password", "-s", ourItems) {
		t.Error("there is no item in the keychain")
	}
	if r := m.run("", m.program, "logout"); r.status != 0 {
		t.Error(r)
	}
	if m.security("find-generic-password", "-s", ourItems) {
		t.Error("the item is still in the keychain")
	}
}

// A new build, under the same name or another, costs one code and no more, and
// leaves nothing that can't be removed.
func TestMacAnotherBuild(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"same name", "another name"} {
		t.Run(name, func(t *testing.T) {
			m := newMacLab(t)
			later := map[string]string{"same name": m.later, "another name": m.renamed}[name]
			m.wantGet(m.program, 1)
			m.wantGet(later, 1, "a new session takes the place of one", "another build of this program")
			m.wantGet(later, 0)
			m.wantGet(m.program, 1, "another build of this program")
			m.wantGet(m.program, 0)
			if r := m.run("", later, "logout", "--all"); r.status != 0 {
				t.Error(r)
			}
			if m.security("find-generic-password", "-s", ourItems) {
				t.Error("an item is left in the keychain")
			}
		})
	}
}

// An access key may be the only copy: a build that may not read it leaves it where
// it is, and says how it comes by it.
func TestMacAccessKeyOfAnotherBuild(t *testing.T) {
	t.Parallel()
	m := newMacLab(t)
	if r := m.run("", m.program, "keys", "import", "--yes"); r.status != 0 {
		t.Fatal(r)
	}
	m.wantGet(m.program, 1)
	for _, later := range []string{m.later, m.renamed} {
		r, _ := m.get(later)
		wantFailure(t, r, "only another build of this program may read the access key", "hint: allow this program to read the item")
	}
	m.wantGet(m.program, 0)
	if r := m.run("", m.program, "keys", "export", "--yes"); r.status != 0 || !strings.Contains(m.note(".aws/credentials"), m.user.SecretAccessKey) {
		t.Error(r)
	}
}

// A locked keychain is not an empty one.
func TestMacLockedKeychain(t *testing.T) {
	t.Parallel()
	m := newMacLab(t)
	m.wantGet(m.program, 1)
	m.security("lock-keychain")
	if r := m.run("", m.program, "status"); r.status == 0 || !strings.Contains(r.stderr, "the keyring is locked") || !strings.Contains(r.stderr, "hint: security unlock-keychain") {
		t.Error(r)
	}
	r, asked := m.get(m.program)
	if answered(r) || asked != 0 || !strings.Contains(r.stderr, "the keyring is locked") {
		t.Errorf("asked %d times: %v", asked, r)
	}
	m.security("unlock-keychain", "-p", "test")
	m.wantGet(m.program, 0)
}

// besideOsxkeychain has git ask osxkeychain before this helper. It would wait in
// a dialog; mark is there when it was run.
func (m *macLab) besideOsxkeychain() (mark string) {
	m.t.Helper()
	mark = filepath.Join(m.home, "was-run")
	m.write("bin/git-credential-osxkeychain", "#!/bin/sh\ntouch '"+mark+"'\nexec sleep 600\n")
	m.setenv("PATH", filepath.Dir(m.program)+":"+filepath.Join(m.home, "bin")+":"+m.path())
	m.setenv("GIT_CONFIG_NOSYSTEM", "0")
	m.setenv("GIT_CONFIG_SYSTEM", m.write("machine", "[credential]\n\thelper = osxkeychain\n"))
	m.write(".gitconfig", "[credential]\n\thelper = mfa\n")
	return mark
}

// stored adds what osxkeychain has stored for the host. No program may read it.
func (m *macLab) stored(username string) {
	m.t.Helper()
	if !m.security("add-internet-password", "-s", host, "-a", username, "-r", "htps", "-T", "", "-w", stalePassword) {
		m.t.Fatal("no password could be added")
	}
}

// doctor and configure list what osxkeychain has stored and do not run it: it
// would wait in a dialog. A signed password is forgotten, an HTTPS Git credential
// is not, and none is stored any more.
func TestMacOsxkeychain(t *testing.T) {
	t.Parallel()
	m := newMacLab(t)
	mark := m.besideOsxkeychain()
	const static = "alice-at-123456789012"
	m.stored(staleName)
	m.stored(static)
	start := time.Now()
	d := m.doctor(m.url)
	if !strings.Contains(d.says("CCM510"), "osxkeychain: it answers with a session's password") {
		t.Errorf("%v", d)
	}
	if took := time.Since(start); took > slack*20*time.Second {
		t.Errorf("doctor took %v", took)
	}
	r := m.run("", m.program, "configure", "--yes")
	if r.status != 0 || !strings.Contains(r.stderr, "osxkeychain deleted what it had stored for "+host) || strings.Contains(r.stdout+r.stderr, "SECRET") {
		t.Error(r)
	}
	if m.security("find-internet-password", "-s", host, "-a", staleName) || !m.security("find-internet-password", "-s", host, "-a", static) {
		t.Error("not the signed password alone was forgotten")
	}
	m.phone()
	if r := m.run("", "git", "clone", "--quiet", m.url, "clone"); r.status != 0 || m.questions() != 1 {
		t.Error(m.questions(), r)
	}
	if !m.security("delete-internet-password", "-s", host, "-a", static) || m.security("find-internet-password", "-s", host) {
		t.Error("git's password was stored")
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("git-credential-osxkeychain was run")
	}
}

// doctor asks the Mac's program.
func (m *macLab) doctor(args ...string) diagnosis {
	m.t.Helper()
	d := diagnosis{result: m.run("", m.program, append([]string{"doctor", "--json"}, args...)...)}
	if err := json.Unmarshal([]byte(d.stdout), &d); err != nil {
		m.t.Fatalf("%v\n%v", err, d.result)
	}
	m.private(d.result)
	return d
}
