package main

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

const module = "github.com/git-credential-mfa/git-credential-mfa/"

// rooms are the packages from the top of the house to its floor. A package
// imports only what stands in a row below its own.
var rooms = [][]string{
	{"cmd/git-credential-mfa"},
	{"internal/cli", "internal/early/cached"},
	{"internal/early"},
	{"doctor/probe"},
	{"internal/stored"},
	{"doctor", "internal/iamuser"}, // beside session once it looks at nothing
	{"session", "gitconfig", "internal/prompt"},
	{"internal/awssource", "internal/answer"},
	{"doctor/policies", "internal/awsclient", "internal/gittrace", "cache"},
	{"internal/policyfile", "internal/keychain", "internal/awsfile"},
	{"policy", "codecommit", "credential"},
	{"internal/encoding", "internal/gitexec", "internal/keyring", "internal/language", "internal/printable", "internal/qrcode", "internal/shell", "internal/spelling"},
	{"internal/regularfile"},
	{"internal/atomicfile"},
	{"internal/bounded"},
}

// pure are the rooms that import nothing of ours, and no part of the system.
var pure = []string{"credential", "codecommit", "policy", "internal/language", "internal/qrcode", "internal/shell", "internal/spelling"}

func TestArrowsPointDown(t *testing.T) {
	needGo(t)
	row := map[string]int{}
	for i, names := range rooms {
		for _, name := range names {
			row[name] = i
		}
	}
	for room, imports := range imports(t) {
		if strings.HasPrefix(room, "internal/sandbox") || room == "internal/keyringtest" || strings.HasPrefix(room, "internal/winetest") || strings.HasPrefix(room, "internal/mactest") || strings.HasPrefix(room, "internal/bench") || room == "internal/prove" {
			continue // for tests, measurements and the demo, and not in the program: see below
		}
		from, ok := row[room]
		if !ok {
			t.Errorf("%s stands in no row", room)
		}
		for _, imported := range imports {
			if name, ours := strings.CutPrefix(imported, module); ours && row[name] <= from {
				t.Errorf("%s imports %s", room, name)
			}
		}
	}
	for _, room := range pure {
		for _, imported := range imports(t)[room] {
			if strings.HasPrefix(imported, module) || imported == "os" || imported == "net" || imported == "net/http" {
				t.Errorf("%s imports %s", room, imported)
			}
		}
	}
}

// The program holds nothing of the sandbox, whose CA and proxy are a toy's.
func TestSandboxStaysOut(t *testing.T) {
	needGo(t)
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dependency := range strings.Lines(string(out)) {
		if strings.Contains(dependency, "/internal/sandbox") || strings.Contains(dependency, "keyringtest") || strings.Contains(dependency, "winetest") || strings.Contains(dependency, "mactest") || strings.TrimSpace(dependency) == "testing" {
			t.Errorf("the program holds %s", strings.TrimSpace(dependency))
		}
	}
}

// judging are the packages that judge. They can't look: nothing that they stand
// on has the network, other programs or AWS's SDK.
var judging = []string{"doctor", "doctor/policies", "internal/policyfile", "policy", "codecommit", "credential"}

func TestWhoJudgesCannotLook(t *testing.T) {
	needGo(t)
	for _, room := range judging {
		out, err := exec.Command("go", "list", "-deps", module+room).Output()
		if err != nil {
			t.Fatal(err)
		}
		for dependency := range strings.Lines(string(out)) {
			dependency = strings.TrimSpace(dependency)
			if dependency == "net/http" || dependency == "os/exec" || strings.HasPrefix(dependency, "github.com/aws/") {
				t.Errorf("%s stands on %s", room, dependency)
			}
		}
	}
}

// needGo skips a test that asks the go command where there is none, as under
// Wine.
func needGo(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil && runtime.GOOS == "windows" {
		t.Skip(err)
	}
}

// What calls C libraries is in the Mac's program, which has no other keyring,
// and in no other.
func TestKeychainIsTheMacs(t *testing.T) {
	needGo(t)
	for _, system := range []string{"linux", "windows", "darwin"} {
		list := exec.Command("go", "list", "-deps", ".")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, held := range []string{module + "internal/keychain\n", "github.com/ebitengine/purego\n"} {
			if strings.Contains(string(out), held) != (system == "darwin") {
				t.Errorf("on %s, %q in the program: %v", system, held, system != "darwin")
			}
		}
	}
}

// imports returns the direct imports of every package of this module, on any of
// the systems.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	rooms := map[string][]string{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		list := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"...")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			words := strings.Fields(line)
			room := strings.TrimPrefix(words[0], module)
			rooms[room] = append(rooms[room], words[1:]...)
		}
	}
	return rooms
}
