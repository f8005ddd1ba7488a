package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/iamuser"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/internal/qrcode"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	// enrollLimit is enough to unlock a phone, find the app, and type two codes.
	enrollLimit = 10 * time.Minute
	// enrollTries is how often two codes are asked for.
	enrollTries = 3
	// undoLimit is for deleting a device after a failure.
	undoLimit = 10 * time.Second
	// lastSuffix is the suffix of the last device name that is tried.
	lastSuffix = 9
)

// errHasDevice is for a user who already has a device.
var errHasDevice = errors.New("there is already an MFA device that gives codes")

func (p *program) enrollCommand() *cli.Command {
	return &cli.Command{
		Name: "enroll", Usage: "register an authenticator app as your MFA device",
		Description: "For an IAM user without an MFA device that gives codes. Shows a QR code in the terminal for an authenticator " +
			"app on your phone, and asks for two of its codes in a row. The key in the QR code is kept nowhere but in the " +
			"app. AWS's ForceMFA policy allows this without MFA.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "text", Usage: "show the key in letters instead of a QR code"},
			&cli.BoolFlag{Name: "light", Usage: "draw for a light background, where colours are off"},
			&cli.BoolFlag{Name: "yes", Usage: "replace a left-over device without asking"},
		},
		Action: p.enroll,
	}
}

// enrollment is the enrollment of one device.
type enrollment struct {
	*program
	c        *cli.Context
	provider *session.Provider
	asker    *prompt.Prompter
	client   *iamuser.Client
	user     iamuser.User
	device   iamuser.Device
}

func (p *program) enroll(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	p.asking = "enroll"
	s := p.resolve(c, nil)
	provider, err := p.keyProvider(c.Context, s)
	if err != nil {
		return fmt.Errorf("enrolling an MFA device: %w", err)
	}
	e := enrollment{program: p, c: c, provider: provider}
	if e.asker, err = p.prompter(c.Context, s, target{byHand: true}); err != nil {
		return err
	}
	if err := e.asker.CanAsk(); err != nil {
		return fmt.Errorf("enrolling an MFA device: %w", asked(err))
	}
	if err := e.begin(); err != nil {
		return fmt.Errorf("enrolling an MFA device: %w", err)
	}
	if err := e.scanAndEnable(); err != nil {
		return e.undo(err)
	}
	e.tellDone()
	return nil
}

// keyProvider returns the provider of the profile's long-term access key. For a
// role's profile it is that of the user who assumes the role.
func (p *program) keyProvider(ctx context.Context, s settings) (*session.Provider, error) {
	provider, err := p.providerOf(ctx, s, target{})
	if err != nil {
		return nil, err
	}
	for from := provider.From(); from != nil; from = provider.From() {
		provider = from
	}
	if provider.Source.Temporary() {
		return nil, fmt.Errorf("profile %q: %w", provider.Source.Base, session.ErrTemporary)
	}
	return provider, nil
}

// begin finds out who the user is, checks that they have no device, and creates
// one.
func (e *enrollment) begin() error {
	cfg, err := e.provider.SourceConfig(e.c.Context)
	if err != nil {
		return err
	}
	e.client = iamuser.New(cfg, e.provider.FIPS)
	if e.user, err = e.client.Whoami(e.c.Context); err != nil {
		return err
	}
	serials, err := e.provider.ListDevices(e.c.Context)
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s", errHasDevice, strings.Join(serials, ", "))
	case errors.Is(err, session.ErrListDenied):
		e.tell("warning: %v, so a device that you already have is not seen", err)
	case !errors.Is(err, session.ErrNoDevice) && !errors.Is(err, session.ErrFIDO):
		return err
	}
	if err := e.clearLeftovers(); err != nil {
		return err
	}
	return e.createDevice()
}

