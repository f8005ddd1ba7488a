package sandbox

import (
	"context"
	"errors"
	"testing"
	"time"
)

// RFC 6238 appendix B, SHA-1; its 8 digits end in our 6.
func TestTOTP(t *testing.T) {
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totp([]byte("12345678901234567890"), at/30); got != want {
			t.Errorf("code at %d is %s, want %s", at, got, want)
		}
	}
}

// midStep moves the world's clock clear of a step's edge.
func midStep(w *World) {
	now := time.Now()
	w.Clock.SetOffset(now.Truncate(step).Add(step / 3).Sub(now))
}

func TestCodesAreGivenOnce(t *testing.T) {
	w, _, d := start(t)
	midStep(w)
	seen := map[string]bool{}
	for range 3 { // this step and the two next to it
		code, ok := d.NextUnspent()
		if !ok || seen[code] {
			t.Fatalf("code %q, %v after %v", code, ok, seen)
		}
		seen[code] = true
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if code, err := d.WaitCode(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a fourth code %q: %v", code, err)
	}
	w.Clock.Advance(step)
	if code, err := d.WaitCode(t.Context()); err != nil || seen[code] {
		t.Fatalf("code %q after a step: %v", code, err)
	}
}

func TestCodeWindow(t *testing.T) {
	w, _, d := start(t)
	midStep(w)
	for _, c := range []struct {
		steps int64
		want  bool
	}{{-2, false}, {-1, true}, {0, true}, {1, true}, {2, false}, {0, false}} {
		if got := d.spend(totp(d.secret, d.now()+c.steps)); got != c.want {
			t.Errorf("code of step %+d: %v, want %v", c.steps, got, c.want)
		}
	}
	d.Refresh()
	if !d.spend(d.Code()) {
		t.Error("a code is still spent after Refresh")
	}
}

func TestFIDOShowsNoCode(t *testing.T) {
	_, u, _ := start(t)
	d := u.AddDevice("arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGH")
	if _, err := d.WaitCode(t.Context()); !errors.Is(err, ErrNoCode) || d.Code() != "" || d.spend("") {
		t.Error("a FIDO device shows or takes a code")
	}
}
