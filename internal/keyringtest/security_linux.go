package keyringtest

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

//go:embed testdata
var securitySource embed.FS

// SecurityLibrary builds a library that stands in for macOS's CoreFoundation and
// Security, and returns its path. Its source describes how a test controls it.
// Each call builds another one, with a keychain of its own.
func SecurityLibrary(t testing.TB) string {
	t.Helper()
	Need(t, "gcc")
	library, err := BuildSecurityLibrary(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return library
}

// BuildSecurityLibrary builds the library of SecurityLibrary in a folder.
func BuildSecurityLibrary(dir string) (string, error) {
	if err := os.CopyFS(dir, securitySource); err != nil {
		return "", err
	}
	library := filepath.Join(dir, "libsecurity.so")
	gcc := exec.Command("gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, "corefoundation.c", "security.c", "-lpthread")
	gcc.Dir = filepath.Join(dir, "testdata")
	if out, err := gcc.CombinedOutput(); err != nil {
		return "", fmt.Errorf("gcc: %w: %s", err, out)
	}
	return library, nil
}
