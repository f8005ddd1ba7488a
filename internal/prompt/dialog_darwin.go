package prompt

import "syscall"

// dialog uses the system's own programs, whatever PATH is.
func (p *Prompter) dialog() (dialog, error) {
	return p.appleDialog("/usr/bin/osascript", "/bin/launchctl")
}

// ownGroup puts a program into a process group, so that it can be killed with
// all that it starts. If this process is killed, a Mac's kernel does not end
// the program: its window stays until its own time limit.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
