//go:build !linux

package main

// openKeyring has none: the keychain and the Credential Manager are the person's
// own, which the demo does not touch.
func openKeyring() (env []string, done func()) { return nil, func() {} }
