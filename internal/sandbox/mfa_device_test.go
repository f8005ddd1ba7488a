package sandbox

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// RFC 6238 appendix B, SHA-1: the last 6 of its 8 digits.
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

// midStep moves the world's clock to the middle of a step.
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
	if _, err := d.WaitCode(t.Context()); err == nil || d.Code() != "" || d.spend("") {
		t.Error("a FIDO device shows or takes a code")
	}
}

// newcomer returns a user under ForceMFA with an access key and no MFA device.
func newcomer(t *testing.T) (*World, *User, *iam.Client) {
	t.Helper()
	needGit(t)
	w, err := Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	midStep(w)
	u := w.AddUser("alice")
	return w, u, iam.NewFromConfig(u.config())
}

func createDevice(t *testing.T, client *iam.Client, name string) *types.VirtualMFADevice {
	t.Helper()
	out, err := client.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out.VirtualMFADevice
}

func enable(t *testing.T, client *iam.Client, serial, first, second string) error {
	_, err := client.EnableMFADevice(t.Context(), &iam.EnableMFADeviceInput{UserName: aws.String("alice"), SerialNumber: &serial,
		AuthenticationCode1: &first, AuthenticationCode2: &second})
	return err
}

// Under ForceMFA, a newcomer creates a device, scans it, enables it with two
// codes in a row, and gets a session with MFA with a third.
func TestEnrol(t *testing.T) {
	w, u, client := newcomer(t)
	made := createDevice(t, client, "alice")
	image, err := png.Decode(bytes.NewReader(made.QRCodePNG))
	if err != nil {
		t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(image)
	if err != nil {
		t.Fatal(err)
	}
	scanned, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if want := "otpauth://totp/alice@alice?secret=" + string(made.Base32StringSeed); err != nil || scanned.GetText() != want {
		t.Fatalf("the QR code holds %v, want %s: %v", scanned, want, err)
	}
	phone := w.Phone(string(made.Base32StringSeed))
	if phone == nil || phone.Serial != *made.SerialNumber || *made.SerialNumber != "arn:aws:iam::123456789012:mfa/alice" {
		t.Fatalf("phone %v, device %s", phone, *made.SerialNumber)
	}
	first, second := phone.TwoCodes()
	const invalid = "Authentication code for device is not valid."
	wantError(t, enable(t, client, phone.Serial, second, first), 403, "InvalidAuthenticationCode", invalid)
	wantError(t, enable(t, client, phone.Serial, first, first), 403, "InvalidAuthenticationCode", invalid)
	if err := enable(t, client, phone.Serial, first, second); err != nil {
		t.Fatal(err)
	}
	if got := u.Devices(); !slices.Equal(got, []string{phone.Serial}) || len(w.Unassigned()) != 0 {
		t.Errorf("devices %v, unassigned %v", got, w.Unassigned())
	}
	if phone.spend(first) || phone.spend(second) {
		t.Error("a code that enabled the device is taken for a session")
	}
	getSession(t, u, phone)
	if !slices.Contains(w.Secrets(), string(made.Base32StringSeed)) {
		t.Error("the seed is no secret")
	}
}

// ForceMFA lets a newcomer create, list and enable devices, and nothing else. With
// MFA, users can manage their own keys and devices.
func TestForceMFADevices(t *testing.T) {
	w, u, client := newcomer(t)
	made := createDevice(t, client, "alice")
	name := "alice"
	_, err := client.CreateVirtualMFADevice(t.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name})
	wantError(t, err, 409, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
	list, err := client.ListVirtualMFADevices(t.Context(), &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeUnassigned})
	if err != nil || len(list.VirtualMFADevices) != 1 || *list.VirtualMFADevices[0].SerialNumber != *made.SerialNumber {
		t.Errorf("%+v %v", list, err)
	}
	remove := func(c *iam.Client) error {
		_, err := c.DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: made.SerialNumber})
		return err
	}
	wantError(t, remove(client), 403, "AccessDenied", "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "+
		"iam:DeleteVirtualMFADevice on resource: arn:aws:iam::123456789012:mfa/alice with an explicit deny in an identity-based policy")
	phone := w.Phone(string(made.Base32StringSeed))
	first, second := phone.TwoCodes()
	if err := enable(t, client, phone.Serial, first, second); err != nil {
		t.Fatal(err)
	}
	deactivate := func(c *iam.Client) error {
		_, err := c.DeactivateMFADevice(t.Context(), &iam.DeactivateMFADeviceInput{UserName: &name, SerialNumber: made.SerialNumber})
		return err
	}
	if err := deactivate(client); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("a device is deactivated without MFA: %v", err)
	}
	withMFA := iam.NewFromConfig(sessionConfig(w, getSession(t, u, phone)))
	wantError(t, remove(withMFA), 409, "DeleteConflict", "VirtualMFADevice has to be deactivated before it can be deleted.")
	if err := deactivate(withMFA); err != nil {
		t.Fatal(err)
	}
	if err := remove(withMFA); err != nil || len(w.Unassigned())+len(u.Devices()) != 0 {
		t.Errorf("left: %v %v, %v", w.Unassigned(), u.Devices(), err)
	}
}

// The policy of AWS's tutorial of 2017 allows deleting a device that was not
// enabled without MFA.
func TestDeleteUnassigned(t *testing.T) {
	w, u, client := newcomer(t)
	allowed, err := policy.Parse("p", []byte(`{"Statement": {"Effect": "Allow", "Action": "iam:*VirtualMFADevice*", "Resource": "*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	u.SetPolicies(allowed)
	made := createDevice(t, client, "alice")
	if _, err := client.DeleteVirtualMFADevice(t.Context(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: made.SerialNumber}); err != nil || len(w.Unassigned()) != 0 {
		t.Errorf("left: %v, %v", w.Unassigned(), err)
	}
}
