package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

const nobody = 65534

// asNobody runs the helper as another user of the machine, in a home of hers.
func (l *lab) asNobody(home, stdin string, args ...string) result {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := l.command(ctx, strings.NewReader(stdin), filepath.Join(l.dir, "git-credential-mfa"), args...)
	cmd.Env = append(cmd.Env, "HOME="+home)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	return wait(l.t, cmd)
}

// Two users of one machine, with the same access key even: each has a lock, a
// keyring and a question of her own. Who is in the other's home by mistake, as
// sudo without -H makes one, is told so, reads nothing and changes nothing.
func TestTwoUsers(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	l := newLab(t)
	hers := l.withNobody()
	l.login()
	before := l.files()
	get := request("https", host, "v1/repos/demo")
	wantFailure(t, l.asNobody(l.home, get, "get"), "permission denied", "hint: ")
	if r := l.asNobody(l.home, "", "status"); r.status != 1 {
		t.Error(r)
	}
	if after := l.files(); after != before {
		t.Errorf("another user changed\n%s\nto\n%s", before, after)
	}
	// In her own home she is a stranger, and is asked.
	l.setenv("AWS_CONFIG_FILE", filepath.Join(l.home, ".aws", "config"))
	l.setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(l.home, ".aws", "credentials"))
	if r := l.asNobody(hers, "", "status"); r.status != 0 || !strings.Contains(r.stdout, "no sessions") {
		t.Error(r)
	}
	if r := l.asNobody(hers, l.otherCode()+"\n", "login", "--code", "-"); r.status != 0 {
		t.Error(r)
	}
	if r := l.asNobody(hers, get, "--prompt", "none", "get"); !answered(r) {
		t.Error(r)
	}
	l.stillHeld()
	if l.sessions() != 2 {
		t.Errorf("%d calls of GetSessionToken", l.sessions())
	}
}

// The session bus of another user, whose Secret Service takes what it is given,
// gets nothing: neither by an address that was left over nor by a runtime folder.
func TestBusOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	l := newLab(t)
	foreign := keyringtest.StartAs(t, nobody)
	l.useBus(foreign)
	l.askpass()
	l.login()
	t.Cleanup(func() { l.run("", "git-credential-mfa", "logout") })
	l.phone()
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "status"); r.status != 0 || strings.Contains(r.stdout, "secret-service") {
		t.Error(r)
	}
	if n := foreign.Items(t); n != 0 {
		t.Errorf("the other user holds %d items of this program", n)
	}
}

// After su, the address of the bus is the first user's: the next keyring serves,
// and nothing is said of unlocking.
func TestBusBeforeSu(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	l := newLab(t)
	hers := l.withNobody()
	for _, reach := range []os.FileMode{0o700, 0o711} { // as /run/user/UID is, and as one that lets others through
		first := keyringtest.Start(t)
		if err := os.Chmod(first.RuntimeDir(), reach); err != nil {
			t.Fatal(err)
		}
		l.useBus(first)
		l.setenv("AWS_CONFIG_FILE", filepath.Join(l.home, ".aws", "config"))
		l.setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(l.home, ".aws", "credentials"))
		if r := l.asNobody(hers, l.phone()+"\n", "login", "--code", "-"); r.status != 0 || strings.Contains(r.stderr, "lock") {
			t.Error(r)
		}
		if r := l.asNobody(hers, request("https", host, "v1/repos/demo"), "--prompt", "none", "get"); !answered(r) || r.stderr != "" {
			t.Error(r)
		}
		if r := l.asNobody(hers, "", "logout"); r.status != 0 {
			t.Error(r)
		}
		if n := first.Items(t); n != 0 {
			t.Errorf("the first user holds %d items", n)
		}
	}
}

// Root with the home of a user (sudo -E, su, a container with a mounted home)
// makes nothing there; what an earlier root has left is named to the user, with
// the command that gives it back.
func TestRootInAUsersHome(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	l := newLab(t)
	_ = l.withNobody()
	l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "none")
	l.run("", "chown", "-R", "65534:65534", l.home)
	before := l.run("", "find", l.home).stdout
	get := request("https", host, "v1/repos/demo")
	wantFailure(t, l.get(), "no private folder for locks", l.home+": it belongs to another user", "hint: use your own home folder: sudo -H")
	if after := l.run("", "find", l.home).stdout; after != before {
		t.Errorf("root made\n%s\nwhere there was\n%s", after, before)
	}
	runtime := filepath.Join(l.dir, "runtime")
	if err := os.Mkdir(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	l.setenv("XDG_RUNTIME_DIR", runtime)
	wantFailure(t, l.get(), "asking for the MFA code")
	// An earlier root has made the folders.
	l.setenv("XDG_RUNTIME_DIR", "")
	left := filepath.Join(l.home, ".cache", "git-credential-mfa")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	wantFailure(t, l.asNobody(l.home, get, "get"), `hint: to make it yours again: sudo chown -R "$(id -u)" `+filepath.Dir(left))
	l.run("", "chown", "65534:65534", filepath.Dir(left))
	r := l.asNobody(l.home, get, "get")
	wantFailure(t, r, `hint: to make it yours again: sudo chown -R "$(id -u)" `+left+"\n")
	l.run("", "chown", "-R", "65534:65534", left)
	wantFailure(t, l.asNobody(l.home, get, "get"), "asking for the MFA code")
}

// withNobody lets the other user into the lab's world and program, with the
// access key of the lab's user, and returns a home of her own.
func (l *lab) withNobody() (home string) {
	l.t.Helper()
	program, err := os.ReadFile(filepath.Join(built, "git-credential-mfa"))
	if err == nil {
		err = writeExecutable(filepath.Join(l.dir, "git-credential-mfa"), program, 0o755)
	}
	for _, dir := range []string{filepath.Dir(l.dir), l.dir, l.home, filepath.Join(l.home, ".aws"), filepath.Dir(l.world.CAFile())} {
		err = errors.Join(err, os.Chmod(dir, 0o755))
	}
	for _, file := range []string{"config", "credentials"} {
		err = errors.Join(err, os.Chmod(filepath.Join(l.home, ".aws", file), 0o644))
	}
	home = filepath.Join(l.dir, "hers")
	err = errors.Join(err, os.Mkdir(home, 0o700), os.Chown(home, nobody, nobody))
	if err != nil {
		l.t.Fatal(err)
	}
	return home
}

// files lists what the user has of this program's, with modes.
func (l *lab) files() string {
	l.t.Helper()
	var list strings.Builder
	for _, pattern := range []string{".cache/*", ".cache/*/*", ".config/*", ".config/*/*", ".config/*/*/*"} {
		names, _ := filepath.Glob(filepath.Join(l.home, pattern))
		for _, name := range names {
			info, err := os.Lstat(name)
			if err != nil {
				l.t.Fatal(err)
			}
			if strings.Contains(name, "git-credential-mfa") && info.Mode().Perm()&0o077 != 0 {
				l.t.Errorf("others have access to %s: %v", name, info.Mode())
			}
			list.WriteString(name + " " + info.Mode().String() + " " + info.ModTime().String() + "\n")
		}
	}
	return list.String()
}
