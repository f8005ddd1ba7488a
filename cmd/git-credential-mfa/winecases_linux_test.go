package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testConsole: the person is asked in the console, also for one more code, and
// git gets the answer and nothing else.
func testConsole(t *testing.T, l *wineLab) {
	s, cmd := l.onConsole("get")
	s.shows("AWS MFA for profile default (" + serial)
	s.types("12345\r")
	s.shows("six digits, please:")
	s.types(l.phone() + "\r")
	answer := l.answer(cmd)
	text, ok := strings.CutSuffix(answer, "exit 0\n")
	if !ok || !answered(result{stdout: text}) || l.sessions() != 1 {
		t.Errorf("%q, %d sessions\n%s", answer, l.sessions(), s)
	}
	if strings.Count(s.String(), "six digits") != 1 || strings.Contains(s.String(), "password=") {
		t.Error(s)
	}
}

// testConsoleEnded: Ctrl-C and Ctrl-Z, which is the end of a file there, end
// the question.
func testConsoleEnded(t *testing.T, l *wineLab) {
	for _, typed := range []string{"123\x03", "\x1a\r"} {
		s, cmd := l.onConsole("--prompt", "tty", "get")
		s.shows("AWS MFA for profile default")
		s.types(typed)
		if answer := l.answer(cmd); answer != "quit=1\nexit 1\n" || !strings.Contains(s.String(), "cancelled") || l.sessions() != 0 {
			t.Errorf("%q: %q\n%s", typed, answer, s)
		}
	}
}

// testNoConsole: where nobody would see the question, it is not put.
func testNoConsole(t *testing.T, l *wineLab) {
	got := l.run(request("https", host, "v1/repos/demo"), "wine", filepath.Join(l.bin, "git-credential-mfa.exe"), "--prompt", "tty", "get")
	wantFailure(t, got, "there is no terminal")
	l.setenv("GITLIKE", "no-window")
	s, cmd := l.onConsole("--prompt", "tty", "get")
	if answer := l.answer(cmd); !strings.HasSuffix(answer, "quit=1\nexit 1\n") || !strings.Contains(answer, "there is no terminal") {
		t.Errorf("%q\n%s", answer, s)
	}
}

// answer waits for the end, and returns what the helper printed.
func (l *wineLab) answer(cmd *exec.Cmd) string {
	l.t.Helper()
	if err := cmd.Wait(); err != nil {
		l.t.Error(err)
	}
	return l.note("answer")
}

// testGitBash: where git has set MSYS up, bash asks.
func testGitBash(t *testing.T, l *wineLab) {
	l.setenv("MSYSTEM", "MINGW64")
	l.setenv("WINEPATH", windowsPath(l.bin))
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", "1")
	s, cmd := l.onConsole("get")
	s.shows("in mintty:")
	s.shows("AWS MFA for profile default (" + serial)
	s.types(l.phone() + "\r")
	answer := l.answer(cmd)
	if text, _ := strings.CutSuffix(answer, "exit 0\n"); !answered(result{stdout: text}) || !strings.Contains(s.String(), "bash.exe") {
		t.Errorf("%q\n%s", answer, s)
	}
}

// testWineClone: git clones with a code, and again with what Credential
// Manager holds. The code is shown by a program of Windows.
func testWineClone(t *testing.T, l *wineLab) {
	helper := strings.NewReplacer(" ", `\ `, "(", `\(`, ")", `\)`, "'", `\'`).Replace(filepath.Join(l.bin, "git-credential-mfa.exe"))
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", `C:\windows\system32\cmd.exe /c type `+windowsPath(filepath.Join(l.home, "phone")))
	l.write(".gitconfig", "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper =\n\thelper = \"!wine "+
		strings.ReplaceAll(helper, `\`, `\\`)+"\"\n\tuseHttpPath = true\n")
	l.phone()
	for i, folder := range []string{"first", "second"} {
		if i == 1 {
			l.write("phone", "no code\n")
		}
		if r := l.run("", "git", "clone", "-q", l.url, folder); r.status != 0 || l.sessions() != 1 {
			t.Fatalf("%d sessions, %v", l.sessions(), r)
		}
	}
	if r := l.wine("git-credential-mfa.exe", "logout"); r.status != 0 {
		t.Error(r)
	}
	if r := l.run("", "git", "clone", "-q", l.url, "third"); r.status == 0 || !strings.Contains(r.stderr, "mfa_process") {
		t.Error("after logout it clones without a code: ", r)
	}
}

// testWineConfigure: the line for git's configuration starts the program from
// a shell, as Git for Windows has it do, wherever it is installed. A shell of
// Linux starts wine, which is what stands at the path that the shell is given.
func testWineConfigure(t *testing.T, l *wineLab) {
	program, err := os.ReadFile(filepath.Join(l.bin, "git-credential-mfa.exe"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"plain", "sp ace (x86)", "b\u00fcro \u65e5\u672c", "semi;colon#hash", "d'Éva", "$HOME`x`&a", "[a]{b}!~^%=,+@"} {
		file := l.write("C:/"+folder+"/git-credential-mfa.exe", string(program))
		configured := l.run("", "wine", file, "configure", "--dry-run", "--profile", "my profile's")
		var line string
		for text := range strings.Lines(configured.stdout) {
			if value, ok := strings.CutPrefix(text, "\thelper = "); ok && line == "" {
				line = strings.TrimSpace(value)
			}
		}
		if configured.status != 0 || strings.Contains(line, `\\Z`) || !strings.HasPrefix(strings.Trim(line, `"`), "Z:/") {
			t.Errorf("%s: %q\n%v", folder, line, configured)
			continue
		}
		// git reads the value, the shell the command. Z: is the root of Linux.
		l.write("config", "[x]\n\thelper = "+line+"\n")
		value := l.run("", "git", "config", "--file", filepath.Join(l.home, "config"), "x.helper").stdout
		command := strings.TrimPrefix(strings.TrimSpace(value), "Z:")
		if r := l.run("", "sh", "-c", `wine `+command+` --version && printf '%s\n' `+command); r.status != 0 ||
			!strings.HasPrefix(r.stdout, "git-credential-mfa ") || !strings.HasSuffix(r.stdout, "\n"+file+"\n--profile\nmy profile's\n") {
			t.Errorf("%s: %q: %v", folder, value, r)
		}
	}
}