// names returns the names to try for a device: the user's, then with a suffix.
func (e *enrollment) names() []string {
	names := []string{e.user.Name}
	for i := 2; i <= lastSuffix; i++ {
		names = append(names, e.user.Name+"-"+strconv.Itoa(i))
	}
	return names
}

// clearLeftovers offers to delete devices that an earlier enrollment created
// but did not assign. Their keys are lost, so they are of no use.
func (e *enrollment) clearLeftovers() error {
	name := regexp.MustCompile(`^` + regexp.QuoteMeta(e.user.Name) + `(-[2-9])?$`)
	serials, err := e.client.Unassigned(e.c.Context, name.MatchString)
	if errors.Is(err, iamuser.ErrDenied) {
		e.trace("left-over devices: %v", err)
		return nil
	}
	if err != nil {
		return err
	}
	for _, serial := range serials {
		yes, err := e.confirm(e.c, replaceLeftover.Format(serial))
		if err != nil {
			return err
		}
		if !yes {
			e.tell("%s stays, and the new device gets another name", serial)
			continue
		}
		if err := e.client.DeleteDevice(e.c.Context, serial); err != nil {
			e.tell("warning: %s stays, and the new device gets another name: %v", serial, err)
		}
	}
	return nil
}

func (e *enrollment) createDevice() error {
	for _, name := range e.names() {
		device, err := e.client.CreateDevice(e.c.Context, name)
		if errors.Is(err, iamuser.ErrExists) {
			continue
		}
		e.device = device
		return err
	}
	return fmt.Errorf("%s to %s-%d: %w", e.user.Name, e.user.Name, lastSuffix, iamuser.ErrExists)
}

// scanAndEnable shows the device's key, asks for two codes, and assigns the
// device to the user.
func (e *enrollment) scanAndEnable() error {
	ctx, cancel := context.WithTimeout(e.c.Context, enrollLimit)
	defer cancel()
	if err := e.asker.Show(e.draw); err != nil {
		return asked(err)
	}
	for try := 1; ; try++ {
		first, second, err := e.twoCodes(ctx)
		if err != nil {
			return err
		}
		err = e.client.EnableDevice(ctx, e.user.Name, e.device.Serial, first, second)
		switch {
		case err == nil || e.isEnabled(ctx):
			return nil
		case !errors.Is(err, iamuser.ErrCodes) || try == enrollTries:
			return err
		}
		e.tell("%v: wait for a new code, then enter it and the one after it", err)
	}
}

// isEnabled reports whether the device is assigned, even though the call failed.
func (e *enrollment) isEnabled(ctx context.Context) bool {
	serials, err := e.provider.ListDevices(ctx)
	return err == nil && slices.Contains(serials, e.device.Serial)
}

// The questions of enroll.
var (
	replaceLeftover = language.Text{English: "the device %s is left over from an unfinished enrollment and belongs to no user: replace it?",
		Japanese: "完了しなかった登録のデバイス %s が残っていて、どのユーザーにも割り当てられていません。置き換えますか"}
	scanThis  = language.Text{English: "Scan this with an authenticator app on your phone:", Japanese: "スマートフォンの認証アプリで読み取ってください:"}
	tooNarrow = language.Text{English: "The terminal is too narrow for the QR code. ", Japanese: "端末の幅が狭く、QR コードを表示できません。"}
	byHand    = language.Text{English: "In an authenticator app on your phone, add an account by hand:",
		Japanese: "スマートフォンの認証アプリで、アカウントを手動で追加してください:"}
	firstCode      = language.Text{English: "the code that the app shows now (6 digits): ", Japanese: "アプリに今表示されているコード (6 桁): "}
	secondCode     = language.Text{English: "the next code, when it changes (within 30 seconds): ", Japanese: "次に表示されるコード (30 秒以内に変わります): "}
	sixOtherDigits = language.Text{English: "six digits, and not the same code again: ", Japanese: "同じものではない 6 桁の数字を入力してください: "}
)

