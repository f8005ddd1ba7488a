// Command prefix makes a Wine prefix for the tests in a folder. It prints export
// commands for a shell, with the variables that programs in the prefix, and the
// go command that builds them, need. See .ci/wine.
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
	// Files for programs are beside the prefix, because Wine hides the prefix's own
	// folder in the list of the one above it.
	env, err := winetest.Make(filepath.Join(dir, "prefix"))
	if err != nil {
		return nil, err
	}
	env = append(env, "DISPLAY=", "LC_ALL=C.UTF-8") // Wine reads file names in this encoding
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

// install builds into the folder programs, and from there lays out the program
// under test and the stand-in for Git for Windows.
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

// onZ returns the Windows path of a Linux path.
func onZ(path string) string { return "Z:" + strings.ReplaceAll(path, "/", `\`) }

// temporary makes Windows programs write their temporary files below Z:, where
// Linux programs find them.
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

// overlay makes Go's standard library remove files as before Windows 10. Wine
// 8.0 lacks FileDispositionInformationEx and reports that with an error that
// os.RemoveAll does not expect, so no test's folder could be removed. The file is
// in Windows binaries only.
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
