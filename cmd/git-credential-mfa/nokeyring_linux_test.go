package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// noKeyctl, in the environment, makes this test binary run the program of its
// arguments as in most containers: the kernel's keyring is denied.
const noKeyctl = "DENY_KEYCTL"

func init() {
	if os.Getenv(noKeyctl) == "" {
		return
	}
	os.Unsetenv(noKeyctl)
	runtime.LockOSThread()
	const load, equal, answer = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	filter := []unix.SockFilter{ // seccomp(2)
		{Code: load, K: 0}, // the number of the system call
		{Code: equal, K: unix.SYS_ADD_KEY, Jt: 3},
		{Code: equal, K: unix.SYS_REQUEST_KEY, Jt: 2},
		{Code: equal, K: unix.SYS_KEYCTL, Jt: 1},
		{Code: answer, K: unix.SECCOMP_RET_ALLOW},
		{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err == nil {
		err = unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
	}
	if err == nil {
		err = syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(99)
}

// With no keyring of any kind, the code is asked each time, which is said each
// time, and a login, which could keep nothing, asks nothing.
func TestNoKeyringAtAll(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "auto")
	l.askpass()
	l.setenv(noKeyctl, "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(command string) result {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return wait(t, l.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), self, filepath.Join(built, "git-credential-mfa"), command))
	}
	for range 2 {
		l.phone()
		if r := run("get"); !answered(r) || strings.Count(r.stderr, "warning: there is no keyring here, so the session is not kept") != 1 {
			t.Error(r)
		}
	}
	if r := run("login"); r.status != 1 || !strings.Contains(r.stderr, "there is no keyring") || !strings.Contains(r.stderr, "hint: choose a keyring: ") {
		t.Error(r)
	}
	if r := run("status"); r.status != 0 || !strings.Contains(r.stdout, "keyring: none") {
		t.Error(r)
	}
	l.asked(2, 2, 0)
}
