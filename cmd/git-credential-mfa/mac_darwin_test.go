package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// needMac skips the test unless the keychain is a test's, as in .ci/macos.
func needMac(t *testing.T) {
	t.Helper()
	if os.Getenv("GIT_CREDENTIAL_MFA_MAC_TESTS") == "" {
		t.Skip("changes the default keychain; runs with GIT_CREDENTIAL_MFA_MAC_TESTS=1, as in .ci/macos")
	}
}

func macBuild(string) []string { return nil }

// adHoc signs a program as the release does.
func adHoc(program string) error {
	return printed(exec.Command("../../packaging/adhoc", runtime.GOOS, runtime.GOARCH, program))
}

// install makes a keychain with a known password in the lab's home.
func (m *macLab) install() {
	m.t.Helper()
	for _, folder := range []string{"Keychains", "Preferences"} {
		if err := os.MkdirAll(filepath.Join(m.home, "Library", folder), 0o700); err != nil {
			m.t.Fatal(err)
		}
	}
	keychain := filepath.Join(m.home, "Library", "Keychains", "lab.keychain-db")
	for _, args := range [][]string{
		{"create-keychain", "-p", "test", keychain}, {"set-keychain-settings", keychain}, {"unlock-keychain", "-p", "test", keychain},
		{"list-keychains", "-d", "user", "-s", keychain}, {"default-keychain", "-d", "user", "-s", keychain},
	} {
		if r := m.run("", m.tool("security"), args...); r.status != 0 {
			m.t.Fatal(args, r)
		}
	}
	m.t.Cleanup(func() { m.security("delete-keychain", keychain) })
}

func (m *macLab) tool(name string) string { return "/usr/bin/" + name }

func (m *macLab) path() string { return os.Getenv("PATH") }

// dialogs are of the process that shows the keychain's.
func (m *macLab) dialogs() string {
	out, _ := exec.Command("/usr/bin/pgrep", "-x", "SecurityAgent").Output()
	return string(out)
}
