package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// section returns a section of docs/architecture.md, without its heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("docs/architecture.md has no section %q", heading)
	}
	inside, _, _ := strings.Cut(after, "\n## ")
	return inside
}

// drawn returns the packages of the picture, and the package above each, or "".
func drawn(t *testing.T) map[string]string {
	t.Helper()
	above := map[string]string{}
	type level struct {
		indent int
		name   string
	}
	var open []level
	for _, line := range regexp.MustCompile(`(?m)^    ([ │├└─]*)([a-z/-]+) `).FindAllStringSubmatch(section(t, "The packages"), -1) {
		indent := len([]rune(line[1]))
		for len(open) > 0 && open[len(open)-1].indent >= indent {
			open = open[:len(open)-1]
		}
		name := line[2]
		if len(open) > 0 {
			above[name] = open[len(open)-1].name
		} else {
			above[name] = ""
		}
		open = append(open, level{indent, name})
	}
	return above
}

// TestArchitecturePicture: the picture of the packages shows every package of
// the program and no other, each below a package that imports it.
func TestArchitecturePicture(t *testing.T) {
	needGo(t)
	imported := imports(t)
	picture := drawn(t)
	for name, above := range picture {
		if above == "internal/sandbox" {
			name = above + "/" + name
		}
		if _, ok := imported[name]; !ok {
			t.Errorf("%s is drawn, but there is no such package", name)
		}
		if above != "" && above != "internal/sandbox" && !slices.Contains(imported[above], module+name) {
			t.Errorf("%s is drawn below %s, which does not import it", name, above)
		}
	}
	for name := range imported {
		outer := name
		for _, room := range []string{"internal/sandbox", "internal/winetest", "internal/mactest", "internal/bench"} { // one line each
			if strings.HasPrefix(name, room+"/") {
				outer = room
			}
		}
		if _, ok := picture[outer]; !ok && !strings.HasPrefix(name, "packaging/") {
			t.Errorf("%s is not drawn", name)
		}
	}
}

// TestArchitectureSteps: every name in the ten steps of a get exists in its
// package.
func TestArchitectureSteps(t *testing.T) {
	steps := section(t, "One `get`, in ten steps")
	names := regexp.MustCompile("`([a-z]+)\\.([A-Z]\\w+)(?:\\.([A-Z]\\w+))?`").FindAllStringSubmatch(steps, -1)
	if len(names) < 8 {
		t.Fatalf("the steps name only %d functions", len(names))
	}
	for _, name := range names {
		declared := declarations(t, name[1])
		if wanted := strings.Trim(name[2]+"."+name[3], "."); !declared[wanted] {
			t.Errorf("%s.%s is in the steps, but not in the package", name[1], wanted)
		}
	}
}

// declarations returns the top-level names of a package, "Type.Method" for
// methods.
func declarations(t *testing.T, name string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, room := range slices.Concat(rooms...) {
		if filepath.Base(room) != name {
			continue
		}
		files, err := filepath.Glob(filepath.Join("../..", room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(path, "_test.go") || file.Name.Name != name {
				continue
			}
			for _, declared := range file.Decls {
				declare(found, declared)
			}
		}
	}
	return found
}

func declare(found map[string]bool, declared ast.Decl) {
	switch d := declared.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			of := d.Recv.List[0].Type
			if pointer, ok := of.(*ast.StarExpr); ok {
				of = pointer.X
			}
			if receiver, ok := of.(*ast.Ident); ok {
				name = receiver.Name + "." + name
			}
		}
		found[name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				found[s.Name.Name] = true
			case *ast.ValueSpec:
				for _, name := range s.Names {
					found[name.Name] = true
				}
			}
		}
	}
}

// TestCachedGetJudgesNothing: a cached answer runs no code that judges policies
// or inspects the system for doctor.
func TestCachedGetJudgesNothing(t *testing.T) {
	slow(t)
	l := newLab(t)
	l.login()
	program := filepath.Join(l.dir, programFile)
	build := exec.Command("go", "build", "-cover", "-coverpkg="+module+"...", "-tags", "urfave_cli_no_docs,nethttpomithttp2", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// ran runs the program and returns the packages that it executed code of.
	ran := func(stdin string, args ...string) map[string]bool {
		counters := t.TempDir()
		l.setenv("GOCOVERDIR", counters)
		l.run(stdin, program, args...)
		out, err := exec.Command("go", "tool", "covdata", "percent", "-i", counters).Output()
		if err != nil {
			t.Fatal(err)
		}
		executed := map[string]bool{}
		for _, line := range regexp.MustCompile(`(?m)^\s*(\S+)\s+coverage: (\S+)% of`).FindAllStringSubmatch(string(out), -1) {
			executed[strings.TrimPrefix(line[1], module)] = line[2] != "0.0"
		}
		return executed
	}
	policy, err := filepath.Abs("../../internal/sandbox/force-mfa.json")
	if err != nil {
		t.Fatal(err)
	}
	get := ran(request("https", host, "v1/repos/demo"), "get")
	doctor := ran("", "doctor", "--policy", policy)
	for _, room := range []string{"session", "cache", "codecommit", "credential"} {
		if !get[room] {
			t.Errorf("a cached get ran nothing of %s: the counters are wrong", room)
		}
	}
	for _, room := range []string{"doctor", "doctor/policies", "doctor/probe", "policy", "internal/policyfile", "internal/stored", "internal/gittrace"} {
		if ran, built := get[room]; ran || !built {
			t.Errorf("%s: part of the program: %v, run by a cached get: %v", room, built, ran)
		}
	}
	if !doctor["doctor"] || !doctor["policy"] {
		t.Error("doctor ran nothing of doctor: the counters are wrong")
	}
}
