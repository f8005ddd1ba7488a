//go:build unix

package prompt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A program that is set and can't be run is passed by, and that is said once;
// the next one is asked.
func TestAskPassThatCannotRun(t *testing.T) {
	dir := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	works := script("works", "#!/bin/sh\necho 123456\n")
	for name, broken := range map[string]string{
		"not there":              filepath.Join(dir, "none"),
		"a folder":               dir,
		"no interpreter":         script("no interpreter", "#!/nowhere/sh\n"),
		"runs what is not there": script("stale", "#!/bin/sh\nexec /nowhere/code \"$@\"\n"),
	} {
		env := map[string]string{"GIT_ASKPASS": broken, "SSH_ASKPASS": works, "GIT_TERMINAL_PROMPT": "0"}
		p := asker("askpass", env)
		var told []string
		p.Tell = func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }
		for range 2 {
			code, err := p.Code(t.Context(), Question{Profile: "p", Device: "d"})
			if code != "123456" || err != nil {
				t.Errorf("%s: %q, %v", name, code, err)
			}
		}
		if text := strings.Join(told, "\n"); strings.Count(text, "GIT_ASKPASS is skipped: ") != 1 {
			t.Errorf("%s: %s", name, text)
		}
	}
	p := asker("askpass", map[string]string{"GIT_ASKPASS": dir, "SSH_ASKPASS": "none"})
	way, reasons, err := p.Describe()
	if err == nil || way != "" || !strings.Contains(strings.Join(reasons, "\n"), "no GIT_ASKPASS: "+dir) {
		t.Error(way, reasons, err)
	}
}