// twoCodes asks for two codes in a row. It refuses the same code twice, for
// which IAM would want two new ones.
func (e *enrollment) twoCodes(ctx context.Context) (first, second string, err error) {
	first, err = e.asker.Line(ctx, firstCode, prompt.CodePlease.With(": "), prompt.IsCode)
	if err == nil {
		second, err = e.asker.Line(ctx, secondCode, sixOtherDigits,
			func(code string) bool { return prompt.IsCode(code) && code != first })
	}
	return first, second, asked(err)
}

// draw returns the QR code, or, if the terminal is too narrow or --text is
// given, the key in letters.
func (e *enrollment) draw(columns int) string {
	style := qrcode.Style{Unicode: e.hasUnicode(true), Colour: e.hasColour(), LightBackground: e.c.Bool("light")}
	code, err := qrcode.Encode(e.address())
	narrow := err == nil && columns > 0 && code.Columns(style) > columns
	if e.c.Bool("text") || narrow || err != nil {
		return e.letters(narrow)
	}
	return scanThis.In(e.language(true)) + "\n\n" + code.Draw(style) + "\n"
}

// address returns the text of the QR code, in the "Key Uri Format" of Google
// Authenticator, which all authenticator apps read.
func (e *enrollment) address() string {
	label := url.PathEscape("AWS:" + e.user.Name + "@" + e.user.Account)
	return "otpauth://totp/" + label + "?secret=" + e.device.Seed() + "&issuer=AWS"
}

func (e *enrollment) letters(narrow bool) string {
	var groups []string
	for rest := e.device.Seed(); rest != ""; rest = rest[min(4, len(rest)):] {
		groups = append(groups, rest[:min(4, len(rest))])
	}
	text := byHand
	if narrow {
		text = tooNarrow.And(byHand)
	}
	return text.In(e.language(true)) + "\n\n" +
		"  account  " + e.user.Name + "@" + e.user.Account + "\n  type     time-based\n  key      " + strings.Join(groups, " ") + "\n\n"
}

// undo deletes the device after a failure or Ctrl-C, and returns the reason of
// that. If the deletion is denied, it says what is left.
func (e *enrollment) undo(why error) error {
	finish := e.Finish
	if finish == nil {
		finish = func(work func()) { work() }
	}
	finish(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e.c.Context), undoLimit)
		defer cancel()
		err := e.client.DeleteDevice(ctx, e.device.Serial) // mutation: enroll: what came to nothing is deleted
		switch {
		case err == nil:
			e.tell("deleted the device %s again", e.device.Serial)
		case errors.Is(err, iamuser.ErrDenied):
			e.tell("the device %s belongs to no user, and stays until an administrator deletes it: aws iam delete-virtual-mfa-device --serial-number %s", e.device.Serial, e.device.Serial)
			e.tell("it does no harm: the next enroll takes another name")
		default:
			e.tell("warning: the device %s could not be deleted: %v", e.device.Serial, err)
			e.tell("hint: enroll offers to delete it: %s", e.command("enroll"))
		}
	})
	return fmt.Errorf("enrolling an MFA device: %w", why)
}

func (e *enrollment) tellDone() {
	provider := e.provider
	e.tell("%s is the MFA device of %s now; the next code starts a session", e.device.Serial, e.user.Name)
	if provider.Serial != "" && provider.Serial != e.device.Serial {
		e.tell("hint: %s names another device; set this one: aws configure set mfa_serial %s --profile %s", provider.SerialFrom, e.device.Serial, word(e.baseName()))
	}
	if place := provider.Source.Own(secretSetting); place.Text != "" && provider.Store.Keeps() == nil {
		e.tell("hint: your access key lies in the clear, at %s; to move it into the keyring: %s", place, e.command("keys import"))
	}
	e.tell("hint: next, if git does not ask this helper yet: %s", e.command("configure"))
	e.tell("hint: then: git clone https://git-codecommit.%s.amazonaws.com/v1/repos/NAME", provider.Region)
}
