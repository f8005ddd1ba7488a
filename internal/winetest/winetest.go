// Package winetest gives tests a Wine prefix of their own, in which the
// Windows build runs on Linux. Its commands are for Windows: gitlike stands in
// for git.exe, bash for MSYS's. Wine is not Windows: what it can't show stands
// in docs/unproven.md.
package winetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Make makes a Wine prefix in dir, which may be one already, and returns the
// settings for the environment of programs that run in it.
func Make(dir string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	// No talk, no menu entries of the desktop that the tests run on, and no
	// download of .NET and of a browser.
	env := []string{"WINEPREFIX=" + dir, "WINEDEBUG=-all", "WINEARCH=win64", "WINEDLLOVERRIDES=winemenubuilder.exe,mscoree,mshtml="}
	system := filepath.Join(dir, "drive_c", "windows", "system32")
	if _, err := os.Stat(filepath.Join(system, "kernel32.dll")); err != nil {
		if err := boot(dir, env); err != nil {
			return nil, err
		}
	}
	// Wine 8.0 lacks this library, and no program of Go 1.22 or later starts
	// without it.
	if _, err := os.Stat(filepath.Join(system, library)); err != nil {
		if err := os.WriteFile(filepath.Join(system, library), forwarder(), 0o644); err != nil {
			return nil, fmt.Errorf("adding %s: %w", library, err)
		}
	}
	return env, nil
}

// bootLimit is far above what a prefix takes, half a minute on a busy machine.
const bootLimit = 5 * time.Minute

func boot(dir string, env []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), bootLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wine", "wineboot", "--init")
	cmd.Env = append(os.Environ(), append(env, "DISPLAY=")...)
	// Not read through a pipe: the server that it leaves running would hold it.
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("making a Wine prefix: %w", err)
	}
	return nil
}

// Stop ends all programs of a prefix, and its server, which writes to the
// prefix until then.
func Stop(env []string) {
	for _, step := range []string{"--kill", "--wait"} {
		cmd := exec.Command("wineserver", step)
		cmd.Env = append(os.Environ(), env...)
		_ = cmd.Run() // none may be running
	}
}
