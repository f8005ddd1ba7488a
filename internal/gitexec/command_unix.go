//go:build unix

package gitexec

import (
	"fmt"
	"os/exec"
)

const separators = "/"

func isSystem32(string) bool { return false }

func isProgramFile(path string) bool {
	found, err := exec.LookPath(path)
	return err == nil && found == path
}

// ShortName returns the path: only Windows has short names.
func ShortName(path string) string { return path }

// Hide does nothing: it is for Windows.
func Hide(*exec.Cmd) {}

// Command returns a command that runs a program as git does. The error is
// ErrNotFound.
func Command(folders []string, program string, args ...string) (*exec.Cmd, error) {
	path := Find(program, folders)
	if path == "" {
		return nil, fmt.Errorf("%s: %w", program, ErrNotFound)
	}
	return exec.Command(path, args...), nil
}
