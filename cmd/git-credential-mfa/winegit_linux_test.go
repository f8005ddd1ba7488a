package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/winetest"
)

// gitForWindows installs what stands in for Git for Windows, in a folder with
// blanks and Japanese, and puts its cmd into PATH and nothing else, as its
// installer does. It returns the folder.
func (l *wineLab) gitForWindows() string {
	l.t.Helper()
	root := filepath.Join(l.home, "Program Files", "Git 日本")
	if err := winetest.InstallGit(l.bin, root); err != nil {
		l.t.Fatal(err)
	}
	if err := os.Link(filepath.Join(l.bin, "manager.exe"), filepath.Join(root, "mingw64", "bin", "git-credential-manager.exe")); err != nil {
		l.t.Fatal(err)
	}
	l.setenv("WINEPATH", windowsPath(filepath.Join(root, "cmd")))
	l.setenv("GIT_CONFIG_GLOBAL", windowsPath(filepath.Join(l.home, ".gitconfig")))
	return root
}

// vscode sets askpass as VS Code does on Windows, in its terminal too: to a
// script with a "#!" line, which starts a program of VS Code's that answers
// through a file. The program takes five words, or dies.
func (l *wineLab) vscode() {
	l.t.Helper()
	dir := "Microsoft VS Code 日本/resources/app/extensions/git/dist/"
	script := l.write(dir+"askpass.sh", `#!/bin/sh
VSCODE_GIT_ASKPASS_PIPE=$(mktemp)
ELECTRON_RUN_AS_NODE="1" VSCODE_GIT_ASKPASS_PIPE="$VSCODE_GIT_ASKPASS_PIPE" "$VSCODE_GIT_ASKPASS_NODE" "$VSCODE_GIT_ASKPASS_MAIN" $VSCODE_GIT_ASKPASS_EXTRA_ARGS $*
cat $VSCODE_GIT_ASKPASS_PIPE
rm $VSCODE_GIT_ASKPASS_PIPE
`)
	node := l.write("Microsoft VS Code 日本/Code.exe", `#!/bin/sh
[ $# = 4 ] && [ "$1" = main.js ] && [ "$2" = MFA-code ] || exit 1
echo "$*" >>'`+l.home+`/questions'
cat '`+l.home+`/phone' >"$VSCODE_GIT_ASKPASS_PIPE"
`)
	l.setenv("GIT_ASKPASS", windowsPath(script))
	l.setenv("VSCODE_GIT_ASKPASS_NODE", node)
	l.setenv("VSCODE_GIT_ASKPASS_MAIN", "main.js")
}

// testVSCode: the askpass of VS Code answers git's helper, and a login in its
// integrated terminal, where usr\bin is not in PATH; doctor agrees.
func testVSCode(t *testing.T, l *wineLab) {
	root := l.gitForWindows()
	l.vscode()
	asked := windowsPath(l.write("request", request("https", host, "v1/repos/demo")))
	l.phone()
	got := l.wine("gitlike.exe", asked, windowsPath(filepath.Join(l.home, "answer")), windowsPath(filepath.Join(l.bin, "git-credential-mfa.exe")), "get")
	if text, _ := strings.CutSuffix(l.note("answer"), "exit 0\n"); !answered(result{stdout: text}) || l.questions() != 1 {
		t.Errorf("%q, %v", l.note("answer"), got)
	}
	l.phone()
	if got := l.wine("git-credential-mfa.exe", "login", "--refresh"); got.status != 0 || l.questions() != 2 {
		t.Error(got)
	}
	doctor := func() string {
		return l.wine("git-credential-mfa.exe", "--prompt", "askpass", "doctor", "--offline", "--verbose").stdout
	}
	if report := doctor(); !strings.Contains(report, "CCM740  the MFA code can be asked for\n           askpass, through Z:") {
		t.Error(report)
	}
	// Without git's own sh it is passed by, and said; doctor says the same.
	if err := os.Remove(filepath.Join(root, "usr", "bin", "sh.exe")); err != nil {
		t.Fatal(err)
	}
	const why = "askpass.sh: the program in its #! line does not exist: sh\n"
	got = l.wine("git-credential-mfa.exe", "--prompt", "askpass", "login", "--refresh")
	if got.status != 1 || !strings.Contains(got.stderr, "GIT_ASKPASS is skipped: ") || !strings.Contains(got.stderr, why) {
		t.Error(got)
	}
	if report := doctor(); !strings.Contains(report, "CCM740  there is no way to ask for the MFA code here\n") || !strings.Contains(report, why) {
		t.Error(report)
	}
}

// testManager: Git Credential Manager lies where only git looks, and holds a
// password of yesterday's. doctor names it, and configure makes it forget; it
// never opens a window.
func testManager(t *testing.T, l *wineLab) {
	root := l.gitForWindows()
	l.write(".gitconfig", "[credential]\n\thelper = manager\n")
	const bin = "Program Files/Git 日本/mingw64/bin/"
	signed := time.Now().UTC().Add(-24 * time.Hour).Format("20060102T150405")
	l.write(bin+"held", "username="+l.user.AccessKeyID+"\npassword="+signed+"Z"+strings.Repeat("0a", 32)+"\n")
	report := l.wine("git-credential-mfa.exe", "doctor", "--offline")
	if report.status != 1 || !strings.Contains(report.stdout, "CCM507") || !strings.Contains(report.stdout, "Fix: git-credential-mfa configure --yes") ||
		!strings.Contains(report.stdout, "helper = manager") {
		t.Error(report)
	}
	got := l.wine("git-credential-mfa.exe", "configure", "--yes")
	if got.status != 0 || !strings.Contains(got.stderr, "manager deleted what it had stored for "+host) {
		t.Error(got)
	}
	for _, name := range []string{"held", "window"} {
		if _, err := os.Stat(filepath.Join(root, "mingw64", "bin", name)); err == nil {
			t.Errorf("there is %s", name)
		}
	}
	if report := l.wine("git-credential-mfa.exe", "doctor", "--offline"); strings.Contains(report.stdout, "CCM507") || strings.Contains(report.stdout, "CCM513") {
		t.Error(report)
	}
}
