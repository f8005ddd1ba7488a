package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
)

// AWS's limits for GetSessionToken, and its default (STS API Reference).
const (
	minDuration     = 15 * time.Minute
	maxDuration     = 36 * time.Hour
	defaultDuration = 12 * time.Hour
)

// option is a setting that can come from the command line, the environment,
// or a key of the profile in ~/.aws/config; the first that is set wins.
type option struct{ flag, environment, profileKey string }

var (
	optionProfile    = option{flag: "profile"} // AWS_PROFILE is the SDK's to read
	optionDuration   = option{"duration", "GIT_CREDENTIAL_MFA_DURATION", "mfa_session_duration"}
	optionSerial     = option{"mfa-serial", "GIT_CREDENTIAL_MFA_SERIAL", ""} // mfa_serial too
	optionProcess    = option{"mfa-process", "GIT_CREDENTIAL_MFA_PROCESS", "mfa_process"}
	optionPrompt     = option{"prompt", "GIT_CREDENTIAL_MFA_PROMPT", ""}
	optionKeyring    = option{"keyring", "GIT_CREDENTIAL_MFA_KEYRING", ""}
	keyringNames     = []string{"auto", "keychain", "wincred", "secret-service", "keyctl", "file", "none"}
	errDurationRange = errors.New("AWS gives sessions of 15m to 36h")
)

// globalOptions are those of the whole program, in the order of globalFlags.
var globalOptions = []option{optionProfile, optionDuration, optionSerial, optionProcess, optionPrompt, optionKeyring}

func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "profile", Usage: "AWS profile `NAME` (AWS_PROFILE; default)"},
		&cli.StringFlag{Name: "duration", Usage: "length of a session, 15m to 36h, as `TIME` or seconds (GIT_CREDENTIAL_MFA_DURATION, mfa_session_duration; 12h)"},
		&cli.StringFlag{Name: "mfa-serial", Usage: "MFA device, an `ARN` or a hardware serial number (GIT_CREDENTIAL_MFA_SERIAL, mfa_serial; asked of IAM)"},
		&cli.StringFlag{Name: "mfa-process", Usage: "`COMMAND` that prints the code, run without a shell (GIT_CREDENTIAL_MFA_PROCESS, mfa_process)"},
		&cli.StringFlag{Name: "prompt", Usage: "`WAY` to ask: " + strings.Join(prompt.Modes, ", ") + " (GIT_CREDENTIAL_MFA_PROMPT; auto)"},
		&cli.StringFlag{Name: "keyring", Usage: "`KEYRING`: " + strings.Join(keyringNames, ", ") + " (GIT_CREDENTIAL_MFA_KEYRING; auto)"},
	}
}

// globalsUsed are the global options that a command has a use for; it takes
// and ignores the others.
var globalsUsed = map[string][]string{
	"configure":          {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"}, // written into the block
	"login":              {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"},
	"credential-process": {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"},
	"doctor":             {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"},
	"keys":               {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"}, // written by import
	"enroll":             {"profile", "keyring"},
	"logout":             {"profile", "mfa-serial", "keyring"}, // a session is that of a device, too
	"status":             {"profile", "keyring"},               // whose own credentials are shown too
}

// globalFlagsOf returns the global options for a command; those without use
// for it are not shown.
func globalFlagsOf(command string) []cli.Flag {
	flags := globalFlags()
	for _, flag := range flags {
		if text, ok := flag.(*cli.StringFlag); ok {
			text.Hidden = !slices.Contains(globalsUsed[command], text.Name)
		}
	}
	return flags
}

// value returns the option's value, or "". The library's own environment
// variables are not used: with them, a variable would win over an option that
// stands before the command.
func (p *program) value(c *cli.Context, o option) string {
	v, _ := p.valueFrom(c, o)
	return v
}

// valueFrom returns the value and what it was set by, in the words of whoever
// set it.
func (p *program) valueFrom(c *cli.Context, o option) (value, from string) {
	for _, level := range c.Lineage() {
		if level.IsSet(o.flag) {
			return level.String(o.flag), "--" + o.flag
		}
	}
	if o.environment != "" {
		if v := p.Getenv(o.environment); v != "" {
			return v, o.environment
		}
	}
	if o.profileKey == "" {
		return "", ""
	}
	if v := p.source.Own(o.profileKey); v.Text != "" {
		return v.Text, fmt.Sprintf("%s at %s", o.profileKey, v)
	}
	return "", ""
}

// oneOf returns the option's value if it is one of some, and the first of
// them if it is not set.
func (p *program) oneOf(c *cli.Context, o option, allowed []string) (string, error) {
	v, from := p.valueFrom(c, o)
	if v == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, v) {
		return "", errUsage{fmt.Errorf("%s %q: not one of %s", from, v, strings.Join(allowed, ", "))}
	}
	return v, nil
}

// duration reads a Go duration or a number of seconds, as AWS's own settings
// have it.
func (p *program) duration(c *cli.Context) (time.Duration, error) {
	v, from := p.valueFrom(c, optionDuration)
	if v == "" {
		return defaultDuration, nil
	}
	d, err := time.ParseDuration(v)
	if seconds, numErr := strconv.ParseInt(v, 10, 32); numErr == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil {
		return 0, errUsage{fmt.Errorf("%s %q: not a duration such as 12h or 43200", from, v)}
	}
	if d < minDuration || d > maxDuration {
		return 0, errUsage{fmt.Errorf("%s %q: %w", from, v, errDurationRange)}
	}
	return d.Truncate(time.Second), nil
}
