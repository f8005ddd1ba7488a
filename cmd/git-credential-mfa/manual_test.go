package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

const manual = "../../docs/git-credential-mfa.1"

// global is the key of the options that stand before every command.
const global = ""

// TestManualOptions: the manual has every command of the program, each with
// exactly its own options.
func TestManualOptions(t *testing.T) {
	program, page := programOptions(t), manualOptions(t)
	for _, command := range slices.Sorted(maps.Keys(program)) {
		options, ok := page[command]
		if !ok {
			t.Errorf("the manual lacks the command %q", command)
		}
		compare(t, "of the command "+command, program[command], options)
	}
	for command := range page {
		if _, ok := program[command]; !ok {
			t.Errorf("the program has no command %q", command)
		}
	}
}

// programOptions returns the options in the program's help for each command,
// without the global options.
func programOptions(t *testing.T) map[string][]string {
	t.Helper()
	if built == "" {
		t.Skip("there is no program: GIT_CREDENTIAL_MFA_BUILT names its folder")
	}
	help := func(args ...string) string {
		out, err := exec.Command(filepath.Join(built, "git-credential-mfa"), append([]string{"help"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	text := help()
	options := map[string][]string{global: flags(text)}
	_, list, _ := strings.Cut(text, "\nCommands:\n")
	list, _, _ = strings.Cut(list, "\nGlobal options:\n")
	for _, command := range matches(`(?m)^  ([a-z-]+) `, list) {
		options[command] = slices.DeleteFunc(flags(help(command)), func(name string) bool { return slices.Contains(options[global], name) })
	}
	if len(options) < 10 || len(options[global]) < 6 {
		t.Fatalf("the program's help is not understood: %v", options)
	}
	return options
}

// flags returns the long options at the beginning of a help text's lines.
func flags(help string) []string { return matches(`(?m)^  --([a-z-]+)`, help) }

// manualOptions returns the options in the manual, by command. An item of the
// outer list in the sections about commands is a command. The synopsis may name
// only options that a section explains.
func manualOptions(t *testing.T) map[string][]string {
	t.Helper()
	text := manualText(t)
	options, command, depth, section := map[string][]string{}, "", 0, ""
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case ".Sh", ".Ss":
			section, command = strings.Join(words[1:], " "), ""
		case ".Bl":
			depth++
		case ".El":
			depth--
		case ".It":
			commands := strings.HasPrefix(section, "Commands") || strings.HasPrefix(section, "Operations")
			switch {
			case commands && depth == 1:
				command = words[2]
				options[command] = nil
			case commands, section == "Global options" && depth == 1:
				options[command] = append(options[command], longOptions(line)...)
			}
		}
	}
	// The commands version and help mention these two.
	options[global] = append(options[global], "help", "version")
	var all []string
	for _, some := range options {
		all = append(all, some...)
	}
	for _, name := range unique(longOptions(text)) {
		if !slices.Contains(all, name) {
			t.Errorf("the manual names --%s, but does not describe it", name)
		}
	}
	return options
}

func longOptions(mdoc string) []string { return matches(`Fl -([a-z-]+)`, mdoc) }

// TestManualVariables: the manual has exactly the variables that the program
// reads.
func TestManualVariables(t *testing.T) {
	page := matches(`\b([A-Z][A-Z0-9_]+)\b`, strings.Join(matches(`(?m)^\.(?:It )?Ev (.*)$`, manualText(t)), "\n"))
	var read, named []string
	for _, source := range sources(t, slices.Concat(rooms...)...) {
		read = append(read, matches(`(?:Getenv|LookupEnv)\("([A-Z][A-Z0-9_]*)"\)`, source)...)
		read = append(read, matches(`"(GIT_CREDENTIAL_MFA_[A-Z_]+)"`, source)...)
		named = append(named, matches(`"([A-Z][A-Z0-9_]+)"`, source)...)
	}
	if !slices.Contains(read, "GIT_CREDENTIAL_MFA_TRACE") {
		t.Fatalf("the source is not understood: %v", read)
	}
	for _, name := range unique(read) {
		if !slices.Contains(page, name) {
			t.Errorf("the manual lacks the variable %s", name)
		}
	}
	// Go's HTTP client and git read these.
	named = append(named, "HTTPS_PROXY", "NO_PROXY", "GIT_TRACE_CURL")
	for _, name := range unique(page) {
		if !slices.Contains(named, name) {
			t.Errorf("the program does not know the manual's variable %s", name)
		}
	}
}

func TestManualLint(t *testing.T) {
	keyringtest.Need(t, "mandoc")
	out, err := exec.Command("mandoc", "-Tlint", manual).CombinedOutput()
	// An old index of the machine's manuals does not matter.
	complaints := regexp.MustCompile(`(?m)^mandoc: outdated mandoc\.db .*\n`).ReplaceAll(out, nil)
	if err != nil || len(complaints) > 0 {
		t.Errorf("%v\n%s", err, complaints)
	}
}

func manualText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func unique(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

func compare(t *testing.T, where string, program, page []string) {
	t.Helper()
	for _, name := range program {
		if !slices.Contains(page, name) {
			t.Errorf("the manual lacks --%s %s", name, where)
		}
	}
	for _, name := range page {
		if !slices.Contains(program, name) {
			t.Errorf("the manual has --%s, which does not exist %s", name, where)
		}
	}
}
