package policy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// seeds are the documents of testdata and some that are wrong.
func seeds(f *testing.F) []string {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	texts := []string{"", "{", "%7B%7D", "\xff\xfe{\x00", `{"Statement": {"Effect": "Deny", "NotAction": [], "NotResource": "arn:${k}:*"}}`}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// FuzzParse looks for panics, errors that do not say where, and statements that
// cite lines which are not there.
func FuzzParse(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Parse("fuzz.json", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fuzz.json:") || d != nil {
				t.Errorf("%v, %v", d, err)
			}
			return
		}
		line := 1
		for i, s := range d.Statements {
			if s.Index != i+1 || s.Line < line || s.Line > 1+len(text) {
				t.Errorf("%+v after line %d", s, line)
			}
			line = s.Line
		}
	})
}

// FuzzEvaluate checks that what is decided without knowing a key stays so
// whatever the key holds, and that a decision keeps to its own description.
func FuzzEvaluate(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text, "codecommit:GitPush", demo, "aws:SourceIp", "203.0.113.9")
	}
	f.Add(condition(`{"StringNotLikeIfExists": {"k": ["${k}*", "${x, 'd'}"]}, "ForAnyValue:ArnLike": {"k": "arn:*:${k}"}}`),
		"s3:a", "arn:aws:s3:::b/c", "k", "v")
	f.Fuzz(func(t *testing.T, text, action, resource, key, value string) {
		document, err := Parse("fuzz.json", []byte(text))
		if err != nil {
			return
		}
		everything := parse(t, "admin", administer)
		p := Policies{Identity: []*Document{document, everything}, Boundary: []*Document{document}, SCPs: [][]*Document{{everything}}}
		unsure := p.Evaluate(Request{Action: action, Resource: resource, Unknown: []string{key}})
		checkDecision(t, unsure)
		contexts := []Context{{}, {key: {value}}, {key: {""}}}
		if !singleValued(strings.ToLower(key)) {
			contexts = append(contexts, Context{key: {value, "x"}})
		}
		for _, context := range contexts {
			d := p.Evaluate(Request{Action: action, Resource: resource, Context: context})
			checkDecision(t, d)
			for _, o := range d.Possible {
				if !unsure.Can(o) {
					t.Errorf("%s with %q, but only %v when that is unknown", o, context, unsure.Possible)
				}
			}
		}
	})
}

func checkDecision(t *testing.T, d Decision) {
	t.Helper()
	depends := d.Outcome == Depends
	if depends != (len(d.Possible) > 1 && d.Can(Allowed)) || depends != (len(d.DependsOn) > 0) || !depends && !d.Can(d.Outcome) {
		t.Errorf("%+v", d)
	}
	if (len(d.Statements) == 0) != (d.Outcome == ImplicitDeny && len(d.Lacking) > 0) {
		t.Errorf("statements %v for %s", d.Statements, d.Outcome)
	}
	if !slices.Equal(d.DependsOn, distinct(slices.Clone(d.DependsOn))) {
		t.Errorf("depends on %q", d.DependsOn)
	}
}
