package doctor

import (
	"fmt"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// The limits of the clock's offset: STS refuses a signature that is 5 minutes off,
// and CodeCommit one that is 15 minutes off. An offset of a minute is worth a
// warning, because it grows.
const (
	offsetNotice = time.Minute
	offsetLimit  = 5 * time.Minute
)

func checkClock(e *Evidence) Finding {
	k := e.Clock
	switch {
	case e.Offline:
		return skipped(offlineReason)
	case !k.Known:
		return skipped("no AWS host sent the time")
	case k.Offset.Abs() <= offsetNotice:
		return fine(fmt.Sprintf("%.0f seconds off, by the Date header of %s", k.Offset.Abs().Seconds(), k.Source))
	}
	side := "behind"
	if k.Offset < 0 {
		side = "ahead of"
	}
	lines := []string{fmt.Sprintf("it is %s %s AWS's, by the Date header of %s", roughly(k.Offset.Abs()), side, k.Source)}
	kept := (e.Session.ClockOffset-k.Offset).Abs() < offsetNotice && e.Session.Usable()
	if kept {
		lines = append(lines, "the session was started with this offset, and git's passwords are signed with AWS's time")
	} else if k.Offset.Abs() > offsetLimit {
		lines = append(lines, "STS accepts signatures up to 5 minutes off, CodeCommit up to 15; beyond that git shows HTTP 403")
	}
	f := found(SetClock(), lines...)
	if kept || k.Offset.Abs() <= offsetLimit {
		f.Level = Warning
	}
	return f
}

// SetClock returns the command that corrects this computer's clock.
func SetClock() string {
	switch shell.Here {
	case shell.MacOS:
		return shell.Here.Administrator("sntp -sS time.apple.com")
	case shell.Windows:
		return shell.Here.Administrator("w32tm /resync")
	}
	return shell.Here.Administrator("timedatectl set-ntp true")
}

// AWSNow returns AWS's time, or the local time if the offset is not known.
func (e *Evidence) AWSNow() time.Time {
	if e.Clock.Known {
		return e.Now.Add(e.Clock.Offset)
	}
	return e.Now.Add(e.Session.ClockOffset)
}
