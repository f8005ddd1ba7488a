package cli

import (
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

func TestUntil(t *testing.T) {
	now := time.Date(2026, 11, 28, 14, 28, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{
		now.Add(3*time.Hour + 12*time.Minute): "17:40", now.Add(15 * time.Hour): "05:28 tomorrow", now.Add(36 * time.Hour): "02:28 on Monday",
	} {
		if got := clockTime(now, at); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		3*time.Hour + 12*time.Minute + 59*time.Second: "3 h 12 min", 59 * time.Minute: "59 min", 59 * time.Second: "under a minute", 36 * time.Hour: "36 h 0 min",
	} {
		if got := hoursAndMinutes(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	if got := until(cache.Session{Expiration: time.Now().Add(-time.Second)}); got != "expired" {
		t.Error(got)
	}
}
