package main

import (
	"os/exec"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// openKeyring starts a session bus and a GNOME Keyring for the demo. It returns
// the variables by which programs find them, or nil if they can't be started.
func openKeyring() (env []string, done func()) {
	for _, program := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, func() {}
		}
	}
	d, err := keyringtest.Open()
	if err != nil {
		return nil, func() {}
	}
	return []string{"DBUS_SESSION_BUS_ADDRESS=" + d.Address(), "XDG_RUNTIME_DIR=" + d.RuntimeDir()}, d.Close
}
