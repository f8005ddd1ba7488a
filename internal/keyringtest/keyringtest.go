// Package keyringtest starts a session bus and a GNOME Keyring for a test, with
// an unlocked login collection. It does not touch the machine's own keyring. It
// also builds a library that stands in for macOS's keychain.
package keyringtest

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// Need skips the test if a tool is missing. In CI on Linux it fails it, because
// all tests must run there.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			Missing(t, tool+" is not installed")
		}
	}
}

// Missing skips the test for a reason. In CI on Linux it fails it, because
// .ci/run installs every tool. Under Wine and on other systems, some tests have
// to be skipped.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") != "" && runtime.GOOS == "linux" {
		t.Fatalf("in CI nothing may be missing: %s", reason)
	}
	t.Skip(reason)
}
