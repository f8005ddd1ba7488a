package prompt

import (
	"testing"
	"time"
)

func TestSpoken(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2 * time.Minute: "2 minutes", 119*time.Second + 600*time.Millisecond: "2 minutes", time.Minute: "1 minute",
		68 * time.Second: "1 minute 10 seconds", 117 * time.Second: "2 minutes", 31 * time.Second: "31 seconds",
		time.Second: "1 second", 0: "0 seconds", -time.Second: "0 seconds",
	} {
		if got := spoken(d); got != want {
			t.Errorf("%v: %q, not %q", d, got, want)
		}
	}
}
