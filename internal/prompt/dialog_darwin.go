package prompt

import "syscall"

// dialog is by the system's own programs, wherever PATH points to.
func (p *Prompter) dialog() (dialog, error) {
	return p.appleDialog("/usr/bin/osascript", "/bin/launchctl")
}

// ownGroup has a program killed with all that it starts. A Mac's kernel kills
// nothing for a parent that was killed itself: then the window stays until its
// own time is over.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
