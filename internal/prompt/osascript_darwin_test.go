package prompt

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// The scripts are AppleScript. That they show a window, only a person can see.
func TestOsascriptCompiles(t *testing.T) {
	for _, script := range []string{enterScript, chooseScript} {
		compiled := filepath.Join(t.TempDir(), "compiled.scpt")
		if out, err := exec.Command("/usr/bin/osacompile", "-o", compiled, "-e", script).CombinedOutput(); err != nil {
			t.Errorf("%v: %s\n%s", err, out, script)
		}
	}
}
