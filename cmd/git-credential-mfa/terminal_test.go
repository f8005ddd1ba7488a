//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// screen is a terminal with a person before it.
type screen struct {
	t    *testing.T
	file *os.File
	mu   sync.Mutex
	text bytes.Buffer
}

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

// newScreen opens a terminal; the file is for the program that runs on it.
func newScreen(t *testing.T) (*screen, *os.File) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	s := &screen{t: t, file: master}
	go func() {
		for b := make([]byte, 4096); ; {
			n, err := master.Read(b)
			s.mu.Lock()
			s.text.Write(b[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s, slave
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// shows waits for a text.
func (s *screen) shows(text string) {
	s.t.Helper()
	for range 2000 {
		if strings.Contains(s.String(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("the screen does not show %q:\n%s", text, s)
}

func (s *screen) types(text string) {
	s.t.Helper()
	if _, err := s.file.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// note reads what the script noted.
func (l *lab) note(name string) string {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.home, name))
	if err != nil {
		l.t.Error(err)
	}
	return string(text)
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
	s.shows("MFA code for profile default, device " + serial + " (6 digits, within 2 minutes): ")
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

// A wrong passphrase costs a code, and the command that mends it is said.
func TestTerminalWrongPassphrase(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	l.setenv("GIT_CREDENTIAL_MFA_PASSPHRASE", "another")
	s, cmd := l.onTerminal(get)
	s.shows("MFA code for ")
	s.types(l.phone() + "\n")
	l.settled(cmd)
	s.shows("warning: the session is used this once and not kept: ")
	s.shows("hint: set GIT_CREDENTIAL_MFA_PASSPHRASE to the passphrase that the file keyring was made with, or begin anew: git-credential-mfa logout --all\r\n")
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
	s.shows("(6 digits, within 2 minutes): ")
	s.types(l.note("phone"))
	s.shows("git-credential-mfa: the MFA code was refused (wrong, or used already): wait for the next code (")
	s.shows(" s)\r\nnext MFA code for profile default, device " + serial + " (6 digits, within ")
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
	s.shows("MFA code for profile default")
	s.types(l.phone() + "\n")
	l.settled(cmd)
	if l.note("status") != "0\n" {
		t.Error(s)
	}
}

func TestTerminalCtrlC(t *testing.T) {
	t.Parallel()
	for name, typed := range map[string]string{"Ctrl-C": "123\x03", "Ctrl-D": "\x04"} {
		l := newLab(t)
		s, cmd := l.onTerminal(get)
		s.shows("MFA code for profile")
		s.types(typed)
		l.settled(cmd)
		if l.note("answer") != "quit=1\n" || l.note("status") != "1\n" || l.sessions() != 0 {
			t.Errorf("%s: exit %s, answer %q\n%s", name, l.note("status"), l.note("answer"), s)
		}
		s.shows("cancelled")
	}
}

func TestTerminalLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the two minutes that it is about")
	}
	t.Parallel()
	l := newLab(t)
	start := time.Now()
	s, cmd := l.onTerminal(get)
	s.shows("MFA code for profile")
	s.types("123") // half a code, which must not land in the shell
	l.settled(cmd)
	if took := time.Since(start); took < 2*time.Minute || took > 2*time.Minute+10*time.Second {
		t.Errorf("it took %v", took)
	}
	if l.note("answer") != "quit=1\n" || !strings.Contains(s.String(), "no answer in time") {
		t.Error(s)
	}
}

// A terminal that is stopped (Ctrl-S) takes no question, and the limit holds
// all the same: others wait for the lock.
func TestTerminalStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the two minutes that it is about")
	}
	t.Parallel()
	l := newLab(t)
	start := time.Now()
	s, cmd := l.onTerminal("sleep 1; " + get + " 2>talk")
	s.types("\x13")
	l.settled(cmd)
	if took := time.Since(start); took < 2*time.Minute || took > 2*time.Minute+15*time.Second {
		t.Errorf("it took %v", took)
	}
	if l.note("answer") != "quit=1\n" || !strings.Contains(l.note("talk"), "no answer in time") {
		t.Errorf("answer %q: %s", l.note("answer"), l.note("talk"))
	}
}

// Those who wait while a person thinks say why, and get the session.
func TestTerminalWaiting(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s, cmd := l.onTerminal("(git-credential-mfa get <request >answer2 2>talk2) & sleep 0.2; " + get + "; wait")
	s.shows("MFA code for profile")
	time.Sleep(3 * time.Second)
	s.types(l.phone() + "\n")
	l.settled(cmd)
	if !answered(result{stdout: l.note("answer")}) || !answered(result{stdout: l.note("answer2")}) || l.sessions() != 1 {
		t.Errorf("answers %q and %q\n%s", l.note("answer"), l.note("answer2"), s)
	}
	if !strings.Contains(s.String()+l.note("talk2"), "waiting for another git-credential-mfa") ||
		strings.Count(s.String(), "MFA code for profile") != 1 {
		t.Errorf("%s\n%s", s, l.note("talk2"))
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
	s.shows("device " + second.Serial)
	s.types(second.Code() + "\n")
	l.settled(cmd)
	if !answered(result{stdout: l.note("answer")}) {
		t.Fatal(s)
	}
	// The choice is remembered: only the code is asked for.
	s, cmd = l.onTerminal("git-credential-mfa login --refresh")
	s.shows("device " + second.Serial)
	code, _ := second.NextUnspent()
	for code == "" || strings.Contains(s.String(), code) {
		code, _ = second.NextUnspent()
	}
	s.types(code + "\n")
	s.shows("session of arn:aws:iam::123456789012:user/alice for profile default, 11h59m left")
	l.settled(cmd)
	if l.world.Count("iam", "ListMFADevices") != 1 {
		t.Error("the devices were listed again")
	}
}
