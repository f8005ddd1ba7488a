//go:build unix

package prompt

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

const bashChild = "PROMPT_TEST_BASH"

// TestMain lets the test binary be a program on a terminal of its own.
func TestMain(m *testing.M) {
	if limit := os.Getenv(bashChild); limit != "" {
		askByBash(limit)
		return
	}
	os.Exit(m.Run())
}

// askByBash prints what was answered, to a file that is not the terminal.
func askByBash(limit string) {
	d, _ := time.ParseDuration(limit)
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	t, err := openThroughBash("bash")
	for _, question := range []string{"$(touch x) `touch x` \"'\\n %s 日本? ", "again? "} {
		line := ""
		if err == nil {
			line, err = readLine(ctx, t, question)
		}
		fmt.Printf("%q %v\n", line, err)
	}
}

// byBash runs askByBash on a terminal, where a person types, and returns what
// it printed and what the terminal showed.
func byBash(t *testing.T, limit, typed string) (printed, shown string) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Dir = append(os.Environ(), bashChild+"="+limit), t.TempDir()
	var out strings.Builder
	cmd.Stdout, cmd.Stdin = &out, strings.NewReader("git's\n")
	cmd.ExtraFiles = []*os.File{slave}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	_, _ = master.WriteString(typed)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	b := make([]byte, 4096)
	n, _ := master.Read(b)
	if left, _ := os.ReadDir(cmd.Dir); len(left) != 0 {
		t.Errorf("the question was run: %v", left)
	}
	return out.String(), string(b[:n])
}

// What Git Bash does on Windows, bash does anywhere: it shows the question,
// reads a line, and nothing of the question is run.
func TestThroughBash(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	printed, shown := byBash(t, "1m", "123 \\456\n789\n")
	if printed != "\"123 \\\\456\" <nil>\n\"789\" <nil>\n" || !strings.Contains(shown, "$(touch x) `touch x` \"'\\n %s 日本? ") || !strings.Contains(shown, "again? ") {
		t.Errorf("%s\n%q", printed, shown)
	}
	if printed, _ := byBash(t, "1m", "\x04"); !strings.HasPrefix(printed, `"" cancelled`) {
		t.Errorf("Ctrl-D: %s", printed)
	}
	start := time.Now()
	printed, _ = byBash(t, "1s", "12")
	if !strings.HasPrefix(printed, `"" context deadline exceeded`) || time.Since(start) > 20*time.Second {
		t.Errorf("after %v: %s", time.Since(start), printed)
	}
}

// Without a terminal bash finds none, and no question is put.
func TestThroughBashWithoutTerminal(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.SysProcAttr = append(os.Environ(), bashChild+"=1m"), &syscall.SysProcAttr{Setsid: true}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), `"" bash finds no terminal`) {
		t.Errorf("%s: %v: %s", bash, err, out)
	}
}
