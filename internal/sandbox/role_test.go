package sandbox

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// trustOf returns a trust policy for one principal with a condition.
func trustOf(principal, condition string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "` + principal +
		`"}, "Action": "sts:AssumeRole", "Condition": {` + condition + `}}]}`
}

func addRole(t *testing.T, w *World, arn, trust string) *Role {
	t.Helper()
	r, err := w.AddRole(arn, trust)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func assume(t *testing.T, c aws.Config, arn string, fill func(*sts.AssumeRoleInput)) (*sts.AssumeRoleOutput, error) {
	input := &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("alice")}
	if fill != nil {
		fill(input)
	}
	return sts.NewFromConfig(c).AssumeRole(t.Context(), input)
}

const (
	aliceARN  = "arn:aws:iam::123456789012:user/alice"
	deployARN = "arn:aws:iam::210987654321:role/team/deploy"
)

func denied(who, role string) string {
	return "User: " + who + " is not authorized to perform: sts:AssumeRole on resource: " + role
}

func TestAssumeRole(t *testing.T) {
	w, u, d := start(t)
	addRole(t, w, deployARN, trustOf(aliceARN, `"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"sts:ExternalId": "e1"}`))
	withID := func(in *sts.AssumeRoleInput) { in.ExternalId = aws.String("e1") }
	plain, mfa := sessionConfig(w, getSession(t, u, nil)), sessionConfig(w, getSession(t, u, d))

	_, err := assume(t, u.config(), deployARN, withID)
	wantError(t, err, 403, "AccessDenied", denied(aliceARN, deployARN))
	_, err = assume(t, plain, deployARN, withID)
	wantError(t, err, 403, "AccessDenied", denied(aliceARN, deployARN))
	_, err = assume(t, mfa, deployARN, nil)
	wantError(t, err, 403, "AccessDenied", denied(aliceARN, deployARN))
	_, err = assume(t, mfa, deployARN+"x", withID)
	wantError(t, err, 403, "AccessDenied", denied(aliceARN, deployARN+"x"))
	_, err = assume(t, mfa, deployARN, func(in *sts.AssumeRoleInput) { withID(in); in.DurationSeconds = aws.Int32(3601) })
	wantError(t, err, 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")

	out, err := assume(t, mfa, deployARN, withID)
	const session = "arn:aws:sts::210987654321:assumed-role/deploy/alice"
	if err != nil || *out.AssumedRoleUser.Arn != session {
		t.Fatal(out, err)
	}
	if left := out.Credentials.Expiration.Sub(w.Clock.Now()); left > time.Hour || left < 59*time.Minute {
		t.Errorf("%v left", left)
	}
	who, err := sts.NewFromConfig(sessionConfig(w, out.Credentials)).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != session || *who.Account != "210987654321" {
		t.Errorf("%+v %v", who, err)
	}
	u.SetPolicies() // in another account the trust policy alone is not enough
	_, err = assume(t, mfa, deployARN, withID)
	wantError(t, err, 403, "AccessDenied", denied(aliceARN, deployARN))
}

// A role's session can assume another role, for at most an hour. The new session
// has no MFA.
func TestRoleChain(t *testing.T) {
	w, u, d := start(t)
	first := addRole(t, w, "arn:aws:iam::123456789012:role/first", trustOf("arn:aws:iam::123456789012:root", ""))
	addRole(t, w, deployARN, trustOf(first.ARN, ""))
	mfaOnly := addRole(t, w, "arn:aws:iam::123456789012:role/mfa-only", trustOf(first.ARN, `"Bool": {"aws:MultiFactorAuthPresent": "true"}`))
	out, err := assume(t, sessionConfig(w, getSession(t, u, d)), first.ARN, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := sessionConfig(w, out.Credentials)
	if _, err := assume(t, c, deployARN, nil); err != nil {
		t.Error(err)
	}
	_, err = assume(t, c, mfaOnly.ARN, nil)
	wantError(t, err, 403, "AccessDenied", denied("arn:aws:sts::123456789012:assumed-role/first/alice", mfaOnly.ARN))
	_, err = assume(t, c, deployARN, func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) })
	wantError(t, err, 400, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	_, err = sts.NewFromConfig(c).GetSessionToken(t.Context(), nil)
	wantError(t, err, 403, "AccessDenied", "Cannot call GetSessionToken with session credentials")
}

// A URL names no account: the caller's account decides which repository it is.
func TestRepositoriesOfAccounts(t *testing.T) {
	w, u, d := start(t)
	role := addRole(t, w, deployARN, trustOf(aliceARN, ""))
	mine := addRepository(t, w)
	theirs, err := w.AddRepositoryIn("210987654321", "us-east-1", "theirs")
	if err != nil {
		t.Fatal(err)
	}
	s := getSession(t, u, d)
	out, err := assume(t, sessionConfig(w, s), deployARN, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := newGitUser(t, w)
	as := func(c *types.Credentials, repository string) *gitUser {
		return g.as(*c.AccessKeyId+"%"+*c.SessionToken, gitPassword(*c.SecretAccessKey, exampleHost, repository, time.Now()))
	}
	as(s, "demo").wants("ls-remote", mine)
	as(s, "theirs").wants403(theirs)
	as(out.Credentials, "theirs").wants("ls-remote", theirs)
	as(out.Credentials, "demo").wants403(mine)
	only, err := policy.Parse("only", []byte(`{"Statement": {"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "arn:aws:codecommit:us-east-1:210987654321:other"}}`))
	if err != nil {
		t.Fatal(err)
	}
	role.SetPolicies(only)
	as(out.Credentials, "theirs").wants403(theirs)
}

func TestAddRoleWantsAnARNAndATrustPolicy(t *testing.T) {
	w, _, _ := start(t)
	for _, bad := range [][2]string{{"deploy", trustOf(aliceARN, "")}, {aliceARN, trustOf(aliceARN, "")}, {deployARN, ""},
		{deployARN, `{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}`}, {deployARN, trustOf(aliceARN, `"x"`)}} {
		if _, err := w.AddRole(bad[0], bad[1]); err == nil {
			t.Errorf("%s was taken", fmt.Sprint(bad))
		}
	}
}

// The caller's own policies count too. A Deny always counts. In the role's own
// account, a missing Allow counts only if the trust policy names the account and
// not the user.
func TestAssumeRoleAsksTheCallersPolicies(t *testing.T) {
	w, u, d := start(t)
	const named, delegated = "arn:aws:iam::123456789012:role/named", "arn:aws:iam::123456789012:role/delegated"
	addRole(t, w, named, trustOf(aliceARN, ""))
	addRole(t, w, delegated, trustOf("arn:aws:iam::123456789012:root", ""))
	mfa := sessionConfig(w, getSession(t, u, d))
	for _, arn := range []string{named, delegated} {
		_, err := assume(t, u.config(), arn, nil) // ForceMFA denies it to plain keys
		wantError(t, err, 403, "AccessDenied", denied(aliceARN, arn))
		if _, err := assume(t, mfa, arn, nil); err != nil {
			t.Error(err)
		}
	}
	u.SetPolicies()
	if _, err := assume(t, mfa, named, nil); err != nil {
		t.Error(err)
	}
	_, err := assume(t, mfa, delegated, nil)
	wantError(t, err, 403, "AccessDenied", denied(aliceARN, delegated))
}
