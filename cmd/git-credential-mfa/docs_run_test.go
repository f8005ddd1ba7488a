//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// TestDocsRun runs the commands of each page from top to bottom, in a lab of its
// own: the blocks of sh and console must work, and print what the page shows. The
// READMEs begin with a 403. Readers of the other pages have followed the README
// and are in their clone. Blocks that can't be run are marked with
// <!-- not run: WHY -->. The Japanese pages have the same commands and are run
// with the slow tests.
func TestDocsRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs only without -short")
	}
	program := filepath.Join(t.TempDir(), "git-credential-plain-keys")
	if out, err := exec.Command("go", "build", "-o", program, "../../internal/sandbox/demo").CombinedOutput(); err != nil {
		t.Fatalf("building the helper without MFA: %v\n%s", err, out)
	}
	for name, p := range pages(t) {
		if !slices.ContainsFunc(p.blocks, block.runs) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(name, "/ja/") || strings.Contains(name, ".ja.") {
				slow(t)
			}
			r := newReader(t, filepath.Dir(program))
			if !strings.HasPrefix(name, "README") {
				const readme = "git-credential-mfa configure && git clone --quiet $URL && cd demo && cp ../force-mfa.json ."
				if shown, status := r.follow(readme); status != 0 {
					t.Fatalf("following the README: exit status %d\n%s", status, shown)
				}
			}
			for _, b := range slices.DeleteFunc(p.blocks, func(b block) bool { return !b.runs() }) {
				r.read(name, b)
			}
		})
	}
}

func (b block) runs() bool { return b.notRun == "" && len(b.commands()) > 0 }

// commands returns the commands of a block: every line of sh, and the lines after
// "$ " in console. A backslash at the end joins lines.
func (b block) commands() []string {
	joined := strings.ReplaceAll(b.text, "\\\n", " ")
	var found []string
	for line := range strings.SplitSeq(joined, "\n") {
		typed, prompted := strings.CutPrefix(line, "$ ")
		if b.language == "console" && prompted || b.language == "sh" && line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, typed)
		}
	}
	return found
}

// reader is a person with a page, a shell and a phone.
type reader struct {
	*lab
	screen *screen
	stdin  *os.File
	count  int // of commands
	codes  int
}

// newReader gives a reader the same as the demo's shell: the policy in a file,
// and git configured as in AWS's guide.
func newReader(t *testing.T, props string) *reader {
	l := newLab(t)
	if err := os.Remove(filepath.Join(l.home, ".aws/config")); err != nil {
		t.Fatal(err)
	}
	l.writeAWSFiles(map[string]string{"region": region})
	client := l.world.AddUser("alice.client")
	client.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/client-phone")
	if err := client.WriteAWSFiles(l.home, "client", nil); err != nil {
		t.Fatal(err)
	}
	l.write(".gitconfig", "[credential]\n\thelper = plain-keys\n\tUseHttpPath = true\n")
	l.write("force-mfa.json", string(sandbox.ForceMFA))
	bin := filepath.Join(l.home, "go/bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	// A link, not a copy: a file that is open for writing can't be executed, and
	// a process that another page starts meanwhile would keep a copy open.
	if err := os.Link(filepath.Join(built, "git-credential-mfa"), filepath.Join(bin, "git-credential-mfa")); err != nil {
		t.Fatal(err)
	}
	l.setenv("PATH", bin+":"+props+":"+os.Getenv("PATH"))
	l.setenv("LC_ALL", "C.UTF-8") // for the marks of doctor's report
	l.setenv("NO_COLOR", "1")
	l.setenv("URL", l.url)
	r := &reader{lab: l}
	r.openShell()
	return r
}

// openShell starts a shell that reads commands from a pipe. It has a terminal, at
// which the program asks for the code.
func (r *reader) openShell() {
	t := r.t.(*testing.T)
	screen, slave := newScreen(t)
	defer slave.Close()
	commands, stdin, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer commands.Close()
	r.screen, r.stdin = screen, stdin
	cmd := exec.Command("sh")
	cmd.Env, cmd.Dir = r.env, r.home
	cmd.Stdin, cmd.Stdout, cmd.Stderr = commands, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
}

// freshCode returns an unused code. Only two are valid for a while, of this step
// and of the next. A third would be of the previous step, and may expire before
// it is typed.
func (r *reader) freshCode() string {
	r.t.Helper()
	if r.codes++; r.codes > 2 {
		r.t.Fatal("the page uses a third code: put <!-- not run: WHY --> above one of its blocks")
	}
	return r.phone()
}

var asked = regexp.MustCompile(`6-digit code[^:]*: $|\(6 digits[^)]*\): $`)

// follow types a command, and the code if the command asks for one. It returns
// the command's output and exit status.
func (r *reader) follow(command string) (shown string, status int) {
	r.t.Helper()
	r.count++
	before := len(r.screen.String())
	// In braces, so that cd and export have an effect on the shell. stdin must not
	// be the pipe of the commands.
	fmt.Fprintf(r.stdin, "{ %s\n} </dev/tty; echo \"[$? %d]\"\n", command, r.count)
	end := regexp.MustCompile(fmt.Sprintf(`\[(\d+) %d\]\r\n$`, r.count))
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		shown = r.screen.String()[before:]
		if match := end.FindStringSubmatch(shown); match != nil {
			_, _ = fmt.Sscan(match[1], &status)
			return strings.TrimSuffix(shown, match[0]), status
		}
		if asked.MatchString(shown) {
			r.screen.types(r.freshCode() + "\n")
			r.screen.shows("\n") // the echo of the line
			for strings.HasSuffix(r.screen.String(), ": ") {
				time.Sleep(time.Millisecond)
			}
		}
	}
	r.t.Fatalf("%s: did not end:\n%s", command, r.screen)
	return "", 0
}
