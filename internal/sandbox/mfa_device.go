package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"rsc.io/qr"
)

// step is how long a TOTP code is shown.
const step = 30 * time.Second

// A Device is an MFA device of a user, and the phone that shows its codes.
type Device struct {
	Serial string // ARN of a virtual or FIDO device, or a hardware serial number

	world   *World
	secret  []byte // nil for FIDO
	enabled time.Time
	spent   map[int64]bool // steps whose code STS has accepted
	given   map[int64]bool // steps whose code NextUnspent has returned
}

// AddDevice gives the user a device: virtual (arn:aws:iam::123456789012:mfa/NAME),
// hardware (a plain serial number), or FIDO (an ARN with :u2f/), which IAM
// lists and STS cannot use.
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

// Code returns the code that the phone shows now, by the world's clock. STS may
// have accepted it already. It is empty for FIDO.
func (d *Device) Code() string {
	if d.secret == nil {
		return ""
	}
	return totp(d.secret, d.now())
}

// NextUnspent returns a code that STS accepts now, of this step or one next to
// it. Each call returns another code, so that concurrent callers do not share
// one. It returns false if there is none until the next step.
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

// WaitCode is like NextUnspent, but waits until there is a code.
func (d *Device) WaitCode(ctx context.Context) (string, error) {
	if d.secret == nil {
		return "", errors.New("a FIDO device shows no codes")
	}
	for {
		if code, ok := d.NextUnspent(); ok {
			return code, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for an MFA code: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond): // not until the next step: a test may move the clock
		}
	}
}

// Refresh lets spent codes be used again, for tests that need many sessions.
func (d *Device) Refresh() {
	d.world.mu.Lock()
	defer d.world.mu.Unlock()
	clear(d.spent)
	clear(d.given)
}

// spend accepts a code that is right and not yet used. The caller holds w.mu.
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

// totp returns the code of a step: RFC 6238, SHA-1, 6 digits.
func totp(secret []byte, n int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

// seedSize is the size of AWS's seeds in bytes: 64 letters of base32.
const seedSize = 40

// maxDevices is IAM's quota of MFA devices for a user.
const maxDevices = 8

// seed returns what AWS calls Base32StringSeed.
func (d *Device) seed() string { return base32.StdEncoding.EncodeToString(d.secret) }

// Phone returns the device with a base32 seed, or nil. An authenticator app
// knows the seed after it has read the QR code.
func (w *World) Phone(seed string) *Device {
	w.mu.Lock()
	defer w.mu.Unlock()
	devices := slices.Clone(w.unassigned)
	for _, u := range w.users {
		devices = append(devices, u.devices...)
	}
	for _, d := range devices {
		if d.secret != nil && d.seed() == seed {
			return d
		}
	}
	return nil
}

// Device returns the virtual device with a serial, assigned or not, or nil.
func (w *World) Device(serial string) *Device {
	w.mu.Lock()
	defer w.mu.Unlock()
	return withSerial(w.virtualDevices(), serial)
}

// Unassigned returns the serials of the virtual devices that no user has.
func (w *World) Unassigned() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var serials []string
	for _, d := range w.unassigned {
		serials = append(serials, d.Serial)
	}
	return serials
}

// AddUnassigned makes a virtual device that no user has, as an enrollment that
// was given up leaves behind.
func (w *World) AddUnassigned(name string) *Device {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.addUnassigned("aws", name)
}

func (w *World) addUnassigned(partition, name string) *Device {
	d := &Device{Serial: fmt.Sprintf("arn:%s:iam::%s:mfa/%s", partition, Account, name), world: w,
		secret: make([]byte, seedSize), spent: map[int64]bool{}, given: map[int64]bool{}}
	rand.Read(d.secret)
	w.unassigned = append(w.unassigned, d)
	return d
}

// TwoCodes returns two codes in a row for EnableMFADevice: the previous one and
// the present one, so that no one needs to wait.
func (d *Device) TwoCodes() (first, second string) {
	now := d.now()
	return totp(d.secret, now-1), totp(d.secret, now)
}

