//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// detach takes the terminal away from a program, and kills its whole group
// when its context ends.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
}
