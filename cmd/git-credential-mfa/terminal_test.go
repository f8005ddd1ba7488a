//go:build unix

package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// onTerminal runs a shell script in the lab on a terminal of its own. The
// script notes the terminal's settings around the command that it runs, since
// nobody can once its session is gone.
func (l *lab) onTerminal(command string) (*screen, *exec.Cmd) {
	t := l.t.(*testing.T)
	t.Helper()
	s, slave := newScreen(t)
	l.write("request", request("https", host, "v1/repos/demo"))
	// The shell survives Ctrl-C, the command gets it as any command does.
	script := "trap : INT; stty -g >before; " + command + "; echo $? >status; stty -g >after; " +
		"stty -icanon min 0 time 1; cat >leftover"
	cmd := exec.Command("sh", "-c", script)
	l.start(cmd, slave)
	return s, cmd
}

// settled waits for the end and checks that the terminal is as it was, and
// that nothing typed is left for the shell.
func (l *lab) settled(cmd *exec.Cmd) {
	l.t.Helper()
	if err := cmd.Wait(); err != nil {
		l.t.Error(err)
	}
	if before, after := l.note("before"), l.note("after"); before != after || before == "" {
		l.t.Errorf("the terminal was %s and is %s", before, after)
	}
	if left := l.note("leftover"); left != "" {
		l.t.Errorf("%q is left for the shell", left)
	}
}

const get = "git-credential-mfa get <request >answer"

func TestTerminal(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s, cmd := l.onTerminal(get)
	s.shows("AWS MFA for profile default (" + serial + ")\r\n6-digit code (within 2 minutes): ")
	s.types("12345\n")
	s.shows("six digits, please: ")
	s.types(l.phone() + "\n")
	l.settled(cmd)
	if r := (result{stdout: l.note("answer")}); !answered(r) || l.note("status") != "0\n" {
		t.Errorf("%v\n%s", r, s)
	}
	if strings.Contains(s.String(), "password=") || l.sessions() != 1 {
		t.Errorf("%d calls of GetSessionToken; the screen:\n%s", l.sessions(), s)
	}
}

// Under a Japanese locale the question is Japanese, and what went wrong English.
func TestTerminalInJapanese(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("LC_ALL", "ja_JP.UTF-8")
	s, cmd := l.onTerminal(get)
	s.shows("AWS MFA: プロファイル default (" + serial + ")\r\n6 桁のコード (2 分以内): ")
	s.types("12345\n")
	s.shows("6 桁の数字を入力してください: ")
	s.types("\x04")
	l.settled(cmd)
	s.shows("error: asking for the MFA code through the terminal: cancelled\r\n")
}

// A wrong passphrase costs a code, and the command that fixes it is said.
func TestTerminalWrongPassphrase(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	l.setenv("GIT_CREDENTIAL_MFA_PASSPHRASE", "another")
	s, cmd := l.onTerminal(get)
	s.shows("AWS MFA for ")
	s.types(l.phone() + "\n")
	l.settled(cmd)
	s.shows("warning: the session is used this once and not kept: ")
	s.shows("hint: set GIT_CREDENTIAL_MFA_PASSPHRASE to the passphrase that the file keyring was created with, or start over: git-credential-mfa logout --all\r\n")
	if !answered(result{stdout: l.note("answer")}) {
		t.Error(s)
	}
}

// After a wrong code the screen says why, how long the next one takes, and
// that it is the next one which is wanted.
func TestTerminalAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.wrongCode()
	s, cmd := l.onTerminal(get)
	s.shows("6-digit code (within 2 minutes): ")
	s.types(l.note("phone"))
	s.shows("git-credential-mfa: the MFA code was refused (wrong, or used already): wait for the next code (")
	s.shows(" s)\r\nnext 6-digit code (within ")
	s.types(l.phone() + "\n")
	l.settled(cmd)
	if !answered(result{stdout: l.note("answer")}) {
		t.Error(s)
	}
}

// git itself, as a person runs it.
func TestTerminalClone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s, cmd := l.onTerminal("git clone -q " + l.url + " cloned")
	s.shows("AWS MFA for profile default")
	s.types(l.phone() + "\n")
	l.settled(cmd)
	if l.note("status") != "0\n" {
		t.Error(s)
	}
}

// Several devices: the person chooses once.
func TestTerminalDevices(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.writeAWSFiles(map[string]string{"region": region})
	second := l.user.AddDevice("arn:aws:iam::123456789012:mfa/alice-tablet")
	l.user.AddDevice("arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGH")
	s, cmd := l.onTerminal(get)
	s.shows("which MFA device?")
	s.shows("number, 1 to 2: ")
	number := regexp.MustCompile(`(\d)  ` + regexp.QuoteMeta(second.Serial)).FindStringSubmatch(s.String())
	if number == nil || strings.Contains(s.String(), "u2f") {
		t.Fatal(s)
	}
	s.types("7\n")
	s.shows("a number from the list, please: ")
	s.types(number[1] + "\n")
	s.shows("AWS MFA for profile default (" + second.Serial + ")")
	s.types(second.Code() + "\n")
	l.settled(cmd)
	if !answered(result{stdout: l.note("answer")}) {
		t.Fatal(s)
	}
	// The choice is remembered: only the code is asked for.
	s, cmd = l.onTerminal("git-credential-mfa login --refresh")
	s.shows("AWS MFA for profile default (" + second.Serial + ")")
	code, _ := second.NextUnspent()
	for code == "" || strings.Contains(s.String(), code) {
		code, _ = second.NextUnspent()
	}
	s.types(code + "\n")
	s.shows("session of arn:aws:iam::123456789012:user/alice for profile default, until ")
	l.settled(cmd)
	if l.world.Count("iam", "ListMFADevices") != 1 {
		t.Error("the devices were listed again")
	}
}
