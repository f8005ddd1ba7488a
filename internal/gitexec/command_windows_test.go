package gitexec

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

func TestInterpreter(t *testing.T) {
	for head, want := range map[string]string{
		"#!/bin/sh\nexit\n":             "sh",
		"#!/bin/sh -e\r\n":              "sh",
		"#! /usr/bin/perl -w\n":         "perl",
		"#!C:\\Git\\usr\\bin\\sh.exe\n": "sh.exe",
		"#!/usr/bin/env bash\n":         "env",
		"#!/bin/sh":                     "", // no end of the line within what git reads
		"#!sh\n":                        "",
		"MZ":                            "",
		"":                              "",
	} {
		if got := interpreterOf([]byte(head)); got != want {
			t.Errorf("%q: %q", head, got)
		}
	}
}

// A script is run by git's own sh, in MSYS's words; what can't be run is said.
func TestScript(t *testing.T) {
	root := filepath.Join(t.TempDir(), "日本 x")
	usr := filepath.Join(root, "usr", "bin")
	sh := write(t, filepath.Join(usr, "sh.exe"), "MZ")
	script := write(t, filepath.Join(root, "a b", "askpass.sh"), "#!/bin/sh\n")
	cmd, err := Command([]string{usr}, filepath.ToSlash(script), "MFA-code for 'x': ")
	if err != nil || cmd.Path != sh || !slices.Equal(cmd.Args, []string{sh, script, "MFA-code for 'x': "}) ||
		!slices.Contains(cmd.Env, "PATH="+usr) {
		t.Fatal(cmd, err)
	}
	want := msysLine(cmd.Args)
	if cmd.SysProcAttr == nil || cmd.SysProcAttr.CmdLine != want {
		t.Error(cmd.SysProcAttr)
	}
	if _, err := Command(nil, script); !errors.Is(err, ErrNoInterpreter) {
		t.Error(err)
	}
	if _, err := Command(nil, write(t, filepath.Join(root, "text"), "hello\n")); !errors.Is(err, ErrNotAProgram) {
		t.Error(err)
	}
	if cmd, err := Command(nil, sh); err != nil || cmd.SysProcAttr != nil && cmd.SysProcAttr.CmdLine != "" {
		t.Error(err)
	}
}

func TestMSYSLine(t *testing.T) {
	got := msysLine([]string{`C:\Git\usr\bin\sh.exe`, `C:\a b\x.sh`, `it's "q"`, "*", "", "plain"})
	if want := `"C:\\Git\\usr\\bin\\sh.exe" "C:\\a b\\x.sh" "it's \"q\"" "*" "" plain`; got != want {
		t.Error(got)
	}
}
