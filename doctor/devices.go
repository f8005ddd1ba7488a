package doctor

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// DevicesEvidence are the MFA devices of the user.
type DevicesEvidence struct {
	Asked   bool
	Serials []string
	Err     error
}

// fido are the devices that show no codes: "You cannot use MFA-protected API
// access with U2F security keys" (IAM user guide).
func (d DevicesEvidence) fido() int {
	n := 0
	for _, serial := range d.Serials {
		if strings.Contains(serial, ":u2f/") {
			n++
		}
	}
	return n
}

// askDevices lists the devices with the long-term key, as the helper does, and
// with the session where that is denied.
func (e *Evidence) askDevices(ctx context.Context, client clients) {
	if !e.AWS.longTerm() || e.AWS.Caller.user() == "" {
		return
	}
	e.Devices.Asked = true
	e.Devices.Serials, e.Devices.Err = mfaSerials(ctx, client.iam(e.AWS.keys))
	if e.Devices.Err != nil && e.Session.withMFA() {
		if serials, err := mfaSerials(ctx, client.iam(e.sessionKeys())); err == nil {
			e.Devices.Serials, e.Devices.Err = serials, nil
		}
	}
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

var (
	ccm620 = code{"CCM620", MFAGroup, Error, "the user has no MFA device", "the user has an MFA device"}
	ccm621 = code{"CCM621", MFAGroup, Error, "the user has FIDO security keys or passkeys only, with which STS can do nothing", "a device of the user's shows codes"}
	ccm622 = code{"CCM622", MFAGroup, Error, "the configured MFA device is not the user's", "the configured MFA device is the user's"}
)

// noDevices is the reason to skip what needs the list.
func (c *Case) noDevices() string {
	switch d := c.Live.Devices; {
	case c.noCaller() != "":
		return c.noCaller()
	case c.Live.AWS.CallerErr != nil:
		return "AWS does not know the keys: CCM604"
	case !d.Asked:
		return "only a user's long-term key needs a device"
	case d.Err != nil:
		return "the devices could not be listed (" + failure(d.Err) + "); that needs iam:ListMFADevices, or a session: git-credential-mfa login"
	}
	return ""
}

func checkDevices(c *Case) []Result {
	reason := c.noDevices()
	switch {
	case reason != "" && c.Live.Devices.Err != nil && c.Live.AWS.Serial == "":
		r := ccm620.is([]string{reason}, "aws configure set mfa_serial arn:aws:iam::ACCOUNT:mfa/NAME --profile "+cmp.Or(c.Live.AWS.Profile, "default"), nil)
		r[0].Level, r[0].Title = Warning, "the MFA device is neither configured, nor can it be found"
		return r
	case reason != "":
		return ccm620.skip(reason)
	case len(c.Live.Devices.Serials) == 0:
		return ccm620.is(nil, "assign an authenticator app in the IAM console: Users, Security credentials, Assign MFA device", nil)
	}
	return ccm620.isNot(c.Live.Devices.Serials...)
}

func checkFIDO(c *Case) []Result {
	d := c.Live.Devices
	if reason := c.noDevices(); reason != "" || len(d.Serials) == 0 {
		return ccm621.skip(cmp.Or(reason, "there is no device: CCM620"))
	}
	if d.fido() < len(d.Serials) {
		return ccm621.isNot()
	}
	return ccm621.is(d.Serials, "assign an authenticator app beside the key in the IAM console (up to 8 devices), or sign in with: aws login", nil)
}

func checkSerial(c *Case) []Result {
	d, serial := c.Live.Devices, c.Live.AWS.Serial
	reason := c.noDevices()
	switch {
	case serial == "":
		return ccm622.skip("none is configured: it is found by iam:ListMFADevices")
	case strings.Contains(serial, ":u2f/"):
		return ccm622.is([]string{serial + " is a FIDO security key, with which STS can do nothing"}, c.setSerial(), nil)
	case reason != "":
		return ccm622.skip(reason)
	case slices.Contains(d.Serials, serial):
		return ccm622.isNot(serial)
	case len(d.Serials) == 0:
		return ccm622.skip("there is no device: CCM620")
	}
	return ccm622.is(append([]string{"configured is " + serial + "; the user has:"}, d.Serials...), c.setSerial(), nil)
}

func (c *Case) setSerial() string {
	serial := "arn:aws:iam::ACCOUNT:mfa/NAME"
	for _, s := range c.Live.Devices.Serials {
		if !strings.Contains(s, ":u2f/") {
			serial = s
			break
		}
	}
	return "aws configure set mfa_serial " + serial + " --profile " + cmp.Or(c.Live.AWS.Profile, "default")
}
