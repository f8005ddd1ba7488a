package doctor

import (
	"fmt"
	"runtime"
	"time"
)

// ClockEvidence is AWS's clock less the local one.
type ClockEvidence struct {
	Known  bool
	Offset time.Duration
	Source string
}

// fall takes STS's word where CodeCommit's host did not say the time.
func (c *ClockEvidence) fall(a AWSEvidence) {
	if !c.Known && a.Caller.ARN != "" {
		*c = ClockEvidence{true, a.Offset, "STS"}
	}
}

// What an offset does: STS refuses a signature that is 5 minutes off, and
// CodeCommit one of 15. A minute is worth a word, as it grows.
const (
	offsetNotice = time.Minute
	offsetLimit  = 5 * time.Minute
)

var ccm801 = code{"CCM801", ClockGroup, Error, "this computer's clock is wrong", "this computer's clock is right"}

func checkClock(c *Case) []Result {
	k := c.Live.Clock
	switch {
	case c.Live.Offline:
		return ccm801.skip(offlineReason)
	case !k.Known:
		return ccm801.skip("no host of AWS's said the time")
	case k.Offset.Abs() <= offsetNotice:
		return ccm801.isNot(fmt.Sprintf("%.0f seconds off, by the Date of %s", k.Offset.Abs().Seconds(), k.Source))
	}
	side := "behind"
	if k.Offset < 0 {
		side = "ahead of"
	}
	lines := []string{fmt.Sprintf("it is %s %s AWS's, by the Date of %s", roughly(k.Offset.Abs()), side, k.Source)}
	kept := (c.Live.Session.Session.ClockOffset-k.Offset).Abs() < offsetNotice && c.Live.Session.usable()
	if kept {
		lines = append(lines, "the session was started so, and git's passwords are signed with AWS's time")
	} else if k.Offset.Abs() > offsetLimit {
		lines = append(lines, "STS takes signatures 5 minutes off, CodeCommit 15; git shows the rest as HTTP 403")
	}
	r := ccm801.is(lines, SetClock(), nil)
	if kept || k.Offset.Abs() <= offsetLimit {
		r[0].Level = Warning
	}
	return r
}

// SetClock returns the command that sets this computer's clock right.
func SetClock() string {
	switch runtime.GOOS {
	case "darwin":
		return "sudo sntp -sS time.apple.com"
	case "windows":
		return "w32tm /resync"
	}
	return "sudo timedatectl set-ntp true"
}
