package prompt

// dialog is by the system's own programs, wherever PATH points to.
func (p *Prompter) dialog() (dialog, error) {
	return p.appleDialog("/usr/bin/osascript", "/bin/launchctl")
}
