//go:build unix

package probe

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func program(t *testing.T, script string) (path, dir string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "git")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path, dir
}

// TestWitnessLimit has git, and a helper that it started, wait for ever.
func TestWitnessLimit(t *testing.T) {
	path, dir := program(t, "echo 'fatal: one' >&2\nsleep 60 &\necho $! >pid\nwait\n")
	start := time.Now()
	w := lsRemote{program: path, dir: dir, address: "origin", limit: 500 * time.Millisecond}.run(context.Background())
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if !w.TimedOut || w.Passed || w.Err != nil || !slices.Equal(w.Messages, []string{"one"}) {
		t.Errorf("%+v", w)
	}
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	for range 100 {
		if !alive(pid) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	t.Error("what git started still runs")
}

// alive is true for a process that is not only waiting to be reaped: whoever
// inherits it need not be quick about that.
func alive(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return syscall.Kill(pid, 0) == nil && !os.IsNotExist(err)
	}
	_, state, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(state, "Z")
}

// TestWitnessMute looks at what git is given: no terminal, no way to ask, and
// traces of ours alone.
func TestWitnessMute(t *testing.T) {
	path, dir := program(t, `exec >seen 2>&1
echo "arguments: $*"
env | sort
(exec 3</dev/tty) 2>/dev/null && echo "a terminal"
exit 0
`)
	environ := append(os.Environ(), "GIT_TRACE="+dir+"/trace", "GIT_TRACE_REDACT=0", "GIT_CURL_VERBOSE=1", "GIT_TRACE2_PERF="+dir+"/perf",
		"GIT_CREDENTIAL_MFA_TRACE="+dir+"/ours", "GCM_TRACE_SECRETS=1", "GIT_ASKPASS=/bin/askpass", "SSH_ASKPASS=/bin/askpass",
		"GIT_CREDENTIAL_MFA_PROMPT=gui", "GIT_TERMINAL_PROMPT=1")
	w := lsRemote{program: path, dir: dir, environ: environ, address: "https://alice:pa55word@HOST/v1", limit: 10 * time.Second}.run(context.Background())
	if !w.Passed || strings.Contains(w.Command, "pa55word") {
		t.Errorf("%+v", w)
	}
	text, err := os.ReadFile(filepath.Join(dir, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	seen := "\n" + string(text)
	for _, line := range []string{"arguments: ls-remote -- https://alice:pa55word@HOST/v1 HEAD", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=",
		"GIT_CREDENTIAL_MFA_PROMPT=none", "GCM_INTERACTIVE=never", "GIT_TRACE_CURL=1", "GIT_TRACE2_EVENT=1", "GIT_TRACE_REDACT=1"} {
		if !strings.Contains(seen, "\n"+line+"\n") {
			t.Errorf("want %s in%s", line, seen)
		}
	}
	for _, text := range []string{"a terminal", dir + "/trace", dir + "/perf", dir + "/ours", "GCM_TRACE", "CURL_VERBOSE", "/bin/askpass"} {
		if strings.Contains(seen, text) {
			t.Errorf("want no %s in%s", text, seen)
		}
	}
	if w := (lsRemote{program: filepath.Join(dir, "nothing"), limit: time.Second}).run(context.Background()); w.Err == nil || w.Ran() {
		t.Errorf("%+v", w)
	}
}
