package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// killAt, in the environment, makes this test binary a killer: it runs the
// program of its arguments, and kills it as it is about to make that system
// call, counted over all threads, of those that write. strace counts each
// thread and each call for itself, so that a program with threads is hit at
// another place each time, or never.
const killAt = "KILL_AT_WRITE"

func init() {
	at, err := strconv.Atoi(os.Getenv(killAt))
	if err != nil {
		return
	}
	os.Unsetenv(killAt)
	k := killer{at: at}
	err = k.run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.NewFile(3, "report")).Encode(k.seen)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "killer: ", err)
	}
	os.Exit(0)
}

// killer follows one program with ptrace(2). Whatever that starts goes free.
type killer struct {
	at   int
	seen []uint64 // the numbers of the system calls that write
	pid  int
}

func (k *killer) run(args []string) error {
	runtime.LockOSThread() // ptrace obeys one thread only
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	k.pid = cmd.Process.Pid
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(k.pid, &status, 0, nil); err != nil {
		return err
	}
	err := syscall.PtraceSetOptions(k.pid, unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_EXITKILL)
	if err != nil {
		return err
	}
	for thread, signal := k.pid, 0; ; {
		// A thread that has died meanwhile reports so to the next wait.
		if err := syscall.PtraceSyscall(thread, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		var err error
		if thread, err = syscall.Wait4(-1, &status, syscall.WALL, nil); errors.Is(err, syscall.ECHILD) {
			return nil
		} else if err != nil {
			return err
		}
		if signal, err = k.stopped(thread, status); err != nil {
			return err
		}
	}
}

// stopped judges why a thread stands still, and returns the signal to go on
// with.
func (k *killer) stopped(thread int, status syscall.WaitStatus) (int, error) {
	switch {
	case !status.Stopped():
		return 0, nil
	case status.StopSignal() == syscall.SIGTRAP|0x80:
		return 0, k.call(thread)
	case status.StopSignal() == syscall.SIGTRAP, status.StopSignal() == syscall.SIGSTOP:
		return 0, nil // a new thread, seen from both sides
	}
	return int(status.StopSignal()), nil
}

// call counts a system call that begins, and kills.
func (k *killer) call(thread int) error {
	var info struct { // ptrace_syscall_info
		op         uint8
		_          [3]uint8
		_          uint32
		_, _       uint64
		number     uint64
		arguments  [6]uint64
		_, _, _, _ uint64
	}
	if _, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(thread),
		unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0); errno != 0 {
		if errno == syscall.ESRCH {
			return nil
		}
		return errno
	}
	if info.op != unix.PTRACE_SYSCALL_INFO_ENTRY || !k.writes(info.number, info.arguments) {
		return nil
	}
	if k.seen = append(k.seen, info.number); len(k.seen) == k.at {
		return syscall.Kill(k.pid, syscall.SIGKILL)
	}
	return nil
}

// writing are the system calls that change something outside the process.
var writing = []uint64{unix.SYS_WRITE, unix.SYS_WRITEV, unix.SYS_PWRITE64, unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_CONNECT,
	unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_UNLINKAT, unix.SYS_MKDIRAT, unix.SYS_FCHMODAT, unix.SYS_FTRUNCATE,
	unix.SYS_FSYNC, unix.SYS_FLOCK, unix.SYS_ADD_KEY, unix.SYS_KEYCTL}

// writes reports whether a call is one of them. Go's threads wake each other
// now and then by a write to an eventfd, which nobody outside can see.
func (k *killer) writes(number uint64, arguments [6]uint64) bool {
	if number == unix.SYS_WRITE {
		file, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", k.pid, int32(arguments[0])))
		if err == nil && strings.Contains(file, "[eventfd]") {
			return false
		}
	}
	return number == unix.SYS_OPENAT && arguments[2]&unix.O_CREAT != 0 || slices.Contains(writing, number)
}

// underKiller runs the helper and kills it at that write, or never for 0. It
// returns the writes that were seen.
func (l *lab) underKiller(at int, stdin string, args ...string) (result, []uint64) {
	l.t.Helper()
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		l.t.Fatal(err)
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := l.command(ctx, strings.NewReader(stdin), self, append([]string{filepath.Join(built, "git-credential-mfa")}, args...)...)
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", killAt, at))
	cmd.ExtraFiles = []*os.File{writer}
	r := wait(l.t, cmd)
	writer.Close()
	var seen []uint64
	if err := json.NewDecoder(reader).Decode(&seen); err != nil || len(seen) == 0 {
		l.t.Fatalf("%d writes, %v: %v", len(seen), err, r)
	}
	return r, seen
}
