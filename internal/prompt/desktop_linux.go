package prompt

import "syscall"

// ownGroup has a program killed with all that it starts, also when this
// process is, which can't say so any more. The kernel watches the thread that
// starts it (PR_SET_PDEATHSIG), which must be locked.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
