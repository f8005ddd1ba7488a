package cache

import (
	"fmt"
	"time"
)

// Session is one session as it is kept. Printed in any way it shows no secret, and as JSON none either; only inside an
// unexported field of another struct does fmt reach past that, so keep it out of those that are printed.
type Session struct {
	Identity Identity

	// Profile, ARN, Account and Serial are for people. Serial is the device that was really used.
	Profile, ARN, Account, Serial string

	AccessKeyID     string
	SecretAccessKey string `json:"-"`
	SessionToken    string `json:"-"`
	Expiration      time.Time

	// ClockOffset is AWS's clock less the local one, zero when none is kept.
	ClockOffset time.Duration

	// SpentCode is the MFA code that bought this session. It is worth nothing any more, but typed again it can be told
	// as already used.
	SpentCode string `json:"-"`
}

// Format prints what a log may hold, whatever the verb: with %+v or %#v alone fmt would walk the fields.
func (s Session) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "session{profile %q, account %q, key %s, until %s}",
		s.Profile, s.Account, shortKey(s.AccessKeyID), s.Expiration.UTC().Format(time.RFC3339))
}

// shortKey shows as much of an access key id as tells two apart; output is made to be pasted.
func shortKey(id string) string {
	if len(id) < 8 {
		return "…"
	}
	return "…" + id[len(id)-4:]
}
