//go:build unix

package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// gitCompletion is git's own, where Debian's git has it.
const gitCompletion = "/usr/share/bash-completion/completions/git"

// shellLab is a lab whose person has a few profiles, and the completion
// script of a shell.
func shellLab(t *testing.T, shell string) (l *lab, script string) {
	t.Helper()
	keyringtest.Need(t, shell)
	if _, err := os.Stat(gitCompletion); err != nil && shell == "bash" {
		keyringtest.Missing(t, "git's completion for bash is not installed")
	}
	l = newLab(t)
	l.write(".aws/config", "[default]\n[profile work]\n[profile \"big team\"]\n[profile team:prod]\n[sso-session not-a-profile]\n")
	l.write(".aws/credentials", "[plain]\n")
	r := l.run("", "git-credential-mfa", "completion", shell)
	if r.status != 0 || r.stderr != "" {
		t.Fatal(r)
	}
	return l, l.write("completion."+shell, r.stdout)
}

// completion is what a person types, and what is offered.
type completion struct{ typed, offered string }

var completions = []completion{
	{"git-credential-mfa log", "login logout"},
	{"git-credential-mfa login --r", "--refresh"},
	{"git-credential-mfa --profile work log", "login logout"},
	{"git-credential-mfa --prompt as", "askpass"},
	{"git-credential-mfa --profile ", "big team,default,plain,team:prod,work"},
	{"git-credential-mfa status --keyring se", "secret-service"},
	{"git-credential-mfa completion ", "bash fish powershell zsh"},
	{"git-credential-mfa help sta", "status"},
	{"git-credential-mfa --mfa-serial arn:aws:iam::1:mfa/x log", "login logout"},
}

// gitCompletions are for shells whose completion of git hands its words on;
// that of fish looks for git-git-credential-mfa (3.6, its git.fish).
var gitCompletions = append(completions,
	completion{"git credential-mfa log", "login logout"},
	completion{"git credential-mfa --prompt as", "askpass"},
	completion{"git -C /tmp credential-mfa login --r", "--refresh"},
	completion{"git credential-mfa --profile team:p", "prod"}, // bash replaces what stands behind the colon
)

// A driver for bash: what readline does, less its keyboard. bash hands a
// completion its line cut at the characters of COMP_WORDBREAKS.
const bashDriver = `
source "$1"
source "$2"
while IFS= read -r line; do
	COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=() COMPREPLY=()
	cut=${line//:/ : }
	read -ra COMP_WORDS <<<"${cut//=/ = }"
	[[ $line == *' ' ]] && COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	if [[ $line == 'git '* ]]; then __git_wrap__git_main; else $(complete -p git-credential-mfa | sed 's/.*-F \([^ ]*\).*/\1/'); fi
	(IFS=,; printf '%s\n' "${COMPREPLY[*]}")
done
`

func TestCompletionBash(t *testing.T) {
	t.Parallel()
	l, script := shellLab(t, "bash")
	offers(t, l, gitCompletions, "bash", "--norc", l.write("driver", bashDriver), script, gitCompletion)
}

const fishDriver = `
source $argv[1]
while read --local line
	string join , -- (complete -C "$line" | string replace -r '\t.*' '')
end
`

func TestCompletionFish(t *testing.T) {
	t.Parallel()
	l, script := shellLab(t, "fish")
	offers(t, l, completions, "fish", l.write("driver", fishDriver), script)
}

// offers has a driver complete each line.
func offers(t *testing.T, l *lab, completions []completion, program string, args ...string) {
	t.Helper()
	var typed strings.Builder
	for _, c := range completions {
		typed.WriteString(c.typed + "\n")
	}
	r := l.run(typed.String(), program, args...)
	lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
	if len(lines) != len(completions) || r.stderr != "" {
		t.Fatal(r)
	}
	for i, c := range completions {
		want := words(c.offered)
		if got := strings.Split(strings.ReplaceAll(strings.ReplaceAll(lines[i], `\`, ""), " ,", ","), ","); !sameWords(got, want) {
			t.Errorf("%q: %q is offered, not %q", c.typed, got, want)
		}
	}
}

func words(list string) []string {
	if strings.Contains(list, ",") {
		return strings.Split(list, ",")
	}
	return strings.Fields(list)
}

func sameWords(a, b []string) bool {
	seen := map[string]int{}
	for _, w := range a {
		seen[strings.TrimSpace(w)]++
	}
	for _, w := range b {
		seen[w]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}

func shownVersion(l *lab) string {
	return regexp.MustCompile(`\S+$`).FindString(strings.TrimSpace(l.run("", "git-credential-mfa", "version").stdout))
}

// shell starts an interactive shell on a terminal of its own.
func (l *lab) shell(program string, args ...string) *screen {
	t := l.t.(*testing.T)
	t.Helper()
	s, slave := newScreen(t)
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = append(l.env, "TERM=dumb"), l.home
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	slave.Close()
	return s
}

// Every word that the program's own help shows is in every script: the scripts
// are made of the program.
func TestCompletionHasEverything(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	option := regexp.MustCompile(`--[a-z-]+`)
	help := l.run("", "git-credential-mfa", "help").stdout
	commands := regexp.MustCompile(`(?m)^  ([a-z][a-z-]+) `).FindAllStringSubmatch(help, -1)
	if len(commands) < 10 {
		t.Fatal(help)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script := l.run("", "git-credential-mfa", "completion", shell).stdout
		for _, command := range commands {
			if !strings.Contains(script, command[1]) {
				t.Errorf("%s: no %s", shell, command[1])
			}
			text := l.run("", "git-credential-mfa", "help", command[1]).stdout
			_, options, _ := strings.Cut(text, "Options:\n")
			for line := range strings.Lines(options) {
				name := strings.TrimPrefix(option.FindString(line), "--")
				if name != "" && !strings.Contains(script, name) {
					t.Errorf("%s: no --%s", shell, name)
				}
			}
		}
	}
	if r := l.run("", "git-credential-mfa", "completion", "tcsh"); r.status != 2 || r.stdout != "" ||
		!strings.Contains(r.stderr, `unknown shell "tcsh": not one of bash, zsh, fish, powershell`) {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "completion"); r.status != 2 || r.stdout != "" {
		t.Error(r)
	}
}
