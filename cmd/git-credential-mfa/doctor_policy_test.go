package main

import (
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

func policyOf(name, statements string) sandbox.PolicyText {
	return sandbox.PolicyText{Name: name, Text: `{"Version": "2012-10-17", "Statement": [` + statements + `]}`}
}

const (
	allowAll = `{"Effect": "Allow", "Action": "*", "Resource": "*"}`
	readIAM  = `{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}`
)

// TestDoctorBoundary: an Allow of everything does not help where the boundary
// has none, and the advice is about the boundary.
func TestDoctorBoundary(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::123456789012:policy/Limits"
	set := func(l *lab, statements string) {
		if err := l.user.SetBoundary(policyOf(arn, statements)); err != nil {
			l.t.Fatal(err)
		}
	}
	l := newDoctorLab(t)
	l.login()
	set(l, readIAM)
	l.refused()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM104", "no statement of the permissions boundary allows codecommit:GitPull, codecommit:GitPush", "the permissions boundary is "+arn,
		"add an Allow of codecommit:GitPull, codecommit:GitPush to the permissions boundary "+arn)
	if strings.Contains(d.says("CCM104"), "AWSCodeCommitPowerUser") {
		t.Errorf("that policy is no help here: %v", d)
	}
	set(l, allowAll+`, {"Sid": "NoGit", "Effect": "Deny", "Action": "codecommit:Git*", "Resource": "*"}`)
	l.refused()
	d = l.doctor(l.url)
	d.wantOnly(t, "CCM103", "no Condition")
	if c := d.check("CCM103"); len(c.Statements) != 1 || c.Statements[0].Source != arn || c.Statements[0].Sid != "NoGit" || c.Statements[0].Line != nil || c.Statements[0].Origin != "permissions boundary" {
		t.Errorf("statements: %+v", c.Statements)
	}
	set(l, allowAll)
	l.clones()
	l.wantWell()
}

// TestDoctorSimulator has IAM's simulator know what nobody can read: the
// organization's policies.
func TestDoctorSimulator(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	if d := l.wantWell(); d.level("CCM402") != "ok" || !strings.Contains(d.says("CCM402"), "18 of its answers") {
		t.Errorf("want the same opinion: %v", d)
	}
	if err := l.world.SetSCPs(policyOf("organization", allowAll+`, {"Effect": "Deny", "Action": "codecommit:*", "Resource": "*"}`)); err != nil {
		t.Fatal(err)
	}
	l.refused()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM402", "codecommit:GitPull, a session with MFA: allowed here, denied there, by the organization", "service control policy", "--scp FILE")
	if err := l.world.SetSCPs(); err != nil {
		t.Fatal(err)
	}
	l.wantWell()
	l.policies(forceMFA, policyOf("reader", readIAM), policyOf("git", `{"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"}`))
	if d := l.wantWell(); d.level("CCM402") != "skipped" || !strings.Contains(d.says("CCM402"), "iam:SimulatePrincipalPolicy is denied") {
		t.Errorf("want it skipped: %v", d)
	}
}

// TestDoctorReader: who may only read is told that reading works.
func TestDoctorReader(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	l.policies(forceMFA, policyOf("reader", readIAM), policyOf("git", `{"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "*"}`))
	l.clones()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM104", "Clone and fetch are allowed. Only a push gets HTTP 403.", "if pushing is meant to work")
	if c := d.check("CCM104"); c.Title != "nothing allows pushing to CodeCommit; fetching is allowed" || d.level("CCM823") != "info" || d.found("warning") != "" {
		t.Errorf("%v", d)
	}
}

// TestDoctorKeyPolicy: a repository with a key of its own, of which the policy
// keeps git out, and one that leaves it to the user's policies.
func TestDoctorKeyPolicy(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	l.wantWell()
	key := func(statements string) {
		if err := l.world.SetKeyPolicy(`{"Version": "2012-10-17", "Statement": [` + statements + `]}`); err != nil {
			t.Fatal(err)
		}
	}
	letIn := func(principal string) string {
		return `{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "` + principal + `"}, "Action": "kms:*", "Resource": "*"}`
	}
	key(letIn("arn:aws:iam::123456789012:user/eve"))
	l.refused()
	l.doctor(l.url).wantOnly(t, "CCM104", "no statement of the key policy allows kms:Encrypt", "to the key policy arn:aws:kms:us-east-1:123456789012:key/")
	key(letIn("arn:aws:iam::123456789012:root") + `, {"Sid": "NoUse", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}`)
	l.refused()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM103", "Deny, Action has kms:Decrypt")
	if c := d.check("CCM103"); len(c.Statements) != 1 || c.Statements[0].Sid != "NoUse" || c.Statements[0].Origin != "key policy" || d.level("CCM402") == "warning" {
		t.Errorf("%+v", c)
	}
	key(letIn("arn:aws:iam::123456789012:root"))
	l.clones()
	l.wantWell()
	// Who may not read the key's policy is told what AWS's own key would do.
	l.policies(policyOf("arn:aws:iam::123456789012:policy/Limited", allowAll+`, {"Effect": "Deny", "Action": "kms:GetKeyPolicy", "Resource": "*"}`))
	l.clones()
	l.wantWell()
}
