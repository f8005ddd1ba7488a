// Package busguard keeps 99designs/keyring off the session bus while it is being imported. That library connects to
// D-Bus in an init function, on every run, and where dbus-launch is installed it leaves a dbus-daemon behind each time
// (hashicorp/vault#22560, 99designs/aws-vault#1220). Whoever imports the library imports this, and calls Restore in init.
//
// It may import nothing but os: Go initialises, of the packages that are ready, the first in the order of their import
// paths, and godbus/dbus, which the library needs, sorts after this module's path.
package busguard

import "os"

const variable = "DBUS_SESSION_BUS_ADDRESS"

var address, had = os.LookupEnv(variable)

// An address that can't be connected to, at once and without a search. No address at all would make the library look
// for a socket, and then run dbus-launch.
func init() { _ = os.Setenv(variable, "unix:path=/dev/null/off") }

// Restore gives the environment its bus address back, for our own client and for every child process.
func Restore() {
	if had {
		_ = os.Setenv(variable, address)
		return
	}
	_ = os.Unsetenv(variable)
}
