package main

import (
	"regexp"
	"slices"
	"strings"
)

// A row is one line of a table of docs/unproven.md.
type row struct {
	section  string // the heading of the first level above it
	what     string // "not tried yet"
	how      string // "how to try it"
	expected string // "expected"
	commands []string
}

// parse returns the rows of the page, in its order.
func parse(page string) []row {
	var rows []row
	section := ""
	for line := range strings.SplitSeq(page, "\n") {
		line = strings.TrimSpace(line)
		if heading, found := strings.CutPrefix(line, "## "); found {
			section = heading
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[1]) == "not tried yet" {
			continue
		}
		for i, cell := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cell, "\x00", "|"))
		}
		rows = append(rows, row{section: section, what: cells[1], how: cells[2], expected: cells[3], commands: commandsOf(cells[2])})
	}
	return rows
}

// rowsFor keeps the rows that can be tried on a system, named as Go does.
func rowsFor(rows []row, system string, wsl bool) []row {
	sections := []string{"The real CodeCommit"}
	switch {
	case system == "darwin":
		sections = append(sections, "A real Mac")
	case system == "windows":
		sections = append(sections, "A real Windows")
	case wsl:
		sections = append(sections, "WSL")
	default:
		sections = append(sections, "Linux desktops")
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !slices.Contains(sections, r.section) })
}

// runs are the commands that prove runs: none of them spends a second code, and
// what they change is put back.
var runs = []string{
	"git-credential-mfa version", "git-credential-mfa configure", "git-credential-mfa login", logout,
	"git-credential-mfa status", "git-credential-mfa doctor URL", "git clone URL", "git fetch",
	"go test ./cache ./internal/prompt",
}

const logout = "git-credential-mfa logout"

var span = regexp.MustCompile("`([^`]+)`")

// commandsOf returns the commands of a cell that consists of nothing but
// commands that prove runs, with "then" between them. Anything else in the cell
// is for a person: there are no commands then.
func commandsOf(how string) []string {
	var commands []string
	for _, match := range span.FindAllStringSubmatch(how, -1) {
		if !slices.Contains(runs, match[1]) {
			return nil
		}
		commands = append(commands, match[1])
	}
	for between := range strings.SplitSeq(span.ReplaceAllString(how, "`"), "`") {
		if between != "" && between != ", then " {
			return nil
		}
	}
	return commands
}

// split separates the rows that prove runs from those that a person tries. Rows that log out come last, and are not run if there was a session before.
func split(rows []row, session bool) (auto, hand []row) {
	var last []row
	for _, r := range rows {
		switch out := slices.Contains(r.commands, logout); {
		case len(r.commands) == 0 || out && session:
			hand = append(hand, r)
		case out:
			last = append(last, r)
		default:
			auto = append(auto, r)
		}
	}
	return append(auto, last...), hand
}
