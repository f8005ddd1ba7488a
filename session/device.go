package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

const listLimit = 20 * time.Second

var (
	// ErrNoDevice is for a user without any MFA device.
	ErrNoDevice = errors.New("this IAM user has no MFA device")
	// ErrFIDO is for a user or a setting with FIDO security keys only.
	// "You cannot use MFA-protected API access with U2F security keys" (IAM
	// User Guide); AWS will not add it to GetSessionToken (aws-cli #3607).
	ErrFIDO = errors.New("STS cannot use FIDO security keys and passkeys")
	// ErrListDenied is for a user who may not list their devices.
	ErrListDenied = errors.New("iam:ListMFADevices is denied")
)

// IsFIDO reports whether a serial number is that of a security key or a passkey,
// which have no codes: arn:aws:iam::ACCOUNT:u2f/user/NAME/KEY.
func IsFIDO(serial string) bool { return strings.Contains(serial, ":u2f/") }

// device returns the SerialNumber to use: the configured one, else the one that
// was found or chosen before, else one that iam:ListMFADevices returns. It does
// not guess names, since a virtual device need not have its user's name.
func (x *exchange) device(ctx context.Context, cfg aws.Config) (string, error) {
	if serial := x.configuredSerial(); serial != "" {
		if IsFIDO(serial) {
			return "", fmt.Errorf("using the MFA device %s: %w", serial, ErrFIDO)
		}
		return serial, nil
	}
	if !x.keyringFailed {
		serial, err := x.Store.Device(x.deviceOwner())
		if err == nil {
			return serial, nil
		}
		x.Trace("MFA device: %v", err)
	}
	serials, err := x.listDevices(ctx, cfg)
	if err != nil {
		return "", err
	}
	serial := serials[0]
	if len(serials) > 1 {
		if serial, err = x.ChooseDevice(ctx, serials); err != nil {
			return "", err
		}
	}
	x.remember(serial)
	return serial, nil
}

// FindDevice returns the SerialNumber of the device whose code will be asked for,
// and where it comes from. If it is not configured, FindDevice looks it up and
// stores it, and may ask the person to choose one. It asks for no code.
func (p *Provider) FindDevice(ctx context.Context) (serial, from string, err error) {
	x := exchange{Provider: p}
	cfg, err := x.sourceConfig(ctx)
	if err != nil {
		return "", "", err
	}
	serial, err = x.device(ctx, cfg)
	return serial, x.serialFrom(serial), err
}

// sourceConfig returns the SDK's configuration with the source's own keys.
func (x *exchange) sourceConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := x.Config(ctx)
	if err != nil {
		return cfg, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	keys, err := x.keys(ctx, cfg)
	if err != nil {
		return cfg, err
	}
	cfg.Credentials = fixed(keys)
	return cfg, nil
}

// SourceConfig returns the SDK's configuration with the source's own keys, without
// a session. The errors are those of Config and of the source.
func (p *Provider) SourceConfig(ctx context.Context) (aws.Config, error) {
	x := exchange{Provider: p}
	return x.sourceConfig(ctx)
}

// ListDevices returns the MFA devices that have codes, in IAM's order. The error
// is ErrNoDevice or ErrFIDO if there is none, or ErrListDenied.
func (p *Provider) ListDevices(ctx context.Context) ([]string, error) {
	x := exchange{Provider: p}
	cfg, err := x.sourceConfig(ctx)
	if err != nil {
		return nil, err
	}
	return x.listDevices(ctx, cfg)
}

func (p *Provider) configuredSerial() string {
	if p.Serial != "" {
		return p.Serial
	}
	return p.Source.RoleSerial.Text
}

// roleSerial returns the device whose code AssumeRole takes: the one of this
// program's settings, else that of the role's profile. The mfa_serial of the
// source's profile is for a session of the source.
func (p *Provider) roleSerial() string {
	if p.Serial != "" && p.Serial != p.Source.Serial.Text {
		return p.Serial
	}
	return p.Source.RoleSerial.Text
}

// serialFrom returns where a SerialNumber comes from.
func (x *exchange) serialFrom(serial string) string {
	switch serial {
	case x.Serial:
		return "from " + x.SerialFrom
	case x.Source.RoleSerial.Text:
		return fmt.Sprintf("from mfa_serial at %s", x.Source.RoleSerial)
	}
	return "found by iam:ListMFADevices"
}

// deviceOwner returns the identity under which a device is stored. The device
// belongs to the access key, and not to the session's other settings.
func (x *exchange) deviceOwner() cache.Identity {
	id := x.Identity()
	return cache.Identity{Partition: id.Partition, Source: id.Source}
}

func (x *exchange) remember(serial string) {
	if x.keyringFailed || x.Source.Endpoint("iam").Text != "" { // mutation: no device of another's answer is kept
		return // another endpoint than AWS's may have invented the device
	}
	if err := x.Store.PutDevice(x.deviceOwner(), serial); err != nil {
		x.Trace("storing the MFA device: %v", err)
	}
}

func (x *exchange) forgetDevice() {
	if err := x.Store.RemoveDevice(x.deviceOwner()); err != nil {
		x.Trace("removing the MFA device: %v", err)
	}
}

// listDevices returns the devices that have codes, at least one.
func (x *exchange) listDevices(ctx context.Context, cfg aws.Config) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, listLimit)
	defer cancel()
	client := iam.NewFromConfig(cfg, func(o *iam.Options) {
		o.Region = x.Region
		if x.FIPS {
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
		}
	})
	all, err := MFADevices(ctx, client)
	if err != nil {
		return nil, listError(err)
	}
	serials := slices.DeleteFunc(slices.Clone(all), IsFIDO)
	switch {
	case len(serials) > 0:
		return serials, nil
	case len(all) > 0:
		return nil, fmt.Errorf("finding the MFA device: %w, and this IAM user has no other device", ErrFIDO)
	}
	return nil, fmt.Errorf("finding the MFA device: %w", ErrNoDevice)
}

// MFADevices returns the serial numbers of the user's MFA devices, including FIDO
// security keys. The error is the SDK's.
func MFADevices(ctx context.Context, client *iam.Client) ([]string, error) {
	var serials []string
	for pages := iam.NewListMFADevicesPaginator(client, nil); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, device := range page.MFADevices {
			serials = append(serials, aws.ToString(device.SerialNumber))
		}
	}
	return serials, nil
}

func listError(err error) error {
	kind := classify(err)
	var api smithy.APIError
	switch {
	case kind == ErrKey || kind == ErrSecret:
		return fmt.Errorf("finding the MFA device: %w", kind)
	case errors.As(err, &api) && api.ErrorCode() == "AccessDenied":
		return fmt.Errorf("finding the MFA device: %w", ErrListDenied)
	case kind == ErrNoAnswer:
		kind = ErrUnreachable // no code was sent
	case kind == nil:
		return fmt.Errorf("finding the MFA device: %s", reason(err))
	}
	return fmt.Errorf("finding the MFA device: %w: %s", IAMError{kind}, reason(err))
}

// IAMError is one of this package's errors about STS, for a call to IAM. Its text
// names IAM; what fixes it is the same.
type IAMError struct{ OfSTS error }

func (e IAMError) Error() string { return strings.Replace(e.OfSTS.Error(), "STS", "IAM", 1) }

// Unwrap returns the error about STS.
func (e IAMError) Unwrap() error { return e.OfSTS } // mutation: fault: the first call of all
