package policies

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Credentials are what git's password is signed with.
type Credentials string

// LongTerm stands for an access key, an HTTPS Git credential or an SSH key,
// NoMFA and MFA for sessions of GetSessionToken without and with a code.
const (
	LongTerm Credentials = "long-term"
	NoMFA    Credentials = "session-no-mfa"
	MFA      Credentials = "session-mfa"
)

var allCredentials = []Credentials{LongTerm, NoMFA, MFA}

// Via is the caller: the user, or CodeCommit for the user.
type Via string

// Direct is the user's own call, Forwarded one that CodeCommit makes to KMS
// with the user's permissions (access_forward_access_sessions).
const (
	Direct    Via = "direct"
	Forwarded Via = "codecommit"
)

const (
	gitPull = "codecommit:GitPull"
	gitPush = "codecommit:GitPush"
)

// gitActions are git's. They are permissions only: there are no such API calls.
var gitActions = []string{gitPull, gitPush}

// kmsActions are those that must not be denied for the aws/codecommit key
// (CodeCommit user guide, "encryption").
var kmsActions = []string{
	"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
	"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
}

// gitKMS are the actions that git is known to need. AWS lists the two of
// ReEncrypt too, but an answer on Stack Overflow that lists only these five
// (question 67762847) was accepted as working. So a denial of the two alone is
// not reported as the cause of a 403.
var gitKMS = []string{
	"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
}

func isReEncrypt(action string) bool { return strings.HasPrefix(action, "kms:ReEncrypt") }

// Condition keys, as the IAM user guide writes them.
const (
	keyPresent = "aws:MultiFactorAuthPresent"
	keyAge     = "aws:MultiFactorAuthAge"
	keyVia     = "kms:ViaService"
	keyBranch  = "codecommit:References"
)

// sessionAge is the assumed age of a session's MFA, in seconds.
const sessionAge = "300"

// RepositoryARN returns the repository's ARN, with placeholders for what is not
// known.
func (c *Case) RepositoryARN() string {
	return c.Repository.arn("codecommit", c.Repository.region(), c.Repository.name())
}

// kmsARN returns the ARN of the key in AWS's examples, for reports. The real
// one is not known, and requests say so.
func (c *Case) kmsARN() string {
	return c.Repository.arn("kms", c.Repository.region(), "key/1234abcd-12ab-34cd-56ef-1234567890ab")
}

// resource returns the ARN that reports show for an action.
func (c *Case) resource(action string) string {
	if isKMS(action) {
		return c.kmsARN()
	}
	return c.RepositoryARN()
}

// shown returns an ARN for people, with "…" for what is not known.
func shown(arn string) string { return strings.ReplaceAll(arn, policy.Unspecified, "…") }

// whollyKnown returns the keys whose values are known completely.
func whollyKnown(context policy.Context) policy.Context {
	whole := make(policy.Context, len(context))
	for key, values := range context {
		if !slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, policy.Unspecified) }) {
			whole[key] = values
		}
	}
	return whole
}

// part returns a part of a value, or policy.Unspecified if it is not known.
func part(known string) string { return cmp.Or(known, policy.Unspecified) }

// userARN returns the user's ARN as far as it is known. A path, if the user has
// one, stands before the name.
func (c *Case) userARN() string {
	if c.User.ARN != "" {
		return c.User.ARN
	}
	return c.Repository.partARN("iam", "", "user/"+policy.Unspecified+c.User.Name)
}

// request returns the request that AWS evaluates. All global keys but those
// named here are unknown, future ones included. Keys that are known to be
// absent have no values.
func (c *Case) request(action string, who Credentials, via Via) policy.Request {
	r := policy.Request{
		Action: action, Resource: c.Repository.partARN("codecommit", part(c.Repository.Region), part(c.Repository.Name)),
		Context: policy.Context{
			"aws:SecureTransport": {"true"}, "aws:PrincipalType": {"User"}, "aws:PrincipalIsAWSService": {"false"},
			keyPresent: nil, keyAge: nil, keyVia: nil, "aws:ViaAWSService": {"false"}, "aws:TokenIssueTime": nil,
			"aws:FederatedProvider": nil, "aws:SourceIdentity": nil, "aws:PrincipalServiceName": nil,
			"aws:PrincipalServiceNamesList": nil, "aws:SourceArn": nil, "aws:SourceAccount": nil,
			// Keys of "aws login", of roles, of EC2 instances, and of requests that
			// create or tag something.
			"aws:SignInSessionArn": nil, "aws:AssumedRoot": nil, "aws:Ec2InstanceSourceVpc": nil,
			"aws:Ec2InstanceSourcePrivateIPv4": nil, "aws:RequestTag/": nil, "aws:TagKeys": nil,
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

// identify adds what is known of the user, the region and the account.
// Placeholders are not used: a Deny outside of eu-west-1 must not be judged by
// one. Even of an unknown user, the form of the ARN and the first letters of
// the unique ID are known (reference_identifiers).
func (c *Case) identify(context policy.Context) {
	for key, value := range map[string]string{
		"aws:username": part(c.User.Name), "aws:PrincipalArn": c.userARN(), "aws:userid": cmp.Or(c.User.ID, "AIDA"+policy.Unspecified),
		"aws:RequestedRegion": part(c.Repository.Region), "aws:PrincipalAccount": part(c.Repository.Account),
		"aws:ResourceAccount": part(c.Repository.Account),
	} {
		context[key] = []string{value}
	}
	if c.User.Tags != nil {
		context["aws:PrincipalTag/"] = nil
		for key, value := range c.User.Tags {
			context["aws:PrincipalTag/"+key] = []string{value}
		}
	}
}

// route adds the keys of KMS, and those of a call that CodeCommit makes. Keys
// of a service are only in requests to that service.
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
	r.Resource = c.Repository.partARN("kms", part(c.Repository.Region), "key/"+policy.Unspecified)
	r.Unknown = append(r.Unknown, "kms:")
	r.Context["kms:CallerAccount"] = []string{part(c.Repository.Account)}
	if via == Forwarded {
		r.Context["aws:ViaAWSService"] = []string{"true"}
		r.Context[keyVia] = []string{"codecommit." + part(c.Repository.Region) + ".amazonaws.com"}
	}
}

func isKMS(action string) bool { return strings.HasPrefix(action, "kms:") }
