// Package winetest makes a Wine prefix for tests, in which the Windows build runs
// on Linux. Its commands stand in for programs of Git for Windows. What Wine
// can't show is listed in docs/unproven.md.
package winetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Make makes a Wine prefix in dir, or completes the one that is there, and
// returns the variables for programs that run in it.
func Make(dir string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	// Without debug output, without menu entries on the desktop, and without a
	// download of .NET and a browser.
	env := []string{"WINEPREFIX=" + dir, "WINEDEBUG=-all", "WINEARCH=win64", "WINEDLLOVERRIDES=winemenubuilder.exe,mscoree,mshtml="}
	system := filepath.Join(dir, "drive_c", "windows", "system32")
	if _, err := os.Stat(filepath.Join(system, "kernel32.dll")); err != nil {
		if err := boot(dir, env); err != nil {
			return nil, err
		}
	}
	// Wine 8.0 lacks this library, which programs of Go 1.22 and later need.
	if _, err := os.Stat(filepath.Join(system, library)); err != nil {
		if err := os.WriteFile(filepath.Join(system, library), forwarder(), 0o644); err != nil {
			return nil, fmt.Errorf("adding %s: %w", library, err)
		}
	}
	return env, nil
}

// bootLimit is far more than it takes to make a prefix: half a minute on a busy
// machine.
const bootLimit = 5 * time.Minute

// boot makes a new prefix.
func boot(dir string, env []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), bootLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wine", "wineboot", "--init")
	cmd.Env = append(os.Environ(), append(env, "DISPLAY=")...)
	// Without a pipe for the output: the server that it starts would keep it open.
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("making a Wine prefix: %w", err)
	}
	return nil
}

// Stop ends all programs in a prefix, and its server, which writes to the prefix
// as long as it runs.
func Stop(env []string) {
	for _, step := range []string{"--kill", "--wait"} {
		cmd := exec.Command("wineserver", step)
		cmd.Env = append(os.Environ(), env...)
		_ = cmd.Run() // none may be running
	}
}
