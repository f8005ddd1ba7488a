package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// sizeLimit is how many bytes the program has at most. .ci/release compares the
// programs for all six systems with it.
const sizeLimit = 15_000_000

// What looks methods up by name, as text/template does, keeps megabytes of
// unused methods in the program.
func TestSize(t *testing.T) {
	t.Parallel()
	needGo(t)
	program := filepath.Join(t.TempDir(), programFile)
	build := exec.Command("go", "build", "-trimpath", "-tags", "urfave_cli_no_docs,nethttpomithttp2", "-ldflags", "-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > sizeLimit {
		t.Errorf("the program has %d bytes, more than %d: docs/startup.md shows how to find what is new in it", info.Size(), sizeLimit)
	}
}
