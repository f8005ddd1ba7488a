package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	bin  string
	stop func()
}

// newWineLab makes what all tests under Wine share; each takes a lab from it.
func newWineLab(t *testing.T) func(*testing.T) *wineLab {
	t.Helper()
	keyringtest.Need(t, "wine", "wineserver")
	dir := t.TempDir()
	bin := filepath.Join(dir, "Programme (x86) d'Éva")
	if err := winetest.Build(bin); err != nil {
		t.Fatal(err)
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
		l := &wineLab{newLab(t), bin, func() { winetest.Stop(env) }}
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
	l.start(cmd, slave)
	return s, cmd
}

// TestWindows runs the Windows build under Wine.
func TestWindows(t *testing.T) {
	slow(t)
	t.Parallel()
	newLab := newWineLab(t)
	for name, test := range map[string]func(*testing.T, *wineLab){
		"console": testConsole, "console ended": testConsoleEnded, "no console": testNoConsole,
		"Git Bash": testGitBash, "clone": testWineClone, "configure": testWineConfigure,
		"VS Code": testVSCode, "Git Credential Manager": testManager, "dialog": testWindowsDialog, "list": testWindowsList,
	} {
		t.Run(name, func(t *testing.T) { test(t, newLab(t)) })
	}
}
