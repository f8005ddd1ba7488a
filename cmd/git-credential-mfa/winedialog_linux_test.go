package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// onDesktop gives the lab a screen. Wine looks for one when it starts.
func (l *wineLab) onDesktop() *desktop {
	t := l.t.(*testing.T)
	keyringtest.Need(t, "Xvfb", "xdotool")
	l.stop()
	d := &desktop{lab: l.lab, display: startServer(t)}
	t.Cleanup(l.stop) // before its screen goes
	d.setenv("DISPLAY", d.display)
	return d
}

func (d *desktop) startWine(l *wineLab, args ...string) *running {
	return d.start("wine", append([]string{filepath.Join(l.bin, "git-credential-mfa.exe")}, args...)...)
}

// testWindowsDialog: a window of Windows' own asks, shows what it is given as it
// is, asks again for what is no code, and ends by Escape.
func testWindowsDialog(t *testing.T, l *wineLab) {
	d := l.onDesktop()
	r := d.startWine(l, "--mfa-serial", hostile, "get")
	first := d.window(window{})
	d.screenshot(t, "windows")
	d.types(first, "12345", "Return")
	d.types(d.window(first), "123456", "Return")
	wantFailure(t, <-r.done, "asking in a window: MFA code for profile default, device GAHT<b>&amp;</b>?[31m_a__b\\n&c", "STS does not know this MFA device")
	d.setenv("GIT_CREDENTIAL_MFA_TRACE", "1")
	r = d.startWine(l, "--prompt", "gui", "get")
	d.types(d.window(window{}), "123", "Escape")
	wantFailure(t, <-r.done, "asking for the MFA code through a Windows dialog: cancelled", `"asking through a Windows dialog"`)
	login := d.startWine(l, "--prompt", "gui", "login")
	d.types(d.window(window{}), codeOf(t, d.device), "Return")
	if got := <-login.done; got.status != 0 || !strings.Contains(got.stderr, "session of arn:aws:iam::123456789012:user/alice") {
		t.Error(got)
	}
	if len(d.windows()) != 0 {
		t.Errorf("%v are left", d.windows())
	}
	tests := filepath.Join(l.bin, "prompt.test.exe")
	build := exec.Command("go", "test", "-c", "-o", tests, "../../internal/prompt")
	build.Env = append(os.Environ(), "GOOS=windows", "CGO_ENABLED=0", "GOFLAGS="+strings.ReplaceAll(os.Getenv("GOFLAGS"), "-race", ""))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	limit := d.run("", "wine", tests, "-test.v", "-test.run", "TestWindowsDialogLimit")
	if !strings.Contains(limit.stdout, "--- PASS: TestWindowsDialogLimit") {
		t.Error(limit)
	}
}

// testWindowsList: of several devices one is chosen in a list.
func testWindowsList(t *testing.T, l *wineLab) {
	l.writeAWSFiles(map[string]string{"region": region})
	other := l.user.AddDevice("arn:aws:iam::123456789012:mfa/alice-tablet")
	d := l.onDesktop()
	r := d.startWine(l, "get")
	list := d.window(window{})
	d.screenshot(t, "windows-list")
	d.types(list, "", "Down")
	d.types(list, "", "Return")
	d.types(d.window(list), codeOf(t, other), "Return")
	if got := <-r.done; !answered(got) || !strings.Contains(got.stderr, "asking in a window: which MFA device?") {
		t.Error(got)
	}
}
