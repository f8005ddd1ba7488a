package doctor

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seedSources adds testdata, bare and wrapped, and some that are wrong.
func seedSources(f *testing.F) {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "alice")
		f.Add([]byte(`{"PolicyVersion": {"Document": `+string(text)+`}}`), "")
		f.Add([]byte(`{"PolicyDocument": `+quoted(string(text))+`}`), "")
	}
	for _, text := range []string{"", "%7B%7D", "\xff\xfe{\x00", `"%7B%7D"`, `{"UserDetailList": [{"UserName": "a", "GroupList": "x", "UserPolicyList": {"a": {}}}], "Policies": 3}`} {
		f.Add([]byte(text), "a")
	}
}

// FuzzSources looks for panics in what reads and judges files, for errors that
// do not say where, and for diffs that would break a document.
func FuzzSources(f *testing.F) {
	seedSources(f)
	f.Fuzz(func(t *testing.T, text []byte, user string) {
		reading, err := Sources{Policies: []string{"-"}, User: user, Stdin: bytes.NewReader(text)}.Read()
		if err != nil && !strings.HasPrefix(err.Error(), "stdin:") {
			t.Errorf("%v does not say where", err)
		}
		c := &Case{Reading: reading, Unread: err, AssumeAllow: true}
		r := examine(c)
		if (r.Status() == NotJudged) != (err != nil || len(reading.Documents) == 0) {
			t.Errorf("status %d, %v", r.Status(), err)
		}
		var out bytes.Buffer
		if r.Text(&out, Style{Verbose: true}) != nil || r.JSON(&out) != nil {
			t.Error("not rendered")
		}
		if err != nil || len(reading.Documents) == 0 || !strings.Contains(found(r), "CCM201") {
			return
		}
		for _, d := range reading.Documents {
			for _, s := range d.Statements {
				_, text, edits := d.without([]int{s.Index}, []string{"codecommit", "kms"})
				if after := applied(text, edits); !json.Valid(after) {
					t.Errorf("not valid after the change:\n%s", after)
				}
			}
		}
	})
}

// FuzzSpan compares with encoding/json: members, items and strings.
func FuzzSpan(f *testing.F) {
	for _, text := range []string{`{"a": [1, "b\"]", {"c": {}}, [], true], "d\u0061": -1.5e3, "": null}`, ` [ ] `, `"\\"`, `[{"a":1,"a":2}]`, `7`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want any
		if json.Unmarshal(text, &want) != nil {
			return
		}
		same(t, newSpan(text), want)
	})
}

func same(t *testing.T, s span, want any) {
	switch want := want.(type) {
	case map[string]any:
		last := make(map[string]span)
		for _, m := range s.items() {
			last[m.name()] = m.value()
		}
		if len(last) != len(want) || s.kind() != '{' {
			t.Fatalf("%s: %d members, want %d", s.raw(), len(last), len(want))
		}
		for name, value := range want {
			same(t, last[name], value)
		}
	case []any:
		items := s.items()
		if len(items) != len(want) || s.kind() != '[' {
			t.Fatalf("%s: %d items, want %d", s.raw(), len(items), len(want))
		}
		for i, item := range items {
			same(t, item, want[i])
		}
	case string:
		if s.string() != want {
			t.Fatalf("%s: %q, want %q", s.raw(), s.string(), want)
		}
	default:
		var got any
		if err := json.Unmarshal(s.raw(), &got); err != nil || got != want {
			t.Fatalf("%q: %v, want %v", s.raw(), got, want)
		}
	}
}
