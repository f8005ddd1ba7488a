package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// result is what a program left.
type result struct {
	stdout, stderr string
	status         int
	took           time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("exit %d after %v\nstdout:\n%s\nstderr:\n%s", r.status, r.took, r.stdout, r.stderr)
}

func wait(t testing.TB, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, stderr.String())
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), time.Since(start)}
}

// answered reports whether an answer is a whole credential and nothing else.
func answered(r result) bool {
	lines := strings.Split(r.stdout, "\n")
	return r.status == 0 && len(lines) == 4 && lines[3] == "" &&
		strings.HasPrefix(lines[0], "username=ASIA") && strings.Contains(lines[0], "%") &&
		strings.HasPrefix(lines[1], "password=") && strings.HasPrefix(lines[2], "password_expiry_utc=")
}

// wantFailure checks a get that failed: git is told to stop, the exit status
// is 1, and the texts are on stderr.
func wantFailure(t testing.TB, r result, texts ...string) {
	t.Helper()
	if r.status != 1 || r.stdout != "quit=1\n" {
		t.Errorf("want exit 1 and quit=1: %v", r)
	}
	for _, text := range texts {
		if !strings.Contains(r.stderr, text) {
			t.Errorf("stderr lacks %q:\n%s", text, r.stderr)
		}
	}
}
