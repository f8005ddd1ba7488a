package policy

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// corpus holds policies from the field with answers of other evaluators. Many of
// them come without a licence, so they are not part of the project; decisions_test.go
// covers the same rules with documents of our own.
const corpus = "../../shared/policies"

// lines calls f with each line of a file of the corpus.
func lines(t *testing.T, name string, f func(line []byte)) {
	t.Helper()
	file, err := os.Open(filepath.Join(corpus, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the corpus of field policies is not at %s: nothing compared", corpus)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		f(scanner.Bytes())
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
}

// ordinary is the context of a request by an IAM user, to which each case adds.
func ordinary(extra map[string]string) Context {
	context := Context{
		"aws:username":         {"alice"},
		"aws:userid":           {"AIDAEXAMPLEUSERIDALICE"},
		"aws:PrincipalArn":     {"arn:aws:iam::123456789012:user/alice"},
		"aws:PrincipalAccount": {"123456789012"},
		"aws:PrincipalType":    {"User"},
		"aws:SourceIp":         {"203.0.113.10"},
		"aws:SecureTransport":  {"true"},
		"aws:ViaAWSService":    {"false"},
		"aws:RequestedRegion":  {"us-east-1"},
		"aws:CurrentTime":      {"2026-01-15T12:00:00Z"},
		"aws:EpochTime":        {"1768478400"},
	}
	for key, value := range extra {
		context[key] = []string{value}
	}
	return context
}

const (
	demo       = "arn:aws:codecommit:us-east-1:123456789012:demo"
	administer = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
)

// outcomes maps the words of the corpus to ours.
var outcomes = map[string]Outcome{"allow": Allowed, "implicitDeny": ImplicitDeny, "explicitDeny": ExplicitDeny}

func TestTruth(t *testing.T) {
	documents := make(map[string]*Document)
	count := 0
	lines(t, "truth.jsonl", func(line []byte) {
		var c struct {
			File, Case, Action, Resource, Decision string
			WithAdmin                              bool `json:"with_admin"`
			Context                                map[string]string
			Deciding                               []int
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		if documents[c.File] == nil {
			text, err := os.ReadFile(filepath.Join(corpus, c.File))
			if err != nil {
				t.Fatal(err)
			}
			documents[c.File] = parse(t, c.File, string(text))
		}
		p := Policies{Identity: []*Document{documents[c.File]}}
		if c.WithAdmin {
			p.Identity = append(p.Identity, parse(t, "admin", administer))
		}
		d := p.Evaluate(Request{Action: c.Action, Resource: c.Resource, Context: ordinary(c.Context)})
		deciding := []int{}
		for _, s := range d.Statements {
			if s.Source == c.File {
				deciding = append(deciding, s.Index)
			}
		}
		if d.Outcome != outcomes[c.Decision] || !slices.Equal(deciding, c.Deciding) {
			t.Errorf("%s %s admin=%t: %s by %v, want %s by %v", c.File, c.Case, c.WithAdmin, d.Outcome, deciding, c.Decision, c.Deciding)
		}
		count++
	})
	t.Logf("%d answers compared", count)
}

func TestSemantics(t *testing.T) {
	count := 0
	lines(t, "semantics.jsonl", func(line []byte) {
		var c struct {
			Name, Action, Resource, Expect string
			Policy                         json.RawMessage
			Context                        map[string]string
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		if c.Resource == "" {
			c.Resource = demo
		}
		p := Policies{Identity: []*Document{parse(t, c.Name, string(c.Policy))}}
		d := p.Evaluate(Request{Action: c.Action, Resource: c.Resource, Context: ordinary(c.Context)})
		if d.Outcome != outcomes[c.Expect] {
			t.Errorf("%s: %s, want %s", c.Name, d.Outcome, c.Expect)
		}
		count++
	})
	t.Logf("%d cases compared", count)
}

// parse is Parse for documents that are right.
func parse(t testing.TB, source, text string) *Document {
	t.Helper()
	d, err := Parse(source, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}
