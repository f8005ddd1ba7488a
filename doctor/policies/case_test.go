package policies

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// document makes a document of statements' inner parts.
func document(t *testing.T, layer policy.Layer, statements ...string) *policyfile.Document {
	t.Helper()
	text := `{"Version": "2012-10-17", "Statement": [{` + strings.Join(statements, "},\n{") + "}]}"
	d, err := policy.Parse(string(layer), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &policyfile.Document{Document: d, Layer: layer, Root: policyfile.NewValue([]byte(text))}
}

const (
	allowGit        = `"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"`
	allowS3         = `"Effect": "Allow", "Action": "s3:*", "Resource": "*"`
	allowEverything = `"Effect": "Allow", "Action": "*", "Resource": "*"`
	askForMFA       = `"Effect": "Deny", "NotAction": ["iam:ListMFADevices"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}`
)

// TestLayers judges boundaries and service control policies beside the user's.
func TestLayers(t *testing.T) {
	const identity, boundary, scp = policy.Identity, policy.Boundary, policy.SCP
	for name, c := range map[string]struct {
		documents []*policyfile.Document
		codes     string
		says      string
	}{
		"boundary allows":         {[]*policyfile.Document{document(t, identity, allowEverything), document(t, boundary, allowEverything, askForMFA)}, "CCM101 CCM102", ""},
		"boundary lacks":          {[]*policyfile.Document{document(t, identity, allowEverything), document(t, boundary, allowS3)}, "CCM104 CCM302", "permissions boundary allows"},
		"boundary only denies":    {[]*policyfile.Document{document(t, identity, allowEverything), document(t, boundary, askForMFA)}, "CCM101 CCM102 CCM104 CCM302", "permissions boundary allows"},
		"scp only denies":         {[]*policyfile.Document{document(t, identity, allowEverything), document(t, scp, askForMFA)}, "CCM101 CCM102", ""},
		"scp allows other things": {[]*policyfile.Document{document(t, identity, allowEverything), document(t, scp, allowS3, askForMFA)}, "CCM101 CCM102 CCM104 CCM302", "service control policy allows"},
		"nobody allows":           {[]*policyfile.Document{document(t, identity, allowS3), document(t, boundary, allowS3)}, "CCM104 CCM302", "identity policy and of the permissions boundary"},
		"kms needs no allow":      {[]*policyfile.Document{document(t, identity, allowGit), document(t, boundary, allowGit)}, "CCM205 CCM302", ""},
	} {
		subject := &Case{Set: policyfile.Set{Documents: c.documents}}
		details := ""
		for _, q := range questions {
			details += strings.Join(q.find(subject).Detail, "\n") + "\n"
		}
		if codes := codes(subject); codes != c.codes || !strings.Contains(details, c.says) {
			t.Errorf("%s: %s, want %s, %q", name, codes, c.codes, c.says)
		}
	}
}

// TestSilence has statements that look like a cause and are none.
func TestSilence(t *testing.T) {
	const mfa = `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`
	for name, c := range map[string]struct{ statements, codes string }{
		"region lock with exceptions": {`"Effect": "Deny", "NotAction": ["codecommit:*", "kms:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}`, "CCM205"},
		"ReEncrypt alone":             {`"Effect": "Deny", "Action": "kms:ReEncrypt*", "Resource": "*"`, "CCM205"},
		"ReEncrypt without MFA":       {`"Effect": "Deny", "Action": "kms:ReEncrypt*", "Resource": "*", "Condition": {` + mfa + `}`, ""},
		"exempt, perhaps not": {`"Effect": "Deny", "NotAction": ["codecommit:*", "kms:*", "iam:*"], "Resource": "*", "Condition": {` + mfa + `}},
{"Effect": "Deny", "Action": ["codecommit:*", "kms:*"], "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.1"}, ` + mfa + `}`, "CCM304"},
		"sessions only, not by Bool": {`"Effect": "Deny", "Action": "codecommit:*", "Resource": "*", "Condition": {"Null": {"aws:TokenIssueTime": "false"}, ` + mfa + `}`, ""},
		"another service":            {`"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}`, "CCM205"},
	} {
		subject := &Case{AssumeAllow: true}
		subject.Documents = []*policyfile.Document{document(t, policy.Identity, c.statements)}
		if codes := codes(subject); codes != c.codes {
			t.Errorf("%s: %s, want %s", name, codes, c.codes)
		}
	}
}

// TestKnown has answers depend on what the case knows, and on nothing that is
// a placeholder.
func TestKnown(t *testing.T) {
	deny := func(condition string) string {
		return `"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {` + condition + `}`
	}
	for _, v := range []struct {
		condition string
		change    func(*Case)
		pull      policy.Outcome // with MFA
		on        string
	}{
		{`"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}`, nil, policy.Depends, "aws:RequestedRegion"},
		{`"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}`, func(c *Case) { c.Repository.Region = "eu-west-1" }, policy.Allowed, ""},
		{`"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}`, nil, policy.Depends, "aws:PrincipalAccount"},
		{`"StringEquals": {"aws:username": "alice"}`, nil, policy.Depends, "aws:username"},
		{`"StringEquals": {"aws:username": "alice"}`, func(c *Case) { c.User.Name = "bob" }, policy.Allowed, ""},
		{`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ci/*"}`, func(c *Case) { c.User.Name = "bob" }, policy.Depends, "aws:PrincipalArn"},
		{`"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ci/*"}`, func(c *Case) { c.User.ARN = "arn:aws:iam::1:user/ci/x" }, policy.Allowed, ""},
		{`"StringNotEquals": {"aws:PrincipalTag/team": "x"}`, nil, policy.Depends, "aws:PrincipalTag/team"},
		{`"StringEquals": {"aws:SomethingNew": "x"}`, nil, policy.Depends, "aws:SomethingNew"},
		{`"FancyEquals": {"aws:username": "x"}`, nil, policy.Depends, "FancyEquals"},
		{`"DateGreaterThan": {"aws:CurrentTime": "2030-01-01"}`, nil, policy.Depends, "aws:CurrentTime"},
		{`"DateLessThan": {"aws:TokenIssueTime": "2026-01-01"}`, nil, policy.Allowed, ""},
		{`"DateLessThan": {"aws:TokenIssueTime": "2026-02-01"}`, nil, policy.ExplicitDeny, ""},
		{`"Bool": {"aws:SecureTransport": "false"}`, nil, policy.Allowed, ""},
		{`"Bool": {"aws:ViaAWSService": "true"}`, nil, policy.Allowed, ""},
		{`"Null": {"kms:ViaService": "true"}, "Bool": {"aws:PrincipalIsAWSService": "false"}`, nil, policy.ExplicitDeny, ""},
		{`"StringEquals": {"s3:prefix": "x"}`, nil, policy.Allowed, ""},
	} {
		c := &Case{AssumeAllow: true, Now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}
		c.Documents = []*policyfile.Document{document(t, policy.Identity, deny(v.condition))}
		if v.change != nil {
			v.change(c)
		}
		if d := c.at(gitPull, MFA, Direct); d.Outcome != v.pull || strings.Join(d.DependsOn, " ") != v.on {
			t.Errorf("%s: %s on %v, want %s on %s", v.condition, d.Outcome, d.DependsOn, v.pull, v.on)
		}
	}
}

// TestForwarded pins the row of the contract that people overlook: in KMS's
// requests MFA is present, and false, though the keys are long-term.
func TestForwarded(t *testing.T) {
	for _, v := range []struct{ condition, decrypt string }{
		{`"Bool": {"aws:MultiFactorAuthPresent": "false"}`, "allowed explicitDeny explicitDeny explicitDeny allowed allowed"},
		{`"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`, "explicitDeny explicitDeny explicitDeny explicitDeny allowed allowed"},
		{`"Null": {"aws:MultiFactorAuthPresent": "true"}`, "explicitDeny allowed allowed allowed allowed allowed"},
		{`"Bool": {"aws:ViaAWSService": "true"}`, "allowed explicitDeny allowed explicitDeny allowed explicitDeny"},
		{`"StringEquals": {"kms:ViaService": "codecommit.us-east-1.amazonaws.com"}`, "allowed explicitDeny allowed explicitDeny allowed explicitDeny"},
		{`"Null": {"aws:TokenIssueTime": "false"}`, "allowed depends explicitDeny explicitDeny explicitDeny explicitDeny"},
		{`"NumericEquals": {"aws:MultiFactorAuthAge": "300"}`, "allowed allowed allowed allowed explicitDeny explicitDeny"},
		{`"StringLike": {"kms:RequestAlias": "alias/x"}`, "depends depends depends depends depends depends"},
		{`"StringEquals": {"aws:CalledViaLast": "x"}`, "allowed depends allowed depends allowed depends"},
	} {
		c := &Case{AssumeAllow: true, Repository: known}
		c.Documents = []*policyfile.Document{document(t, policy.Identity, `"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {`+v.condition+`}`)}
		var got []string
		for _, who := range allCredentials {
			for _, via := range []Via{Direct, Forwarded} {
				got = append(got, string(c.at("kms:Decrypt", who, via).Outcome))
			}
		}
		if text := strings.Join(got, " "); text != v.decrypt {
			t.Errorf("%s: %s, want %s", v.condition, text, v.decrypt)
		}
	}
	one := &Case{AssumeAllow: true}
	one.Documents = []*policyfile.Document{document(t, policy.Identity, `"Effect": "Deny", "Action": "kms:*", "NotResource": "arn:aws:kms:us-east-1:123456789012:key/other"`)}
	if d := one.at("kms:Decrypt", MFA, Forwarded); d.Outcome != policy.Depends || fmt.Sprint(d.DependsOn) != "[resource]" {
		t.Errorf("another key: %s on %v", d.Outcome, d.DependsOn)
	}
}

// TestDecisions counts the questions: 2 of git's with 3 credentials, 7 of KMS's
// with 3 credentials in 2 ways.
func TestDecisions(t *testing.T) {
	c := read(t, filepath.Join(folder, "blocks.json"))
	seen := make(map[string]bool)
	for _, d := range c.Decisions() {
		seen[fmt.Sprint(d.Credentials, d.Via, d.Action)] = true
		p := c.stack(stackOf(d.Action, d.Via))
		if fresh := c.decide(p, c.request(d.Action, d.Credentials, d.Via), d.Credentials, d.Via); fresh.Outcome != d.Outcome || fresh.Resource != d.Resource {
			t.Errorf("%+v was taken for %+v", d, fresh)
		}
	}
	if len(seen) != 48 || len(c.Decisions()) != 48 {
		t.Errorf("%d decisions", len(seen))
	}
}

// TestNeverGetSessionToken: policies have no effect on it, so nothing is said
// of it whatever they say.
func TestNeverGetSessionToken(t *testing.T) {
	for _, statement := range []string{
		`"Effect": "Deny", "Action": "sts:GetSessionToken", "Resource": "*"`,
		`"Effect": "Deny", "NotAction": "iam:ListMFADevices", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}`,
	} {
		c := &Case{AssumeAllow: true}
		c.Documents = []*policyfile.Document{document(t, policy.Identity, statement)}
		for _, q := range questions {
			f := q.find(c)
			if text := strings.Join(f.Detail, "\n") + f.Title.English + f.Fix; strings.Contains(text, "GetSessionToken") {
				t.Errorf("%s: %s", q.code, text)
			}
		}
	}
}
