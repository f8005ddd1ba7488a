package policy

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// contexts are the requests of testdata/decisions.txt
// (reference_policies_condition-keys, aws:MultiFactorAuthPresent).
var contexts = map[string]map[string]string{
	"long-term": {},
	"forwarded": {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "true", "kms:ViaService": via},
	"no-mfa":    {"aws:MultiFactorAuthPresent": "false"},
	"mfa":       {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "300"},
	"mfa-via":   {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "300", "aws:ViaAWSService": "true", "kms:ViaService": via},
	"main":      {"codecommit:References": "refs/heads/main"},
	"topic":     {"codecommit:References": "refs/heads/topic"},
	"unsure":    {},
}

const via = "codecommit.us-east-1.amazonaws.com"

// resources by service of the action.
var resources = map[string]string{
	"codecommit": demo,
	"kms":        "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	"iam":        "arn:aws:iam::123456789012:user/alice",
	"s3":         "arn:aws:s3:::bucket/key",
}

// decision is a line of testdata/decisions.txt.
type decision struct {
	document, who, action string
	admin                 bool
	outcome               Outcome
	statements            []string
	on                    []string
}

func readDecisions(t testing.TB) []decision {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "decisions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []decision
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		f := strings.Fields(scanner.Text())
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) < 4 {
			t.Fatalf("short line: %q", scanner.Text())
		}
		document, alone := strings.CutPrefix(f[0], "-")
		d := decision{document: document, admin: !alone, who: f[1], action: f[2], outcome: Outcome(f[3])}
		if len(f) > 4 {
			d.statements, d.on = strings.Split(f[4], ","), f[5:]
		}
		all = append(all, d)
	}
	return all
}

// request makes the request of a decision.
func (d decision) request() Request {
	service, _, _ := strings.Cut(d.action, ":")
	r := Request{Action: d.action, Resource: resources[service], Context: ordinary(contexts[d.who])}
	if d.who == "unsure" {
		delete(r.Context, "aws:SourceIp")
		r.Unknown = []string{"aws:SourceIp", "aws:PrincipalTag/"}
		if service == "kms" {
			r.Resource = r.Resource[:strings.LastIndex(r.Resource, "/")+1] + Unspecified
		}
	}
	return r
}

func TestDecisions(t *testing.T) {
	for _, c := range readDecisions(t) {
		text, err := os.ReadFile(filepath.Join("testdata", c.document+".json"))
		if err != nil {
			t.Fatal(err)
		}
		p := Policies{Identity: []*Document{parse(t, c.document, string(text))}}
		if c.admin {
			p.Identity = append(p.Identity, parse(t, "admin", administer))
		}
		d := p.Evaluate(c.request())
		var statements []string
		for _, s := range d.Statements {
			if s.Source == c.document {
				statements = append(statements, strconv.Itoa(s.Index))
			}
		}
		if d.Outcome != c.outcome || !slices.Equal(statements, c.statements) || !slices.Equal(d.DependsOn, c.on) {
			t.Errorf("%s (allow all: %t), %s, %s: %s by %v on %v, want %s by %v on %v", c.document, c.admin, c.who, c.action,
				d.Outcome, statements, d.DependsOn, c.outcome, c.statements, c.on)
		}
	}
}

// TestForceMFA pins what people look up: the file, the line, the Sid.
func TestForceMFA(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "force-mfa.json"))
	if err != nil {
		t.Fatal(err)
	}
	d := parse(t, "force-mfa.json", string(text))
	last := d.Statements[len(d.Statements)-1]
	line := 1 + strings.Count(string(text[:strings.Index(string(text), `"DenyAllExceptListedIfNoMFA"`)]), "\n")
	want := "force-mfa.json:" + strconv.Itoa(line-1) + `: statement 9 "DenyAllExceptListedIfNoMFA"`
	if len(d.Notes) != 0 || last.String() != want {
		t.Errorf("%s, notes %v; want %s", last, d.Notes, want)
	}
	c := last.Conditions[0]
	if c.Name != "Bool" || !c.IfExists || c.Key != "aws:MultiFactorAuthPresent" || c.Values[0] != "false" {
		t.Errorf("condition %+v", c)
	}
	if last.Covers("iam:ListMFADevices") || !last.Covers("codecommit:GitPull") {
		t.Error("NotAction is not heeded")
	}
}
