package main

import (
	"os"
	"slices"
	"testing"
)

// Every system has rows of the page, each with something to try and something
// to expect; those that log out come last.
func TestRowsOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/unproven.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := parse(string(page))
	for _, system := range []string{"darwin", "windows", "linux"} {
		for _, session := range []bool{false, true} {
			auto, hand := split(rowsFor(rows, system, false), session)
			if len(auto) < 2 || len(hand) < 10 {
				t.Errorf("%s: %d rows are run, %d tried by hand", system, len(auto), len(hand))
			}
			for i, r := range slices.Concat(auto, hand) {
				if r.section == "" || r.what == "" || r.how == "" || r.expected == "" {
					t.Errorf("%s: not a whole row: %q", system, r)
				}
				if out := slices.Contains(r.commands, logout); out && i < len(auto)-1 {
					t.Errorf("%s: %q logs out, and others follow", system, r.what)
				}
			}
		}
	}
	if wsl := rowsFor(rows, "linux", true); !slices.ContainsFunc(wsl, func(r row) bool { return r.section == "WSL" }) {
		t.Error("WSL has no rows")
	}
}

// Only cells that consist of known commands are run.
func TestCommandsOf(t *testing.T) {
	for how, want := range map[string]int{
		"`git-credential-mfa configure`, then `git clone URL`":                2,
		"`git-credential-mfa login`, then `git-credential-mfa logout`":        2,
		"`git-credential-mfa login --refresh`":                                0, // spends another code
		"`ssh` to the Mac, `git-credential-mfa status`":                       0,
		"clone, wait 16 minutes, `git fetch`":                                 0,
		"`git-credential-mfa status`, then look":                              0,
		"`git-credential-mfa configure --keyring none`, then `git clone URL`": 0,
		"`git-credential-mfa status; rm -r ~`":                                0,
		"":                                                                    0,
	} {
		if got := commandsOf(how); len(got) != want {
			t.Errorf("%s: %q", how, got)
		}
	}
}

func TestIsRepository(t *testing.T) {
	for url, want := range map[string]bool{
		"https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo": true,
		"":                       false,
		"https://github.com/a/b": false,
		"https://git-codecommit.us-east-1.amazonaws.com/v1/repos/":           false,
		"https://alice@git-codecommit.us-east-1.amazonaws.com/v1/repos/demo": false,
		"http://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":        false,
	} {
		if isRepository(url) != want {
			t.Errorf("%q: not %v", url, want)
		}
	}
}
