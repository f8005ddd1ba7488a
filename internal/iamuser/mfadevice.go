package iamuser

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// Device is a virtual MFA device that was just created. Printing it does not show
// the seed.
type Device struct {
	// Serial is its ARN.
	Serial string
	seed   string
}

// Seed returns the secret from which an authenticator app computes the codes, in
// base32. Only the app may store it.
func (d Device) Seed() string { return d.seed }

// Format prints the ARN for every verb: fmt would print all fields.
func (d Device) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, d.Serial) }

// CreateDevice creates a virtual MFA device, which belongs to no user before
// EnableDevice. The error is ErrExists if there is one of that name.
func (c *Client) CreateDevice(ctx context.Context, name string) (Device, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.iam.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name}, noRetries)
	if err != nil {
		return Device{}, explain("iam:CreateVirtualMFADevice", err)
	}
	if out.VirtualMFADevice == nil || len(out.VirtualMFADevice.Base32StringSeed) == 0 {
		return Device{}, fmt.Errorf("iam:CreateVirtualMFADevice: the answer holds no device")
	}
	return Device{Serial: aws.ToString(out.VirtualMFADevice.SerialNumber), seed: string(out.VirtualMFADevice.Base32StringSeed)}, nil
}

// noRetries keeps the SDK from creating a second one when an answer is lost.
func noRetries(o *iam.Options) { o.Retryer = aws.NopRetryer{} }

// EnableDevice assigns a device to the user, by two consecutive codes. The error is
// ErrCodes if they are wrong.
func (c *Client) EnableDevice(ctx context.Context, user, serial, first, second string) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.iam.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: &user, SerialNumber: &serial,
		AuthenticationCode1: &first, AuthenticationCode2: &second}, noRetries)
	if err != nil {
		return explain("iam:EnableMFADevice", err)
	}
	return confirm("iam:EnableMFADevice", out.ResultMetadata)
}

// DeleteDevice deletes a virtual device that belongs to no user. The present
// ForceMFA policy denies that without MFA.
func (c *Client) DeleteDevice(ctx context.Context, serial string) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.iam.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &serial})
	if err != nil {
		return explain("iam:DeleteVirtualMFADevice", err)
	}
	return confirm("iam:DeleteVirtualMFADevice", out.ResultMetadata)
}

// Unassigned returns the ARNs of the account's virtual devices that belong to no
// user and whose names are wanted.
func (c *Client) Unassigned(ctx context.Context, isWanted func(name string) bool) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	var serials []string
	unassigned := &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeUnassigned}
	for pages := iam.NewListVirtualMFADevicesPaginator(c.iam, unassigned); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("iam:ListVirtualMFADevices", err)
		}
		for _, d := range page.VirtualMFADevices {
			serial := aws.ToString(d.SerialNumber)
			if _, name, ok := strings.Cut(serial, ":mfa/"); ok && isWanted(name) {
				serials = append(serials, serial)
			}
		}
	}
	return serials, nil
}
