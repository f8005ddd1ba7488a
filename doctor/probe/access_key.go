package probe

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// readKeyPlace notes where the long-term access key is, and whether temporary keys
// look like those of "aws configure mfa-login".
func (p *Probe) readKeyPlace(source session.Source) {
	a := &p.evidence.AWS
	a.Stored = source.Stored
	if source.Stored {
		p.storedID = source.ID
	}
	if source.Keys.HasKeys() && !source.FromEnvironment() {
		a.KeyPlace = source.Own("aws_secret_access_key").String()
	}
	if source.MFALogin() {
		a.MFALogin, a.Own = true, source.RenewHint()
	}
}

// askKeyAge asks IAM when the key was created. With ForceMFA that needs the
// session.
func (p *Probe) askKeyAge(ctx context.Context, client clients) {
	e := p.evidence
	if !p.longTerm() || e.AWS.Caller.User() == "" || !e.Session.WithMFA() {
		return
	}
	out, err := client.iam(session.Credentials(p.session)).ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
	if e.AWS.KeyAge = (doctor.KeyAgeEvidence{Err: p.failedCall(err)}); err != nil {
		return
	}
	for _, key := range out.AccessKeyMetadata {
		if aws.ToString(key.AccessKeyId) == p.keys.AccessKeyID {
			e.AWS.KeyAge.Created = aws.ToTime(key.CreateDate)
		}
	}
}
