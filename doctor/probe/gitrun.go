package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// inert are settings under which git runs no program that a repository's own
// configuration names: a clone is its sender's, and so may be a bare
// repository in a folder of it (git's safe.bareRepository, CVE-2022-24765 and
// "git-config(1), core.fsmonitor"). Only plumbing that reads configuration is
// run besides.
var inert = [][2]string{
	{"core.fsmonitor", "false"}, {"core.hooksPath", os.DevNull}, {"safe.bareRepository", "explicit"},
	{"core.pager", "cat"}, {"core.sshCommand", "false"}, {"core.askPass", ""},
}

// silent switches off every question of git's and of its helpers'.
var silent = []string{
	"GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_OPTIONAL_LOCKS=0",
	"GIT_PAGER=cat", "GIT_EDITOR=:",
}

// inertEnv is an environment for git with both. A setting that is given to git
// by GIT_CONFIG_COUNT is a part of what is examined, so ours come behind it.
func inertEnv(environ []string) []string {
	n := 0
	var kept []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if name == "GIT_CONFIG_COUNT" {
			count, err := strconv.Atoi(value)
			if err != nil || count < 0 {
				return append(environ[:len(environ):len(environ)], silent...) // git says what is wrong
			}
			n = count
			continue
		}
		kept = append(kept, pair)
	}
	for _, setting := range inert {
		kept = append(kept, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, setting[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, setting[1]))
		n++
	}
	kept = append(kept, "GIT_CONFIG_COUNT="+strconv.Itoa(n))
	return append(kept, silent...)
}

// maxOutput bounds what a program may print: more is not what was asked for.
const maxOutput = 1 << 20

// command is a program that is asked something.
type command struct {
	path, dir string
	env       []string
	stdin     string
	args      []string
}

// run returns what the program printed. Its stderr is thrown away: a helper's
// can hold what it was asked for.
func (c command) run(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.Stdin = strings.NewReader(c.stdin)
	out := &bounded{}
	cmd.Stdout, cmd.Stderr = out, io.Discard
	cmd.WaitDelay = time.Second // a child of its own can hold the pipe open
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return out.Bytes(), err
}

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

var errTooMuch = errors.New("it printed more than was asked for")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		return 0, errTooMuch
	}
	return b.Buffer.Write(p)
}

// wording returns why a program failed, without its output.
func wording(err error) string {
	var status *exec.ExitError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v", short)
	case errors.As(err, &status):
		return status.Error()
	}
	return err.Error()
}
