package main

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// hostile is what a device or a profile could be called to mislead: markup,
// a control sequence, marks of a key, backslashes.
const hostile = "GAHT<b>&amp;</b>\x1b[31m_a__b\\n&c"

func TestDialog(t *testing.T) {
	t.Parallel()
	programs(t, func(t *testing.T, program string) {
		d := newDesktop(t, program)
		if err := d.user.WriteAWSFiles(d.home, "日本 & <i>_x</i>", map[string]string{"region": region}); err != nil {
			t.Fatal(err)
		}
		d.setenv("GIT_CREDENTIAL_MFA_SERIAL", serial)
		d.setenv("GIT_CREDENTIAL_MFA_TRACE", "1")
		r := d.start("git-credential-mfa", "--profile", "日本 & <i>_x</i>", "get")
		first := d.window(window{})
		d.types(first, "12345", "Return")
		second := d.window(first)
		d.types(second, codeOf(t, d.device), "Return")
		got := <-r.done
		if !answered(got) || d.sessions() != 1 {
			t.Fatal(got)
		}
		for _, text := range []string{
			"git-credential-mfa: asking in a window: MFA code for profile 日本 & <i>_x</i>, device " + serial + ", within 2 minutes\n",
			`"no mfa_process: none is set"`, `"no GIT_ASKPASS: it is not set"`, `"no terminal: `,
			`"no core.askPass: it is not set"`, `"no SSH_ASKPASS: it is not set"`, `"asking through ` + program + `"`,
		} {
			if !strings.Contains(got.stderr, text) {
				t.Errorf("stderr lacks %s:\n%s", text, got.stderr)
			}
		}
	})
}

// What a window shows is what there is: no markup, no key marks, no escapes,
// and the person can still answer.
func TestDialogHostile(t *testing.T) {
	t.Parallel()
	programs(t, func(t *testing.T, program string) {
		d := newDesktop(t, program)
		r := d.start("git-credential-mfa", "--mfa-serial", hostile, "get")
		w := d.window(window{})
		d.screenshot(t, program)
		d.types(w, "123456", "Return")
		wantFailure(t, <-r.done, "device GAHT<b>&amp;</b>?[31m_a__b\\n&c, within 2 minutes\n", "STS does not know this MFA device")
	})
}

func codeOf(t *testing.T, device *sandbox.Device) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	code, err := device.WaitCode(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// A window that is closed ends the question, and none pops up right after. An
// askpass that is there is not what --prompt gui means.
func TestDialogCancelled(t *testing.T) {
	t.Parallel()
	programs(t, func(t *testing.T, program string) {
		d := newDesktop(t, program)
		d.askpass()
		r := d.start("git-credential-mfa", "--prompt", "gui", "get")
		d.types(d.window(window{}), "123", "Escape")
		wantFailure(t, <-r.done, "asking for the MFA code through "+program+": cancelled", "hint: to be asked again: git-credential-mfa login")
		again := d.get("--prompt", "gui")
		wantFailure(t, again, " s ago", "only a terminal may ask", "git-credential-mfa login")
		if len(d.windows()) != 0 || d.questions() != 0 || d.sessions() != 0 {
			t.Errorf("%v are open, %d questions", d.windows(), d.questions())
		}
		// A login by hand asks, whatever was refused just now.
		login := d.start("git-credential-mfa", "--prompt", "gui", "login")
		d.types(d.window(window{}), d.phone(), "Return")
		if got := <-login.done; got.status != 0 {
			t.Error(got)
		}
	})
}

// The window goes with the process that asks, however that ends.
func TestDialogGoes(t *testing.T) {
	t.Parallel()
	programs(t, func(t *testing.T, program string) {
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			d := newDesktop(t, program)
			r := d.start("git-credential-mfa", "get")
			d.window(window{})
			_ = r.cmd.Process.Signal(signal)
			<-r.done
			for range 100 {
				if len(d.windows()) == 0 {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			if len(d.windows()) != 0 {
				t.Errorf("after %v the window stays", signal)
			}
		}
	})
}

func TestDialogLimit(t *testing.T) {
	slow(t) // takes the two minutes that it is about
	t.Parallel()
	d := newDesktop(t, "zenity")
	r := d.start("git-credential-mfa", "get")
	d.window(window{})
	got := <-r.done
	wantFailure(t, got, "no answer in time")
	if got.took < 2*time.Minute || got.took > 2*time.Minute+slack*10*time.Second || len(d.windows()) != 0 {
		t.Errorf("%v are open after %v", d.windows(), got.took)
	}
}

// Of several devices one is chosen in a window, where there is no terminal.
func TestDialogDevices(t *testing.T) {
	t.Parallel()
	programs(t, func(t *testing.T, program string) {
		d := newDesktop(t, program)
		d.writeAWSFiles(map[string]string{"region": region})
		other := d.user.AddDevice("arn:aws:iam::123456789012:mfa/alice-tablet")
		r := d.start("git-credential-mfa", "get")
		list := d.window(window{})
		d.types(list, "", "Down") // from the first row, which has the focus
		d.types(list, "", "Return")
		d.types(d.window(list), codeOf(t, other), "Return")
		if got := <-r.done; !answered(got) || !strings.Contains(got.stderr, "asking in a window: which MFA device?, within 2 minutes\n") {
			t.Error(got)
		}
	})
}

// A display that is gone is nobody's refusal.
func TestDialogWithoutDisplay(t *testing.T) {
	t.Parallel()
	programs(t, func(t *testing.T, program string) {
		d := newDesktop(t, program)
		d.setenv("DISPLAY", ":4711")
		for range 2 {
			wantFailure(t, d.get(), "there is no terminal and no askpass program or dialog to ask with", "display", "hint: run in a terminal: git-credential-mfa login")
		}
		d.setenv("DISPLAY", "")
		wantFailure(t, d.get("--prompt", "gui"), "neither DISPLAY nor WAYLAND_DISPLAY is set")
		d.setenv("DISPLAY", d.display)
		d.setenv("PATH", built)
		wantFailure(t, d.get("--prompt", "gui"), "neither zenity nor kdialog is on PATH")
	})
}
