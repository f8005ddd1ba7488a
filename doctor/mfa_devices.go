package doctor

import (
	"cmp"
	"slices"
	"strings"
)

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

// noDevices is the reason to skip what needs the list.
func (e *Evidence) noDevices() string {
	switch d := e.Devices; {
	case e.noCaller() != "":
		return e.noCaller()
	case e.AWS.CallerErr != nil:
		return "AWS does not know the keys: CCM604"
	case !d.Asked:
		return "only a user's long-term key needs a device"
	case d.Err != nil:
		return "the devices could not be listed (" + d.Err.Text + "); that needs iam:ListMFADevices, or a session: git-credential-mfa login"
	}
	return ""
}

func checkDevices(e *Evidence) Finding {
	reason := e.noDevices()
	switch {
	case reason != "" && e.Devices.Err != nil && e.AWS.Serial == "":
		f := found("aws configure set mfa_serial arn:aws:iam::ACCOUNT:mfa/NAME --profile "+cmp.Or(e.AWS.Profile, "default"), reason)
		f.Level, f.Title = Warning, "the MFA device is neither configured, nor can it be found"
		return f
	case reason != "":
		return skipped(reason)
	case len(e.Devices.Serials) == 0:
		return found("assign an authenticator app in the IAM console: Users, Security credentials, Assign MFA device")
	}
	return fine(e.Devices.Serials...)
}

func checkFIDO(e *Evidence) Finding {
	d := e.Devices
	if reason := e.noDevices(); reason != "" || len(d.Serials) == 0 {
		return skipped(cmp.Or(reason, "there is no device: CCM620"))
	}
	if d.fido() < len(d.Serials) {
		return fine()
	}
	return found("assign an authenticator app beside the key in the IAM console (up to 8 devices), or sign in with: aws login", d.Serials...)
}

func checkSerial(e *Evidence) Finding {
	d, serial := e.Devices, e.AWS.Serial
	reason := e.noDevices()
	switch {
	case serial == "":
		return skipped("none is configured: it is found by iam:ListMFADevices")
	case strings.Contains(serial, ":u2f/"):
		return found(e.setSerial(), serial+" is a FIDO security key, with which STS can do nothing")
	case reason != "":
		return skipped(reason)
	case slices.Contains(d.Serials, serial):
		return fine(serial)
	case len(d.Serials) == 0:
		return skipped("there is no device: CCM620")
	}
	return found(e.setSerial(), append([]string{"configured is " + serial + "; the user has:"}, d.Serials...)...)
}

func (e *Evidence) setSerial() string {
	serial := "arn:aws:iam::ACCOUNT:mfa/NAME"
	for _, s := range e.Devices.Serials {
		if !strings.Contains(s, ":u2f/") {
			serial = s
			break
		}
	}
	return "aws configure set mfa_serial " + serial + " --profile " + cmp.Or(e.AWS.Profile, "default")
}
