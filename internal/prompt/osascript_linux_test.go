package prompt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// theMac returns the Mac's dialog with scripts in the place of osascript and
// launchctl, and their folder.
func theMac(t *testing.T, script string) (dialog, string) {
	t.Helper()
	dir := stand(t, script, "osascript")
	launchctl := stand(t, `[ "$*" = managername ] && echo Aqua`, "launchctl")
	d, err := asker("gui", nil).appleDialog(filepath.Join(dir, "osascript"), filepath.Join(launchctl, "launchctl"))
	if err != nil {
		t.Fatal(err)
	}
	return d, dir
}

// A window that nobody sees is not put up: over SSH, or where launchd has no
// desktop for us.
func TestOsascriptDesktop(t *testing.T) {
	for _, c := range []struct {
		name, variable, launchctl string
		ok                        bool
	}{
		{"desktop", "", "echo Aqua", true},
		{"SSH, no terminal", "SSH_CONNECTION", "echo Aqua", false},
		{"SSH", "SSH_TTY", "echo Aqua", false},
		{"cron, or a session of SSH's that lost its variables", "", "echo Background", false},
		{"before the login", "", "echo LoginWindow", false},
		{"an old launchctl", "", "echo Aqua; exit 64", false},
		{"nothing said", "", "", false},
	} {
		dir := stand(t, c.launchctl, "launchctl")
		d, err := asker("gui", map[string]string{c.variable: "x"}).appleDialog("/usr/bin/osascript", filepath.Join(dir, "launchctl"))
		if (d != nil) != c.ok || (err == nil) != c.ok {
			t.Errorf("%s: %v, %v", c.name, d, err)
		}
	}
}

// What is shown is an argument, never a part of a script, and no option.
func TestOsascriptArguments(t *testing.T) {
	d, dir := theMac(t, `printf '%s\0' "$@" >"$0.arguments"; echo answer 123 456`)
	text := "\" & (do shell script \"touch /tmp/x\") & \"\n--help\\n<b>"
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second+500*time.Millisecond)
	defer cancel()
	arguments := func(script string) string {
		t.Helper()
		out, err := os.ReadFile(dir + "/osascript.arguments")
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := strings.CutPrefix(string(out), "-e\x00"+script+"\x0090\x00git-credential-mfa\x00")
		if !ok {
			t.Errorf("%q", out)
		}
		return rest
	}
	if answer, err := d.enter(ctx, []string{"ours", text}); answer != "123 456" || err != nil {
		t.Error(answer, err)
	}
	if rest := arguments(enterScript); rest != "ours\n"+text+"\x00" {
		t.Errorf("%q", rest)
	}
	if _, err := d.choose(ctx, []string{"ours", text}, []string{"1  " + text, "-2"}); err != nil {
		t.Error(err)
	}
	if rest := arguments(chooseScript); rest != "ours\n"+text+"\x001  "+text+"\x00-2\x00" {
		t.Errorf("%q", rest)
	}
}

// Cancel, the window's own time and an error are three things, and none can be
// typed.
func TestOsascriptEnds(t *testing.T) {
	for _, c := range []struct {
		script, want string
		err          error
	}{
		{"echo answer 123456", "123456", nil},
		{"echo answer cancelled", "cancelled", nil},
		{"echo 'answer '", "", nil},
		{"echo cancelled", "", ErrCancelled},
		{"echo gave up", "", ErrTimeout},
		{"echo '0:1: execution error: No user interaction allowed. (-1713)' >&2; exit 1", "", ErrImpossible},
		{"true", "", ErrImpossible},
		{"echo 123456", "", ErrImpossible},
		{"yes", "", ErrNotACode},
	} {
		d, _ := theMac(t, c.script)
		answer, err := d.enter(t.Context(), []string{"ours"})
		if answer != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", c.script, answer, err)
		}
	}
	d, _ := theMac(t, "echo '0:1: execution error: No user interaction allowed. (-1713)' >&2; exit 1")
	if _, err := d.enter(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "(-1713)") {
		t.Errorf("the reason is lost: %v", err)
	}
}

// At the deadline the window goes, with all that stands behind it.
func TestOsascriptDeadline(t *testing.T) {
	d, dir := theMac(t, `sleep 30 & echo $! >"$0.child"; wait`)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := d.choose(ctx, []string{"which?"}, []string{"a"}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if !gone(t, dir+"/osascript.child") {
		t.Error("the window is left standing")
	}
}
