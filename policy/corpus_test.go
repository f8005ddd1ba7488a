package policy

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus is a folder of policies from the field with answers of other
// evaluators. Many of them come without a licence, so they are not part of the
// project; decisions_test.go and stack_test.go cover the same rules with
// documents of our own.
var corpus = os.Getenv("POLICY_CORPUS")

// lines calls f with each line of a file of the corpus.
func lines(t *testing.T, name string, f func(line []byte)) {
	t.Helper()
	if corpus == "" {
		t.Skip("POLICY_CORPUS names no corpus: nothing compared")
	}
	file, err := os.Open(filepath.Join(corpus, name))
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

// stack is a line of layers.jsonl: documents in every layer, and what a
// simulator says of them.
type stack struct {
	Case                          int
	Identity, RCPs                []json.RawMessage
	SCPs                          [][]json.RawMessage
	Boundary, KeyPolicy, Endpoint json.RawMessage
	Answers                       map[string]Outcome
}

// documents reads documents of a layer.
func documents(t *testing.T, layer Layer, texts ...json.RawMessage) []*Document {
	t.Helper()
	var all []*Document
	for _, text := range texts {
		if text == nil {
			continue
		}
		d, err := ParseAt(layer, string(layer), 1, text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// fullAccess puts AWS's FullAWSAccess beside documents none of which allows.
func fullAccess(t *testing.T, layer Layer, level []*Document) []*Document {
	for _, d := range level {
		for _, s := range d.Statements {
			if s.Effect == Allow {
				return level
			}
		}
	}
	text := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}`
	if !layer.principals() {
		text = administer
	}
	return append(level, documents(t, layer, json.RawMessage(text))...)
}

// codeCommitKey is the policy of the key that AWS makes for CodeCommit
// (CodeCommit user guide, "encryption").
const codeCommitKey = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"},
	"Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
	"Condition": {"StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "codecommit.us-east-1.amazonaws.com"}}}}`

// policies are those that bear on git's requests, or on KMS's.
func (c stack) policies(t *testing.T, kms bool) Policies {
	t.Helper()
	p := Policies{Identity: documents(t, Identity, c.Identity...), Boundary: documents(t, Boundary, c.Boundary)}
	for _, level := range c.SCPs {
		p.SCPs = append(p.SCPs, fullAccess(t, SCP, documents(t, SCP, level...)))
	}
	if !kms {
		p.Endpoint = documents(t, Endpoint, c.Endpoint)
		return p
	}
	if len(c.RCPs) > 0 {
		p.RCPs = [][]*Document{fullAccess(t, RCP, documents(t, RCP, c.RCPs...))}
	}
	if c.KeyPolicy == nil {
		c.KeyPolicy = json.RawMessage(codeCommitKey)
	}
	p.Key = documents(t, Key, c.KeyPolicy)
	return p
}

func TestLayersTruth(t *testing.T) {
	count := 0
	lines(t, "layers.jsonl", func(line []byte) {
		var c stack
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		for question, want := range c.Answers {
			who, action, _ := strings.Cut(question, " ")
			kms := strings.HasPrefix(action, "kms:")
			if got := c.policies(t, kms).Evaluate(stackRequest(who, action)); got.Outcome != want {
				t.Errorf("case %d, %s: %s, want %s", c.Case, question, got.Outcome, want)
			}
			count++
		}
	})
	t.Logf("%d answers compared", count)
}

// stackRequest is git's request, or the one to KMS that CodeCommit makes for
// it.
func stackRequest(who, action string) Request {
	extra := map[string]string{}
	switch who {
	case "session-no-mfa":
		extra["aws:MultiFactorAuthPresent"] = "false"
	case "session-mfa":
		extra["aws:MultiFactorAuthPresent"], extra["aws:MultiFactorAuthAge"] = "true", "300"
	}
	if !strings.HasPrefix(action, "kms:") {
		return Request{Action: action, Resource: demo, Context: ordinary(extra)}
	}
	if who == "long-term" {
		extra["aws:MultiFactorAuthPresent"] = "false"
	}
	extra["aws:ViaAWSService"], extra["kms:ViaService"], extra["kms:CallerAccount"] = "true", via, "123456789012"
	return Request{Action: action, Resource: resources["kms"], Context: ordinary(extra)}
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
