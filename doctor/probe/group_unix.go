//go:build unix

package probe

import (
	"os"
	"os/exec"
	"syscall"
)

// group is a program with everything that it starts.
type group struct{ cmd *exec.Cmd }

// newGroup makes a program start in a session of its own, so that it and what it
// starts have no terminal to ask at.
func newGroup(cmd *exec.Cmd) group {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return group{cmd}
}

func (group) join(*os.Process) error { return nil }

// end kills the group.
func (g group) end() error {
	return syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL) // mutation: the witness ends with all that it started
}

func (group) close() {}
