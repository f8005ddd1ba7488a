package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTraceFile: a link that somebody put where the trace is to be would have
// another file written to, and its mode changed.
func TestTraceFile(t *testing.T) {
	folder := t.TempDir()
	victim, link := filepath.Join(folder, "victim"), filepath.Join(folder, "link")
	if err := os.WriteFile(victim, []byte("kept\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(victim)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, link); err != nil {
		t.Skip(err) // Windows lets administrators only
	}
	if _, err := os.Readlink(link); err != nil {
		t.Skip("links are made that do not work, as under Wine: ", err)
	}
	var stderr bytes.Buffer
	trace, closeTrace := openTrace(link, &stderr)
	trace("traced")
	closeTrace()
	text, err := os.ReadFile(victim)
	info, statErr := os.Stat(victim)
	if err != nil || statErr != nil || string(text) != "kept\n" || info.Mode() != before.Mode() || !strings.Contains(stderr.String(), "warning: opening the trace: ") {
		t.Errorf("%q, %v, %v: %s", text, info.Mode(), err, &stderr)
	}
	dangling := filepath.Join(folder, "dangling")
	if err := os.Symlink(filepath.Join(folder, "nothing"), dangling); err != nil {
		t.Fatal(err)
	}
	_, closeTrace = openTrace(dangling, &stderr)
	closeTrace()
	if _, err := os.Stat(filepath.Join(folder, "nothing")); err == nil {
		t.Error("a file was made through a link")
	}
	plain := filepath.Join(folder, "trace")
	trace, closeTrace = openTrace(plain, &stderr)
	trace("traced")
	closeTrace()
	if text, err := os.ReadFile(plain); err != nil || !strings.HasSuffix(string(text), ": \"traced\"\n") {
		t.Errorf("%q: %v", text, err)
	}
}
