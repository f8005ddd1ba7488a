package doctor

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// AWSEvidence is what is known of the profile, and of whom it belongs to.
type AWSEvidence struct {
	Profile string
	// Places say where each value of the profile came from, Shadows which
	// values are not used because of others.
	Places, Shadows []string
	// SourceErr says why the profile could not be read, ConfigErr and KeysErr
	// why there are no keys.
	SourceErr, ConfigErr, KeysErr error
	// Serial is the configured MFA device, Roles how many roles are assumed.
	Serial string
	Roles  int
	// Caller is whom AWS knows the keys as; CallerErr why it does not.
	Caller    Caller
	CallerErr error
	// Offset is AWS's clock less the local one, as STS's answer showed it.
	Offset time.Duration

	keys aws.Credentials
}

// Caller is the answer of sts:GetCallerIdentity.
type Caller struct{ ARN, Account, UserID string }

// part is one of the six of an ARN.
func (c Caller) part(i int) string {
	if parts := strings.SplitN(c.ARN, ":", 6); len(parts) == 6 {
		return parts[i]
	}
	return ""
}

func (c Caller) partition() string { return c.part(1) }

// user is the name of an IAM user, without its path, or "".
func (c Caller) user() string {
	name, ok := strings.CutPrefix(c.part(5), "user/")
	if !ok {
		return ""
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

var (
	ccm604 = code{"CCM604", AWSGroup, Error, "AWS does not know the profile's keys", "AWS knows the profile's keys"}
	ccm605 = code{"CCM605", AWSGroup, Error, "the profile is of another partition than the repository's host", "the profile is of the host's partition"}
	ccm606 = code{"CCM606", AWSGroup, Info, "the profile is not an IAM user's", "the profile is an IAM user's"}
)

// noCaller is the reason to skip what needs to know who is asking.
func (c *Case) noCaller() string {
	a := c.Live.AWS
	switch {
	case c.Live.Offline:
		return offlineReason
	case a.SourceErr != nil || a.ConfigErr != nil:
		return "there is no profile to ask with: CCM601"
	case !a.keys.HasKeys():
		return "there are no keys: CCM603"
	case a.CallerErr != nil && c.onTheWay():
		return "AWS was not reached: " + failure(a.CallerErr)
	}
	return ""
}

// onTheWay reports whether STS was not reached, which the network's checks are
// about.
func (c *Case) onTheWay() bool {
	_, kind := session.Explain(c.Live.AWS.CallerErr)
	return kind == session.ErrUnreachable || kind == session.ErrNoAnswer || kind == session.ErrTLS || errors.Is(c.Live.AWS.CallerErr, context.DeadlineExceeded)
}

func checkIdentity(c *Case) []Result {
	if reason := c.noCaller(); reason != "" {
		return ccm604.skip(reason)
	}
	a := c.Live.AWS
	if a.CallerErr == nil {
		return ccm604.isNot(a.Caller.ARN)
	}
	_, kind := session.Explain(a.CallerErr)
	fix := "aws configure --profile " + cmp.Or(a.Profile, "default")
	switch {
	case kind == session.ErrKey:
		fix = "make or activate an access key in the IAM console, then: " + fix
	case strings.Contains(a.CallerErr.Error(), "ExpiredToken"):
		fix = "take the session token out of the profile or the environment, or: aws sso login --profile " + cmp.Or(a.Profile, "default")
	case kind == session.ErrClock:
		return ccm604.skip("the clock is wrong: CCM801")
	}
	return ccm604.is([]string{failure(a.CallerErr)}, fix, nil)
}

func checkPartition(c *Case) []Result {
	if c.Live.AWS.Caller.ARN == "" {
		return ccm605.skip(cmp.Or(c.noCaller(), "AWS does not know the keys: CCM604"))
	}
	host, own := codecommit.Partition(c.Live.Target.Host.Region), c.Live.AWS.Caller.partition()
	if host == own {
		return ccm605.isNot(own)
	}
	return ccm605.is([]string{"the keys are of " + own + ", " + c.Live.Target.Host.Name + " is of " + host},
		configure+" "+c.Live.Target.URL+" --profile NAME", nil)
}

func checkWho(c *Case) []Result {
	who := c.Live.AWS.Caller
	switch {
	case who.ARN == "":
		return ccm606.skip(cmp.Or(c.noCaller(), "AWS does not know the keys: CCM604"))
	case who.user() != "":
		return ccm606.isNot("the user " + who.user())
	case who.part(5) == "root":
		r := ccm606.is([]string{"these are keys of the account's root user, which IAM's policies do not restrict"}, "delete them, and make an IAM user", nil)
		r[0].Level = Warning
		return r
	}
	return ccm606.is([]string{who.ARN, "a role's or federated session is signed with as it is; a user's policies do not apply to it, and whether MFA was used only its sign-in knows"}, "", nil)
}