// Devices returns the serials of the user's MFA devices.
func (u *User) Devices() []string {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	var serials []string
	for _, d := range u.devices {
		serials = append(serials, d.Serial)
	}
	return serials
}

// withSerial returns the device with a serial, or nil.
func withSerial(devices []*Device, serial string) *Device {
	for _, d := range devices {
		if d.Serial == serial {
			return d
		}
	}
	return nil
}

var deviceName = regexp.MustCompile(`^[\w+=,.@-]{1,226}$`)

func createVirtualMFADevice(c *call) (any, *failure) {
	name := c.form.Get("VirtualMFADeviceName")
	var v violations
	v.add(!deviceName.MatchString(name), name, "virtualMFADeviceName", `satisfy regular expression pattern: [\w+=,.@-]+`)
	if refused := v.failure(); refused != nil {
		return nil, refused
	}
	if refused := c.authorizeDevice("iam:CreateVirtualMFADevice", name); refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.virtualDevices() {
		if strings.HasSuffix(d.Serial, ":mfa/"+name) {
			return nil, &failure{409, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists."}
		}
	}
	d := w.addUnassigned(c.who.partition, name)
	account := c.who.name
	if c.who.role() != nil {
		account = c.who.account
	}
	// The text of the image is documented in CreateVirtualMFADevice's reference.
	image, err := qr.Encode(fmt.Sprintf("otpauth://totp/%s@%s?secret=%s", url.PathEscape(name), url.PathEscape(account), d.seed()), qr.M)
	if err != nil {
		return nil, &failure{500, "ServiceFailure", err.Error()}
	}
	return &struct {
		XMLName xml.Name `xml:"CreateVirtualMFADeviceResult"`
		Serial  string   `xml:"VirtualMFADevice>SerialNumber"`
		Seed    string   `xml:"VirtualMFADevice>Base32StringSeed"` // blobs are base64
		Image   string   `xml:"VirtualMFADevice>QRCodePNG"`
	}{Serial: d.Serial, Seed: base64.StdEncoding.EncodeToString([]byte(d.seed())),
		Image: base64.StdEncoding.EncodeToString(image.PNG())}, nil
}

// authorizeDevice evaluates the caller's policies for a virtual device.
func (c *call) authorizeDevice(actionName, name string) *failure {
	resource := "mfa/" + name
	return c.authorize(actionName, resource, fmt.Sprintf("arn:%s:iam::%s:%s", c.who.partition, c.who.account, resource))
}

// virtualDevices returns all virtual devices. The caller holds w.mu.
func (w *World) virtualDevices() []*Device {
	devices := slices.Clone(w.unassigned)
	for _, u := range w.users {
		for _, d := range u.devices {
			if strings.Contains(d.Serial, ":mfa/") {
				devices = append(devices, d)
			}
		}
	}
	return devices
}

func noSuchDevice(serial string) *failure {
	return &failure{404, "NoSuchEntity", fmt.Sprintf("VirtualMFADevice with serial number %s doesn't exist.", serial)}
}

func deleteVirtualMFADevice(c *call) (any, *failure) {
	serial := c.form.Get("SerialNumber")
	_, name, _ := strings.Cut(serial, ":mfa/")
	if refused := c.authorizeDevice("iam:DeleteVirtualMFADevice", name); refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	d := withSerial(w.unassigned, serial)
	if d == nil && withSerial(w.virtualDevices(), serial) != nil {
		return nil, &failure{409, "DeleteConflict", "VirtualMFADevice has to be deactivated before it can be deleted."}
	}
	if d == nil {
		return nil, noSuchDevice(serial)
	}
	w.unassigned = slices.DeleteFunc(w.unassigned, func(other *Device) bool { return other == d })
	return nil, nil
}

type mfaDevice struct {
	UserName     string
	SerialNumber string
	EnableDate   string
}

type mfaDevicesResult struct {
	XMLName     xml.Name    `xml:"ListMFADevicesResult"`
	IsTruncated bool        // never: a user has 8 devices at most
	Devices     []mfaDevice `xml:"MFADevices>member"`
}

// listMFADevices lists FIDO devices too, as AWS does. A client sees only from the
// ARN that STS cannot use them.
func listMFADevices(c *call) (any, *failure) {
	u, refused := c.subject("iam:ListMFADevices")
	if refused != nil {
		return nil, refused
	}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	result := &mfaDevicesResult{}
	for _, d := range u.devices {
		result.Devices = append(result.Devices, mfaDevice{u.Name, d.Serial, d.enabled.Format(time.RFC3339)})
	}
	return result, nil
}

type virtualDevice struct {
	SerialNumber string
	User         *struct{ UserName, Arn string }
	EnableDate   string `xml:",omitempty"`
}

func listVirtualMFADevices(c *call) (any, *failure) {
	if refused := c.authorizeDevice("iam:ListVirtualMFADevices", ""); refused != nil {
		return nil, refused
	}
	status := c.form.Get("AssignmentStatus")
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	result := &struct {
		XMLName     xml.Name `xml:"ListVirtualMFADevicesResult"`
		IsTruncated bool
		Devices     []virtualDevice `xml:"VirtualMFADevices>member"`
	}{}
	if status != "Assigned" {
		for _, d := range c.world.unassigned {
			result.Devices = append(result.Devices, virtualDevice{SerialNumber: d.Serial})
		}
	}
	if status == "Unassigned" {
		return result, nil
	}
	for _, u := range c.world.users {
		for _, d := range u.devices {
			if strings.Contains(d.Serial, ":mfa/") {
				result.Devices = append(result.Devices, virtualDevice{SerialNumber: d.Serial,
					User: &struct{ UserName, Arn string }{u.Name, u.ARN()}, EnableDate: d.enabled.Format(time.RFC3339)})
			}
		}
	}
	return result, nil
}

// enableMFADevice accepts two codes in a row, the second of this step or one
// next to it. STS then accepts neither of them.
func enableMFADevice(c *call) (any, *failure) {
	u, refused := c.subject("iam:EnableMFADevice")
	if refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	serial := c.form.Get("SerialNumber")
	d := withSerial(w.unassigned, serial)
	switch {
	case d == nil && withSerial(w.virtualDevices(), serial) != nil:
		return nil, &failure{409, "EntityAlreadyExists", "MFA Device is already in use."}
	case d == nil:
		return nil, noSuchDevice(serial)
	case len(u.devices) >= maxDevices:
		return nil, &failure{409, "LimitExceeded", fmt.Sprintf("Cannot exceed quota for MFADevicesPerUser: %d", maxDevices)}
	}
	now := d.now()
	for second := now - 1; second <= now+1; second++ {
		if c.form.Get("AuthenticationCode1") == totp(d.secret, second-1) && c.form.Get("AuthenticationCode2") == totp(d.secret, second) {
			d.spent[second-1], d.spent[second] = true, true
			d.enabled = w.Clock.Now()
			w.unassigned = slices.DeleteFunc(w.unassigned, func(other *Device) bool { return other == d })
			u.devices = append(u.devices, d)
			return nil, nil
		}
	}
	return nil, &failure{403, "InvalidAuthenticationCode", "Authentication code for device is not valid."}
}

func deactivateMFADevice(c *call) (any, *failure) {
	u, refused := c.subject("iam:DeactivateMFADevice")
	if refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	d := withSerial(u.devices, c.form.Get("SerialNumber"))
	if d == nil {
		return nil, noSuchDevice(c.form.Get("SerialNumber"))
	}
	u.devices = slices.DeleteFunc(u.devices, func(other *Device) bool { return other == d })
	if strings.Contains(d.Serial, ":mfa/") {
		w.unassigned = append(w.unassigned, d)
	}
	return nil, nil
}
