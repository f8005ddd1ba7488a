package prompt

import "syscall"

// ownGroup has a program killed with all that it starts. A Mac's kernel kills
// nothing for a parent that was killed itself: then the window stays until its
// own time is over.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
