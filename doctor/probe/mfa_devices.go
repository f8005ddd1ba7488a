package probe

import (
	"context"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// askDevices lists the devices with the long-term key, as the helper does, or with
// the session if that is denied.
func (p *Probe) askDevices(ctx context.Context, client clients) {
	e := p.evidence
	if !p.longTerm() || e.AWS.Caller.User() == "" {
		return
	}
	serials, err := session.MFADevices(ctx, client.iam(p.keys))
	if err != nil && e.Session.WithMFA() {
		if more, second := session.MFADevices(ctx, client.iam(session.Credentials(p.session))); second == nil {
			serials, err = more, nil
		}
	}
	e.Devices = doctor.DevicesEvidence{Asked: true, Err: p.failedCall(err), ToRegister: strings.Join(p.hints(session.ErrNoDevice), "\n")}
	for _, serial := range serials {
		if session.IsFIDO(serial) {
			e.Devices.FIDO = append(e.Devices.FIDO, serial)
		} else {
			e.Devices.Serials = append(e.Devices.Serials, serial)
		}
	}
}
