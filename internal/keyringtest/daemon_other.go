//go:build !linux

package keyringtest

import "testing"

// Daemon is a running keyring, on Linux only.
type Daemon struct{}

// Start skips the test, because only Linux has the Secret Service.
func Start(t testing.TB) *Daemon { return StartBus(t) }

// StartBus skips the test.
func StartBus(t testing.TB) *Daemon {
	t.Helper()
	t.Skip("the Secret Service is Linux's")
	return nil
}

// Env is never reached.
func (*Daemon) Env() []string { return nil }

// Lock is never reached.
func (*Daemon) Lock(testing.TB) {}

// Unlock is never reached.
func (*Daemon) Unlock(testing.TB) {}

// Freeze is never reached.
func (*Daemon) Freeze(testing.TB) {}

// Thaw is never reached.
func (*Daemon) Thaw(testing.TB) {}
