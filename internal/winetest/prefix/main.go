// Command prefix makes a Wine prefix for the tests in a folder, and prints for
// a shell what programs in it, and the go command that builds them, need in
// their environment. See .ci/wine.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/winetest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: prefix FOLDER")
		os.Exit(2)
	}
	env, err := settings(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "prefix:", err)
		os.Exit(1)
	}
	for _, setting := range env {
		name, value, _ := strings.Cut(setting, "=")
		fmt.Printf("export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
}

func settings(dir string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	env, err := winetest.Make(dir)
	if err != nil {
		return nil, err
	}
	overlay, err := overlay(dir)
	return append(env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay), "DISPLAY="), err
}

// overlay has the standard library remove files as it does on systems before
// Windows 10: os.RemoveAll, and with it every test's folder, fails under Wine
// 8.0, which lacks FileDispositionInformationEx and has an error of its own
// for that. Only binaries built for Windows have the file.
func overlay(dir string) (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("asking go for its folder: %w", err)
	}
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "internal", "syscall", "windows", "at_windows.go")
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	changed := bytes.Replace(text, []byte("\tif TestDeleteatFallback {"), []byte("\tif true {"), 1)
	if bytes.Equal(text, changed) {
		return "", errors.New("this Go's standard library removes files in another way: see whether the overlay is still needed")
	}
	copied, list := filepath.Join(dir, "at_windows.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(copied, changed, 0o644); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{original: copied}})
	if err != nil {
		return "", err
	}
	return list, os.WriteFile(list, replace, 0o644)
}
