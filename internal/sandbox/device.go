package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// step is how long a TOTP code shows.
const step = 30 * time.Second

// ErrNoCode is the answer of a FIDO device: it shows no codes.
var ErrNoCode = errors.New("the device shows no codes")

// A Device is an MFA device of a user, and the phone that shows its codes.
type Device struct {
	Serial string // ARN of a virtual or FIDO device, or a hardware serial number

	world   *World
	secret  []byte // nil for FIDO
	enabled time.Time
	spent   map[int64]bool // steps whose code STS has taken
	given   map[int64]bool // steps that NextUnspent gave out
}

// AddDevice gives the user a device: virtual (arn:aws:iam::123456789012:mfa/NAME),
// hardware (a plain serial number), or FIDO (an ARN with :u2f/), which IAM
// lists and STS can do nothing with.
func (u *User) AddDevice(serial string) *Device {
	d := &Device{Serial: serial, world: u.world, enabled: u.world.Clock.Now(),
		spent: map[int64]bool{}, given: map[int64]bool{}}
	if !strings.Contains(serial, ":u2f/") {
		d.secret = make([]byte, 20)
		rand.Read(d.secret)
	}
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	u.devices = append(u.devices, d)
	return d
}

// Code is what the phone shows now by the world's clock, spent or not; empty
// for FIDO.
func (d *Device) Code() string {
	if d.secret == nil {
		return ""
	}
	return totp(d.secret, d.now())
}

// NextUnspent gives a code that STS takes now: of this step or, as AWS does
// too, of one next to it. Each call gives another code, so that callers side
// by side do not use each other's; false when there is none until the next step.
func (d *Device) NextUnspent() (string, bool) {
	if d.secret == nil {
		return "", false
	}
	d.world.mu.Lock()
	defer d.world.mu.Unlock()
	now := d.now()
	for _, n := range []int64{now, now + 1, now - 1} {
		if !d.spent[n] && !d.given[n] {
			d.given[n] = true
			return totp(d.secret, n), true
		}
	}
	return "", false
}

// WaitCode is NextUnspent that waits for the next step if it must.
func (d *Device) WaitCode(ctx context.Context) (string, error) {
	if d.secret == nil {
		return "", ErrNoCode
	}
	for {
		if code, ok := d.NextUnspent(); ok {
			return code, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for an MFA code: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond): // not until the step: the clock may be moved
		}
	}
}

// Refresh lets codes that are spent be used again, for tests that need many
// sessions at once and are not about codes.
func (d *Device) Refresh() {
	d.world.mu.Lock()
	defer d.world.mu.Unlock()
	clear(d.spent)
	clear(d.given)
}

// spend takes a code that is right and not yet used; w.mu is held.
func (d *Device) spend(code string) bool {
	now := d.now()
	for n := now - 1; n <= now+1; n++ {
		if d.secret != nil && !d.spent[n] && code == totp(d.secret, n) {
			d.spent[n] = true
			return true
		}
	}
	return false
}

func (d *Device) now() int64 { return d.world.Clock.Now().Unix() / int64(step/time.Second) }

// totp is the code of a step: RFC 6238, SHA-1, 6 digits.
func totp(secret []byte, n int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}
