package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fileLimit, in the environment, makes this test binary run the program of its
// arguments as on a full disk: no file can become longer than so many bytes.
const fileLimit = "LIMIT_FILE_SIZE"

func init() {
	bytes, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 64)
	if err != nil {
		return
	}
	os.Unsetenv(fileLimit)
	runtime.LockOSThread()
	// Blocked, the signal leaves the write with an error, as a full disk does;
	// both the block and the limit outlive exec.
	var blocked unix.Sigset_t
	blocked.Val[0] = 1 << (unix.SIGXFSZ - 1)
	err = unix.PthreadSigmask(unix.SIG_BLOCK, &blocked, nil)
	if err == nil {
		err = unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: bytes})
	}
	if err == nil {
		err = syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(99)
}

// onFullDisk runs the helper where nothing but empty files can be written.
func (l *lab) onFullDisk(stdin string, args ...string) result {
	l.t.Helper()
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	cmd := l.command(context.Background(), strings.NewReader(stdin), self, append([]string{filepath.Join(built, "git-credential-mfa")}, args...)...)
	cmd.Env = append(cmd.Env, fileLimit+"=0")
	return wait(l.t, cmd)
}

// A full disk costs no session that is held; a new one serves git once, and a
// login, which promises more, fails.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.write("process", "#!/bin/sh\ncat '"+l.home+"/phone'\n"))
	l.login()
	if r := l.onFullDisk(request("https", host, "v1/repos/demo"), "get"); !answered(r) || r.stderr != "" {
		t.Errorf("a cached answer: %v", r)
	}
	l.phone()
	r := l.onFullDisk("", "login", "--refresh")
	if r.status != 1 || !strings.Contains(r.stderr, "error: logging in: writing the session to the keyring: ") || !strings.Contains(r.stderr, "file too large") ||
		!strings.Contains(r.stderr, "hint: choose another keyring: --keyring keyctl") {
		t.Error(r)
	}
	if l.sessions() != 1 {
		t.Errorf("a code was spent: %d calls of GetSessionToken", l.sessions())
	}
	l.stillHeld()
	if left, err := filepath.Glob(filepath.Join(l.home, ".config", "git-credential-mfa", "keyring", ".tmp-*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v %v", left, err)
	}
	l.run("", "git-credential-mfa", "logout")
	l.device.Refresh()
	l.phone()
	r = l.onFullDisk(request("https", host, "v1/repos/demo"), "get")
	if !answered(r) || !strings.Contains(r.stderr, "warning: the session is used this once and not kept: ") {
		t.Error(r)
	}
	// A trace that can't be written is no reason to fail, and git hears of a
	// refusal that can't be noted.
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", filepath.Join(l.home, "trace"))
	l.write("phone", "no code\n")
	wantFailure(t, l.onFullDisk(request("https", host, "v1/repos/demo"), "get"), "not a code of 6 digits")
}

// A home that has become read-only (a container's, a disk with errors) keeps what
// it holds: the stored session answers. What would change something fails, also
// with the lock in the login session's own folder, and spends no code.
func TestReadOnlyHome(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can mount")
	}
	l := newLab(t)
	l.login()
	readOnly := func(args string) result {
		return l.run(request("https", host, "v1/repos/demo"), "unshare", "-m", "sh", "-c",
			`mount --bind "$HOME" "$HOME" && mount -o remount,bind,ro "$HOME" && exec git-credential-mfa `+args)
	}
	if r := readOnly("get"); !answered(r) || r.stderr != "" {
		t.Errorf("a cached answer: %v", r)
	}
	if r := readOnly("status"); r.status != 0 || !strings.Contains(r.stdout, "profile default") {
		t.Error(r)
	}
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.write("process", "#!/bin/sh\ncat '"+l.home+"/phone'\n"))
	l.phone()
	runtimeDir := t.TempDir()
	if err := os.Chmod(runtimeDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", runtimeDir} {
		l.setenv("XDG_RUNTIME_DIR", dir)
		for _, change := range []string{"login --refresh", "logout"} {
			if r := readOnly(change); r.status != 1 || !strings.Contains(r.stderr, "read-only file system") {
				t.Error(r)
			}
		}
	}
	if l.sessions() != 1 {
		t.Errorf("a code was spent: %d calls of GetSessionToken", l.sessions())
	}
	l.stillHeld()
}

// Without descriptors to open anything with, the helper answers or fails, and
// does so at once; the session survives. Below 8 of them no Go program starts.
func TestNoDescriptors(t *testing.T) {
	t.Parallel()
	for _, keyring := range []string{"file", "secret-service"} {
		t.Run(keyring, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if keyring == "secret-service" {
				l.secretService()
			}
			l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.write("process", "#!/bin/sh\ncat '"+l.home+"/phone'\n"))
			l.login()
			l.phone()
			for limit := 8; limit <= 12; limit++ {
				for _, command := range []string{"get", "login --refresh"} {
					r := l.run(request("https", host, "v1/repos/demo"), "sh", "-c", fmt.Sprintf("ulimit -n %d; exec git-credential-mfa %s", limit, command))
					if failed := r.status == 1 && strings.Contains(r.stderr, "too many open files"); r.took > slack*5*time.Second ||
						!failed && (command != "get" || !answered(r)) {
						t.Errorf("%d descriptors, %s: %v", limit, command, r)
					}
				}
			}
			l.stillHeld()
			if l.sessions() != 1 {
				t.Errorf("%d calls of GetSessionToken", l.sessions())
			}
		})
	}
}
