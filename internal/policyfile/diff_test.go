package policyfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	text := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n"
	at := func(line string) Edit {
		from := strings.Index("\n"+text, "\n"+line+"\n")
		return Edit{From: from, To: from + len(line), With: "x"}
	}
	for _, c := range []struct {
		name, text, want string
		edits            []Edit
	}{
		{"two hunks", text, "@@ -1,5 +1,5 @@\n 1\n-2\n+x\n 3\n 4\n 5\n@@ -9,7 +9,7 @@\n 9\n 10\n 11\n-12\n+x\n 13\n 14\n 15\n", []Edit{at("12"), at("2")}},
		{"one hunk", text, "@@ -1,9 +1,9 @@\n 1\n-2\n+x\n 3\n 4\n 5\n-6\n+x\n 7\n 8\n 9\n", []Edit{at("2"), at("6")}},
		{"the end", text, "@@ -12,4 +12,4 @@\n 12\n 13\n 14\n-15\n+x\n", []Edit{at("15")}},
		{"no last line end", "one", "@@ -1,1 +1,1 @@\n-one\n\\ No newline at end of file\n+two\n\\ No newline at end of file\n", []Edit{{0, 3, "two"}}},
		{"carriage returns", "1\r\n2\r\n", "@@ -1,2 +1,2 @@\n 1\r\n-2\r\n+x\r\n", []Edit{{3, 4, "x"}}},
	} {
		if got := Diff("f", []byte(c.text), c.edits); got != "--- a/f\n+++ b/f\n"+c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	if got := Diff("f", []byte(text), nil); got != "" {
		t.Error(got)
	}
}

// TestDiffApplies gives diffs to the two programs that people have.
func TestDiffApplies(t *testing.T) {
	for name, c := range map[string]struct{ file, text string }{
		"plain":             {"p.json", "[\n1,\n2,\n3\n]\n"},
		"a folder, a space": {"my policies/p q.json", "[\n1,\n2,\n3\n]\n"},
		"carriage returns":  {"p.json", "[\r\n1,\r\n2,\r\n3\r\n]\r\n"},
		"no last line end":  {"p.json", "[\n1,\n2,\n3]"},
		"one line":          {"p.json", "[1, 2, 3]"},
	} {
		edit := Edit{From: strings.Index(c.text, "2"), To: strings.Index(c.text, "3")}
		want := string(Apply([]byte(c.text), []Edit{edit}))
		for _, program := range [][]string{{"patch", "--fuzz=0", "-p1"}, {"git", "apply"}} {
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Logf("no %s", program[0])
				continue
			}
			directory := t.TempDir()
			path := filepath.Join(directory, c.file)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Dir(path), filepath.Base(path), c.text)
			command := exec.Command(program[0], program[1:]...)
			command.Dir, command.Stdin = directory, strings.NewReader("a report\n\n"+Diff(c.file, []byte(c.text), []Edit{edit})+"           see https://example.com\n")
			out, err := command.CombinedOutput()
			got, _ := os.ReadFile(path)
			if err != nil || string(got) != want || strings.Contains(string(out), "offset") {
				t.Errorf("%s, %s: %v: %s%q, want %q", name, program[0], err, out, got, want)
			}
		}
	}
}
