package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
	"github.com/git-credential-mfa/git-credential-mfa/internal/mactest"
)

// pretend is the Mac for which macPrograms builds; each lab has a keychain of its
// own on it.
var pretend mactest.Mac

func needMac(t *testing.T) {
	t.Helper()
	keyringtest.Need(t, "go", "gcc")
}

func macBuild(folder string) []string {
	if pretend.Overlay == "" {
		var err error
		if pretend, err = mactest.Make(folder); err != nil {
			return []string{"-overlay", err.Error()}
		}
	}
	return []string{"-overlay", pretend.Overlay}
}

func adHoc(string) error { return nil }

func (m *macLab) mac() mactest.Mac {
	mac := pretend
	mac.Keychain = filepath.Join(m.dir, "keychain")
	mac.Xcode = filepath.Join(m.dir, "Xcode-beta.app")
	return mac
}

func (m *macLab) install() {
	m.t.Helper()
	if err := os.Symlink(pretend.Xcode, m.mac().Xcode); err != nil {
		m.t.Fatal(err)
	}
	m.env = append(m.env, m.mac().Environment()...)
}

func (m *macLab) tool(name string) string { return filepath.Join(pretend.Bin, name) }

func (m *macLab) path() string { return pretend.Bin + ":" + os.Getenv("PATH") }

func (m *macLab) dialogs() string { return m.mac().Dialogs() }

// Apple's git is found wherever Xcode lies; where there is none, its place in
// /usr/bin is not run, since it would offer to install one.
func TestMacWithoutGit(t *testing.T) {
	t.Parallel()
	m := newMacLab(t)
	if d := m.doctor("--offline"); d.level("CCM501") != "ok" || !strings.Contains(d.says("CCM501"), pretend.Bin+"/git") {
		t.Errorf("with Xcode: %v", d)
	}
	if err := os.Remove(m.mac().Xcode); err != nil {
		t.Fatal(err)
	}
	m.setenv("PATH", pretend.Bin) // not where Linux has its git
	if d := m.doctor("--offline"); d.level("CCM501") != "error" || d.fix("CCM501") != "xcode-select --install" {
		t.Errorf("without: %v", d)
	}
	if r := m.run("", m.program, "version", "--verbose"); r.status != 0 || !strings.Contains(r.stdout, "no git") {
		t.Error(r)
	}
}

// The age of what osxkeychain has stored is read without it.
func TestMacOldPassword(t *testing.T) {
	t.Parallel()
	m := newMacLab(t)
	mark := m.besideOsxkeychain()
	m.stored(staleName)
	text, err := os.ReadFile(m.mac().Keychain)
	if err != nil {
		t.Fatal(err)
	}
	item := strings.Fields(string(text))
	item[5] = strconv.FormatInt(time.Now().Add(-26*time.Hour).Unix()-978307200, 10) // its time, as seconds since 2001
	if err := os.WriteFile(m.mac().Keychain, []byte(strings.Join(item, " ")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := m.doctor("--offline", m.url)
	if d.level("CCM507") != "error" || !strings.Contains(d.says("CCM507"), "signed 26 hours ago") || d.fix("CCM507") != "git-credential-mfa configure --yes" {
		t.Errorf("%v", d)
	}
	if r := m.run("", m.program, "configure", "--yes"); r.status != 0 {
		t.Error(r)
	}
	if d := m.doctor("--offline", m.url); d.level("CCM507") != "ok" {
		t.Errorf("after its fix: %v", d)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("git-credential-osxkeychain was run")
	}
}
