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
	// What programs look at stands beside the prefix: Wine hides the latter's
	// folder from whoever lists the one above it.
	env, err := winetest.Make(filepath.Join(dir, "prefix"))
	if err != nil {
		return nil, err
	}
	env = append(env, "DISPLAY=", "LC_ALL=C.UTF-8") // in which Wine reads names of files
	if err := temporary(dir, env); err != nil {
		return nil, err
	}
	programs, built, git := filepath.Join(dir, "programs"), filepath.Join(dir, "built"), filepath.Join(dir, "git")
	if err := install(programs, built, git); err != nil {
		return nil, err
	}
	overlay, err := overlay(dir)
	return append(env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay),
		"GIT_CREDENTIAL_MFA_BUILT="+onZ(built),
		"WINEPATH="+onZ(filepath.Join(git, "cmd"))+";"+onZ(filepath.Join(git, "usr", "bin"))), err
}

// install builds into the folder programs, and lays out the program under test
// and what stands in for Git for Windows.
func install(programs, built, git string) error {
	if err := winetest.Build(programs); err != nil {
		return err
	}
	if err := os.RemoveAll(built); err != nil {
		return err
	}
	if err := os.Mkdir(built, 0o700); err != nil {
		return err
	}
	const program = "git-credential-mfa.exe"
	if err := os.Link(filepath.Join(programs, program), filepath.Join(built, program)); err != nil {
		return err
	}
	return winetest.InstallGit(programs, git)
}

// onZ is what Windows calls a path of Linux.
func onZ(path string) string { return "Z:" + strings.ReplaceAll(path, "/", `\`) }

// temporary has programs of Windows make their temporary files where programs
// of Linux find them under a name that tells where that is.
func temporary(dir string, env []string) error {
	folder := filepath.Join(dir, "temp")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"TEMP", "TMP"} {
		cmd := exec.Command("wine", "reg", "add", `HKCU\Environment`, "/v", name, "/t", "REG_SZ", "/d", onZ(folder), "/f")
		cmd.Env = append(os.Environ(), env...)
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return nil
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
