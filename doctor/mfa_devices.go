package doctor

import (
	"cmp"
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// noDevices returns the reason to skip a check that needs the list of devices,
// or "".
func (e *Evidence) noDevices() string {
	switch d := e.Devices; {
	case e.noCaller() != "":
		return e.noCaller()
	case e.AWS.CallerErr != nil:
		return "AWS does not know the keys: CCM604"
	case !d.Asked:
		return "only a user's long-term key needs a device"
	case d.Err != nil:
		return "the devices could not be listed (" + d.Err.Text + "); it needs iam:ListMFADevices, or a session: git-credential-mfa login"
	}
	return ""
}

func checkDevices(e *Evidence) Finding {
	reason := e.noDevices()
	switch {
	case reason != "" && e.Devices.Err != nil && e.AWS.Serial == "":
		f := found(e.setSerial(), reason)
		f.Level, f.Title = Warning, language.Text{English: "the MFA device is not configured and cannot be found", Japanese: "MFA デバイスが設定されておらず、調べることもできない"}
		return f
	case reason != "":
		return skipped(reason)
	case len(e.Devices.Serials)+len(e.Devices.FIDO) == 0:
		return found(e.Devices.ToRegister)
	}
	return fine(slices.Concat(e.Devices.Serials, e.Devices.FIDO)...)
}

func checkFIDO(e *Evidence) Finding {
	d := e.Devices
	if reason := e.noDevices(); reason != "" || len(d.Serials)+len(d.FIDO) == 0 {
		return skipped(cmp.Or(reason, "there is no device: CCM620"))
	}
	if len(d.Serials) > 0 {
		return fine()
	}
	return found(d.ToRegister+"; or sign in with: aws login, aws sso login", d.FIDO...)
}

func checkSerial(e *Evidence) Finding {
	d, serial := e.Devices, e.AWS.Serial
	reason := e.noDevices()
	switch {
	case serial == "":
		return skipped("none is configured: it is found by iam:ListMFADevices")
	case e.AWS.FIDOSerial:
		return found(e.setSerial(), serial+" is a FIDO security key, which STS cannot use")
	case reason != "":
		return skipped(reason)
	case slices.Contains(d.Serials, serial):
		return fine(serial)
	case len(d.Serials)+len(d.FIDO) == 0:
		return skipped("there is no device: CCM620")
	}
	return found(e.setSerial(), append([]string{"configured is " + serial + "; the user has:"}, slices.Concat(d.Serials, d.FIDO)...)...)
}

// setSerial returns the command that configures a device that shows codes.
func (e *Evidence) setSerial() string {
	serial := "arn:aws:iam::ACCOUNT:mfa/NAME"
	if len(e.Devices.Serials) > 0 {
		serial = e.Devices.Serials[0]
	}
	return "aws configure set mfa_serial " + serial + " --profile " + cmp.Or(e.AWS.Profile, "default")
}
