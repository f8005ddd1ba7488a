// Package keyringtest gives tests a session bus and a GNOME Keyring of their
// own, with an unlocked login collection, and takes both away again. Nothing of
// the machine's own keyring is seen or touched.
package keyringtest

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// Need skips the test when a tool is missing, but fails it in CI, where a
// skipped test would be a promise unkept.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			Missing(t, tool+" is not installed")
		}
	}
}

// Missing skips the test for the reason given, but fails it in CI on Linux,
// where .ci/run installs every tool. Tests of the Windows build under Wine, and
// on machines of other systems, skip what those systems do not have.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") != "" && runtime.GOOS == "linux" {
		t.Fatalf("in CI nothing may be missing: %s", reason)
	}
	t.Skip(reason)
}
