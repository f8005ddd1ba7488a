package policies

import (
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Credentials are what git's password is signed with.
type Credentials string

// LongTerm are an access key's, an HTTPS Git credential's or an SSH key's.
// NoMFA and MFA are sessions of GetSessionToken, without and with a code.
const (
	LongTerm Credentials = "long-term"
	NoMFA    Credentials = "session-no-mfa"
	MFA      Credentials = "session-mfa"
)

var allCredentials = []Credentials{LongTerm, NoMFA, MFA}

// Via is who calls: the user, or CodeCommit for the user.
type Via string

// Direct is a call of the user's own; Forwarded one that CodeCommit makes to
// KMS with the user's permissions (access_forward_access_sessions).
const (
	Direct    Via = "direct"
	Forwarded Via = "codecommit"
)

const (
	gitPull = "codecommit:GitPull"
	gitPush = "codecommit:GitPush"
)

// gitActions are git's. They are permissions only, no API has them.
var gitActions = []string{gitPull, gitPush}

// kmsActions are those that must not be denied for the aws/codecommit key
// (CodeCommit user guide, "encryption").
var kmsActions = []string{
	"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
	"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
}

// gitKMS are those that git is known to need. AWS lists the two of ReEncrypt
// beside them, but the answer on Stack Overflow that lists the five only
// (question 67762847) was accepted as working: a denial of the two alone is
// not told as the cause of a 403.
var gitKMS = slices.DeleteFunc(slices.Clone(kmsActions), isReEncrypt)

func isReEncrypt(action string) bool { return strings.HasPrefix(action, "kms:ReEncrypt") }

// Condition keys, as the IAM user guide writes them.
const (
	keyPresent = "aws:MultiFactorAuthPresent"
	keyAge     = "aws:MultiFactorAuthAge"
	keyVia     = "kms:ViaService"
	keyBranch  = "codecommit:References"
)

// sessionAge is how old the MFA of a session is taken to be, in seconds.
const sessionAge = "300"

// RepositoryARN is the ARN of what git asks for.
func (c *Case) RepositoryARN() string {
	return c.Repository.arn("codecommit", c.Repository.region(), c.Repository.name())
}

// kmsARN names a key of the form that AWS uses in its examples. Nobody knows the
// real one, so requests say that it is unknown.
func (c *Case) kmsARN() string {
	return c.Repository.arn("kms", c.Repository.region(), "key/1234abcd-12ab-34cd-56ef-1234567890ab")
}

// resource is the ARN that reports show for an action.
func (c *Case) resource(action string) string {
	if isKMS(action) {
		return c.kmsARN()
	}
	return c.RepositoryARN()
}

// shown is an ARN for people, with "…" for what is not known.
func shown(arn string) string { return strings.ReplaceAll(arn, policy.Unspecified, "…") }

// known are the keys of which the values are known to their ends.
func known(context policy.Context) policy.Context {
	whole := make(policy.Context, len(context))
	for key, values := range context {
		if !slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, policy.Unspecified) }) {
			whole[key] = values
		}
	}
	return whole
}

// request is what AWS asks the policies. Keys that nobody outside AWS knows are
// unknown: all global keys but those named here, as there will be new ones.
// Those that are known to be absent have no values.
func (c *Case) request(action string, who Credentials, via Via) policy.Request {
	r := policy.Request{
		Action: action, Resource: c.RepositoryARN(),
		Context: policy.Context{
			"aws:SecureTransport": {"true"}, "aws:PrincipalType": {"User"}, "aws:PrincipalIsAWSService": {"false"},
			keyPresent: nil, keyAge: nil, keyVia: nil, "aws:ViaAWSService": {"false"}, "aws:TokenIssueTime": nil,
			"aws:FederatedProvider": nil, "aws:SourceIdentity": nil, "aws:PrincipalServiceName": nil,
			"aws:PrincipalServiceNamesList": nil, "aws:SourceArn": nil, "aws:SourceAccount": nil,
		},
		Unknown: []string{"aws:"},
	}
	c.identify(r.Context)
	switch {
	case who == NoMFA:
		r.Context[keyPresent] = []string{"false"}
	case who == MFA:
		r.Context[keyPresent], r.Context[keyAge] = []string{"true"}, []string{sessionAge}
	case via == Forwarded:
		// "AWS creates temporary credentials on behalf of IAM users … the key
		// is present in the request and set to a value of false"
		// (reference_policies_condition-keys, aws:MultiFactorAuthPresent).
		r.Context[keyPresent] = []string{"false"}
		delete(r.Context, "aws:TokenIssueTime")
	}
	if who != LongTerm {
		r.Context["aws:TokenIssueTime"] = []string{c.Now.UTC().Format(time.RFC3339)}
	}
	c.route(&r, via)
	return r
}

// identify adds what is known of the user and the place. A placeholder is
// nothing known: a Deny outside of eu-west-1 must not be judged by it.
func (c *Case) identify(context policy.Context) {
	for _, k := range []struct{ key, value string }{
		{"aws:username", c.User.Name}, {"aws:PrincipalArn", c.User.ARN}, {"aws:userid", c.User.ID},
		{"aws:RequestedRegion", c.Repository.Region}, {"aws:PrincipalAccount", c.Repository.Account},
		{"aws:ResourceAccount", c.Repository.Account}, {"kms:CallerAccount", c.Repository.Account},
	} {
		if k.value != "" {
			context[k.key] = []string{k.value}
		}
	}
}

// route adds the keys of KMS, and those of a call that CodeCommit makes.
func (c *Case) route(r *policy.Request, via Via) {
	if r.Action == gitPush {
		r.Unknown = append(r.Unknown, keyBranch)
	}
	if via == Direct {
		for _, key := range []string{"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"} {
			r.Context[key] = nil
		}
	}
	if !isKMS(r.Action) {
		return
	}
	r.Resource = c.kmsARN()
	r.Resource = r.Resource[:strings.LastIndex(r.Resource, "/")+1] + policy.Unspecified
	r.Unknown = append(r.Unknown, "kms:")
	if via == Forwarded {
		r.Context["aws:ViaAWSService"] = []string{"true"}
		r.Context[keyVia] = []string{"codecommit." + c.Repository.region() + ".amazonaws.com"}
	}
}

func isKMS(action string) bool { return strings.HasPrefix(action, "kms:") }
