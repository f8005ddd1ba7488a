package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
	"github.com/git-credential-mfa/git-credential-mfa/internal/winetest"
)

// wineLab is a lab with a Windows of its own, in which the Windows build is
// installed in a folder of an awkward name.
type wineLab struct {
	*lab
	bin string
}

// newWineLab makes what all tests under Wine share; each takes a lab from it.
func newWineLab(t *testing.T) func(*testing.T) *wineLab {
	t.Helper()
	keyringtest.Need(t, "wine", "wineserver")
	dir := t.TempDir()
	bin := filepath.Join(dir, "Programme (x86) d'Éva")
	for _, program := range []string{".", "../../internal/winetest/gitlike", "../../internal/winetest/bash"} {
		cmd := exec.Command("go", "build", "-o", bin+"/", program)
		cmd.Env = append(os.Environ(), "GOOS=windows", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("building for Windows: %v\n%s", err, out)
		}
	}
	prefix := filepath.Join(dir, "prefix")
	env, err := winetest.Make(prefix)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		winetest.Stop(env)
		for try := 0; os.RemoveAll(prefix) != nil && try < 50; try++ { // the last ones are still writing
			time.Sleep(100 * time.Millisecond)
		}
	})
	return func(t *testing.T) *wineLab {
		t.Helper()
		l := &wineLab{newLab(t), bin}
		l.env = append(l.env, env...)
		// Wine has no use for Unix' paths in the environment, and no display
		// but one that a test gives it.
		l.setenv("AWS_CA_BUNDLE", windowsPath(l.world.CAFile()))
		l.setenv("AWS_CONFIG_FILE", windowsPath(filepath.Join(l.home, ".aws", "config")))
		l.setenv("AWS_SHARED_CREDENTIALS_FILE", windowsPath(filepath.Join(l.home, ".aws", "credentials")))
		l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "auto")
		l.setenv("GIT_CREDENTIAL_MFA_PASSPHRASE", "")
		l.setenv("DISPLAY", "")
		l.setenv("LC_ALL", "C.UTF-8") // in which Wine reads names of files
		t.Cleanup(func() { l.wine("git-credential-mfa.exe", "logout", "--all") })
		return l
	}
}

func windowsPath(path string) string { return "Z:" + strings.ReplaceAll(path, "/", `\`) }

// wine runs one of the programs.
func (l *wineLab) wine(program string, args ...string) result {
	l.t.Helper()
	return l.run("", "wine", append([]string{filepath.Join(l.bin, program)}, args...)...)
}

// onConsole runs the helper as git.exe would, in a console on a terminal.
func (l *wineLab) onConsole(args ...string) (*screen, *exec.Cmd) {
	t := l.t.(*testing.T)
	t.Helper()
	s, slave := newScreen(t)
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 25, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil { // Wine's console shows what is typed itself
		t.Fatal(err)
	}
	asked := l.write("request", request("https", host, "v1/repos/demo"))
	args = append([]string{filepath.Join(l.bin, "gitlike.exe"), windowsPath(asked), windowsPath(filepath.Join(l.home, "answer")),
		filepath.Join(l.bin, "git-credential-mfa.exe")}, args...)
	cmd := exec.Command("wine", args...)
	cmd.Env, cmd.Dir = l.env, l.home
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	slave.Close()
	return s, cmd
}

// TestWindows runs the Windows build under Wine.
func TestWindows(t *testing.T) {
	t.Parallel()
	newLab := newWineLab(t)
	for name, test := range map[string]func(*testing.T, *wineLab){
		"console": testConsole, "console ended": testConsoleEnded, "no console": testNoConsole,
		"Git Bash": testGitBash,
	} {
		t.Run(name, func(t *testing.T) { test(t, newLab(t)) })
	}
}

// testConsole: the person is asked in the console, also for one more code, and
// git gets the answer and nothing else.
func testConsole(t *testing.T, l *wineLab) {
	s, cmd := l.onConsole("get")
	s.shows("MFA code for profile default, device " + serial)
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
		s.shows("MFA code for profile default")
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
	s.shows("MFA code for profile default, device " + serial)
	s.types(l.phone() + "\r")
	answer := l.answer(cmd)
	if text, _ := strings.CutSuffix(answer, "exit 0\n"); !answered(result{stdout: text}) || !strings.Contains(s.String(), "bash.exe") {
		t.Errorf("%q\n%s", answer, s)
	}
}
