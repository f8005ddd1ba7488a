package prompt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// stand puts scripts in the place of dialog programs, and returns their
// folder.
func stand(t *testing.T, script string, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDialogProgram(t *testing.T) {
	both, z, k := stand(t, "", "zenity", "kdialog"), stand(t, "", "zenity"), stand(t, "", "kdialog")
	// A program in the current folder came with a repository.
	t.Chdir(z)
	for _, c := range []struct {
		name, display, wayland, path, desktop string
		want                                  string
	}{
		{"X", ":0", "", z, "", "zenity"},
		{"Wayland", "", "wayland-0", z, "", "zenity"},
		{"no desktop", "", "", both, "", ""},
		{"GNOME", ":0", "", both, "ubuntu:GNOME", "zenity"},
		{"KDE", ":0", "", both, "KDE", "kdialog"},
		{"KDE without its own", ":0", "", z, "KDE", "zenity"},
		{"only KDE's", ":0", "", k, "GNOME", "kdialog"},
		{"relative folders", ":0", "", ".::../" + filepath.Base(z), "", ""},
		{"behind relative folders", ":0", "", ".:" + k, "", "kdialog"},
		{"none", ":0", "", t.TempDir(), "", ""},
	} {
		env := map[string]string{"DISPLAY": c.display, "WAYLAND_DISPLAY": c.wayland, "PATH": c.path, "XDG_CURRENT_DESKTOP": c.desktop}
		w, err := asker("gui", env).way(Question{})
		if w.name != c.want || (err == nil) != (c.want != "") || err != nil && !errors.Is(err, ErrImpossible) {
			t.Errorf("%s: %q, %v", c.name, w.name, err)
		}
		// auto comes to it last.
		env["GIT_TERMINAL_PROMPT"] = "0"
		if w, _ := asker("auto", env).way(Question{}); w.name != c.want {
			t.Errorf("%s, auto: %q", c.name, w.name)
		}
		env["SSH_ASKPASS"] = program(t)
		if w, _ := asker("auto", env).way(Question{}); w.name != "askpass" {
			t.Errorf("%s, SSH_ASKPASS: %q", c.name, w.name)
		}
		if w, err := asker("auto", env).way(Question{TerminalOnly: "refused"}); err == nil {
			t.Errorf("%s: %q is asked where only a terminal may be", c.name, w.name)
		}
	}
}

// What the programs are given, read back by their own rules: zenity's entry
// and kdialog undo backslashes, then _ and & mark keys; zenity's list is
// markup.
func TestDialogArguments(t *testing.T) {
	dir := stand(t, `printf '%s\n' "$@" >"$0.arguments"; echo 123456`, "zenity", "kdialog")
	text := `<b>a_b & c\n</b>`
	for _, c := range []struct {
		d           dialog
		entry, list []string
	}{
		{zenity{desktop{program: dir + "/zenity", trace: t.Logf}},
			[]string{"--entry", "--title=git-credential-mfa", `--text=ours`, `<b>a__b & c\\n</b>`},
			[]string{"--list", "--title=git-credential-mfa", "--text=ours", `&lt;b&gt;a_b &amp; c\\n&lt;/b&gt;`, "--column=", "--hide-header",
				`--separator=\n`, "--width=640", "--height=320", "1  " + text, "2  --help"}},
		{kdialog{desktop{program: dir + "/kdialog", trace: t.Logf}},
			[]string{"--title", "git-credential-mfa", "--inputbox", "ours", `<b>a_b && c\\n</b>`},
			[]string{"--title", "git-credential-mfa", "--menu", "ours", `<b>a_b & c\\n</b>`, "1  " + text, "1  " + text, "2  --help", "2  --help"}},
	} {
		arguments := func() []string {
			out, err := os.ReadFile(dir + "/" + c.d.name() + ".arguments")
			if err != nil {
				t.Fatal(err)
			}
			return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		}
		if answer, err := c.d.enter(t.Context(), []string{"ours", text}); answer != "123456" || err != nil {
			t.Error(answer, err)
		}
		if got := arguments(); !slices.Equal(got, c.entry) {
			t.Errorf("%q", got)
		}
		if _, err := c.d.choose(t.Context(), []string{"ours", text}, []string{"1  " + text, "2  --help"}); err != nil {
			t.Error(err)
		}
		if got := arguments(); !slices.Equal(got, c.list) {
			t.Errorf("%q", got)
		}
	}
}

// A window says why it asks again: what STS refused, then what is no code.
func TestDialogAgain(t *testing.T) {
	dir := stand(t, `case "$*" in *"six digits, please"*) echo 123 456 ;; *) echo "$*" >"$0.first"; echo 12 ;; esac`, "zenity")
	p := asker("gui", map[string]string{"DISPLAY": ":0", "PATH": dir})
	p.For = "git, git-codecommit.us-east-1.amazonaws.com/v1/repos/demo\x1b"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer, err := p.Code(ctx, Question{Profile: "wo\u202erk\x1b[31m", Device: "pho\x07ne\u2028", Again: "refused: wait for the next code (9 s)"})
	if answer != "123456" || err != nil {
		t.Error(answer, err)
	}
	first, err := os.ReadFile(dir + "/zenity.first")
	want := regexp.MustCompile(`git-credential-mfa: AWS MFA code, 6 digits, within 1 minute \(until \d\d:\d\d:\d\d\)\nrefused: wait for the next code \(9 s\)\n\nFor: git, git-codecommit\.us-east-1\.amazonaws\.com/v1/repos/demo\?\nProfile: wo\?rk\?\[31m\nDevice: pho\?ne\?\n$`)
	if err != nil || !want.Match(first) {
		t.Errorf("%v: %s", err, first)
	}
}

// A Japanese window.
func TestDialogInJapanese(t *testing.T) {
	dir := stand(t, `case "$*" in *"6 桁の数字を入力してください"*) echo 123456 ;; *) echo "$*" >"$0.first"; echo 12 ;; esac`, "zenity")
	p := asker("gui", map[string]string{"DISPLAY": ":0", "PATH": dir})
	p.For = "git, git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"
	p.Language = func() language.Language { return language.Japanese }
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	answer, err := p.Code(ctx, Question{Profile: "work", Device: "phone"})
	if answer != "123456" || err != nil {
		t.Error(answer, err)
	}
	first, err := os.ReadFile(dir + "/zenity.first")
	want := regexp.MustCompile(`git-credential-mfa: AWS の MFA コード \(6 桁\)、2 分以内 \(\d\d:\d\d:\d\d まで\)\n\n用途: git, git-codecommit.*/demo\nプロファイル: work\nデバイス: phone\n$`)
	if err != nil || !want.Match(first) {
		t.Errorf("%v: %s", err, first)
	}
}

// A program that is no dialog is not started without end.
func TestDialogPretender(t *testing.T) {
	dir := stand(t, `echo window >>"$0.started"`, "zenity")
	p := asker("gui", map[string]string{"DISPLAY": ":0", "PATH": dir})
	if _, err := p.Code(t.Context(), Question{}); !errors.Is(err, ErrNotACode) {
		t.Error(err)
	}
	if _, err := p.Choose(t.Context(), language.Text{English: "which?", Japanese: "どれ"}, []string{"a", "b"}); !errors.Is(err, ErrCancelled) {
		t.Error(err)
	}
	if started, err := os.ReadFile(dir + "/zenity.started"); strings.Count(string(started), "\n") != 2*maxWindows {
		t.Errorf("%v: %s", err, started)
	}
}

// At the deadline all of it goes, also what a script around the real program
// has started.
func TestDialogDeadline(t *testing.T) {
	dir := stand(t, `sleep 30 & echo $! >"$0.child"; wait`, "zenity")
	p := asker("gui", map[string]string{"DISPLAY": ":0", "PATH": dir})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := p.Code(ctx, Question{}); !errors.Is(err, ErrTimeout) || time.Since(start) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if !gone(t, dir+"/zenity.child") {
		t.Error("the real program is left running")
	}
}

// gone waits for the end of the process whose id is in a file.
func gone(t *testing.T, file string) bool {
	t.Helper()
	child, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(child)) + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// Choose by a window, when the row is printed twice, as a double click has
// some versions do.
func TestChooseByDialog(t *testing.T) {
	dir := stand(t, `echo "2  b"; echo "2  b"`, "zenity")
	env := map[string]string{"DISPLAY": ":0", "PATH": dir, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/askpass"}
	var told string
	for mode, want := range map[string]string{"auto": "b", "gui": "b", "askpass": "", "tty": "", "none": ""} {
		p := asker(mode, env)
		p.Tell = func(format string, args ...any) { told = format }
		if mode == "tty" && p.terminal() {
			continue
		}
		if got, err := p.Choose(t.Context(), language.Text{English: "which?", Japanese: "どれ"}, []string{"a", "b"}); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", mode, got, err)
		}
	}
	if !strings.HasPrefix(told, "asking in a window: ") {
		t.Errorf("told %q", told)
	}
}
