package probe

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// askDevices lists the devices with the long-term key, as the helper does, and
// with the session where that is denied.
func (p *Probe) askDevices(ctx context.Context, client clients) {
	e := p.evidence
	if !p.longTerm() || e.AWS.Caller.User() == "" {
		return
	}
	serials, err := mfaSerials(ctx, client.iam(p.keys))
	if err != nil && e.Session.WithMFA() {
		if more, err2 := mfaSerials(ctx, client.iam(session.Credentials(p.session))); err2 == nil {
			serials, err = more, nil
		}
	}
	e.Devices = doctor.DevicesEvidence{Asked: true, Serials: serials, Err: failedCall(err)}
}

func mfaSerials(ctx context.Context, client *iam.Client) ([]string, error) {
	var serials []string
	err := pages(func(marker *string) (*string, error) {
		page, err := client.ListMFADevices(ctx, &iam.ListMFADevicesInput{Marker: marker})
		if err != nil {
			return nil, err
		}
		for _, d := range page.MFADevices {
			serials = append(serials, aws.ToString(d.SerialNumber))
		}
		return page.Marker, nil
	})
	return serials, err
}

// pages asks for one page after the other. The SDK's paginators are not for us:
// they take the client as an interface, and with that, and text/template's
// reflection, the linker keeps every operation of IAM, 5 MB of them.
func pages(ask func(marker *string) (next *string, err error)) error {
	marker, err := ask(nil)
	for err == nil && aws.ToString(marker) != "" {
		marker, err = ask(marker)
	}
	return err
}
