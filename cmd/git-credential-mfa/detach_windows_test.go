package main

import (
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// detach gives a program a console that nobody sees.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
	cmd.WaitDelay = 5 * time.Second
}
