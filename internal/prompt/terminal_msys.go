package prompt

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"sync"
	"time"
)

// In the terminal of Git Bash (mintty) a Windows program has a hidden console.
// Only MSYS's own programs can read what a person types there, so bash does it,
// with the script that Git for Windows uses (git_terminal_prompt in its
// compat/terminal.c). The question goes to bash's stdin, so that no shell
// interprets the name of a profile or device in it. bash prints the answer,
// whose line ends with LF alone.
const (
	bashAsks   = `cat >/dev/tty && read -r line </dev/tty && echo "$line"`
	bashLooks  = `: </dev/tty >/dev/tty`
	looksLimit = 5 * time.Second
)

// throughBash is a terminal that bash opens. A question is shown when its
// answer is read.
type throughBash struct {
	bash   string
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	question bytes.Buffer
	answer   bytes.Buffer // of the goroutine that reads
}

// openThroughBash fails if bash has no terminal either.
func openThroughBash(bash string) (*throughBash, error) {
	limited, stop := context.WithTimeout(context.Background(), looksLimit)
	defer stop()
	if err := exec.CommandContext(limited, bash, "-c", bashLooks).Run(); err != nil {
		return nil, errors.New("bash finds no terminal")
	}
	t := &throughBash{bash: bash}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t, nil
}

func (t *throughBash) name() string { return "read by " + t.bash }

func (t *throughBash) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.question.Write(p)
}

func (t *throughBash) Read(p []byte) (int, error) {
	if t.answer.Len() == 0 {
		if err := t.ask(); err != nil {
			return 0, err
		}
	}
	return t.answer.Read(p)
}

// ask returns io.EOF if bash ends without a line, after Ctrl-C or Ctrl-D.
func (t *throughBash) ask() error {
	t.mu.Lock()
	question := bytes.NewReader(bytes.Clone(t.question.Bytes()))
	t.question.Reset()
	t.mu.Unlock()
	cmd := exec.CommandContext(t.ctx, t.bash, "-c", bashAsks)
	cmd.Stdin, cmd.Stdout = question, &t.answer
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var status *exec.ExitError
	if errors.As(err, &status) {
		return io.EOF
	}
	return err
}

// discard ends bash, which would otherwise read the next line that is typed for
// the shell.
func (t *throughBash) discard() { t.cancel() }

func (t *throughBash) Close() error {
	t.cancel()
	return nil
}
