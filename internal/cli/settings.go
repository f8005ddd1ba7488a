package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/session"
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
	optionProfile    = option{flag: "profile"} // the SDK reads AWS_PROFILE itself
	optionDuration   = option{"duration", "GIT_CREDENTIAL_MFA_DURATION", "mfa_session_duration"}
	optionSerial     = option{"mfa-serial", "GIT_CREDENTIAL_MFA_SERIAL", "mfa_serial"}
	optionProcess    = option{"mfa-process", "GIT_CREDENTIAL_MFA_PROCESS", "mfa_process"}
	optionPrompt     = option{"prompt", "GIT_CREDENTIAL_MFA_PROMPT", ""}
	optionKeyring    = option{"keyring", "GIT_CREDENTIAL_MFA_KEYRING", ""}
	keyringNames     = []string{"auto", "keychain", "wincred", "secret-service", "keyctl", "file", "none"}
	errDurationRange = errors.New("a session lasts 15m to 36h")
)

// globalOptions are the options of the whole program, in the order of globalFlags.
var globalOptions = []option{optionProfile, optionDuration, optionSerial, optionProcess, optionPrompt, optionKeyring}

// setting is the value of an option, "" if nothing sets it, and what sets it:
// "--prompt", "GIT_CREDENTIAL_MFA_PROMPT", "mfa_process at ~/.aws/config:3".
type setting struct{ text, from string }

// settings are the options of the command line, the environment and the
// profile. resolve reads them once, and the rest of the program gets them as a
// value. The method that interprets a value returns the error for a bad one, so
// that it fails only the commands that use it.
type settings struct {
	// source is the profile in force. If sourceErr is set, it is incomplete.
	source                                              session.Source
	sourceErr                                           error
	profile, duration, serial, process, prompt, keyring setting
}

// resolve reads the settings of a command. line has the options of this
// helper's line in git's configuration, which come after those of the command
// line; it may be nil.
func (p *program) resolve(c *cli.Context, line map[string]string) settings {
	s := settings{profile: p.lookup(c, line, optionProfile)}
	s.source, s.sourceErr = session.ReadSource(c.Context, s.profile.text)
	in := func(o option, profile awsfile.Value) setting {
		if given := p.lookup(c, line, o); given.from != "" || profile.Text == "" {
			return given
		}
		return setting{profile.Text, fmt.Sprintf("%s at %s", o.profileKey, profile)}
	}
	s.duration = in(optionDuration, s.source.Own(optionDuration.profileKey))
	s.serial = in(optionSerial, s.source.Serial)
	s.process = in(optionProcess, s.source.Own(optionProcess.profileKey))
	s.prompt, s.keyring = p.lookup(c, line, optionPrompt), p.lookup(c, line, optionKeyring)
	p.settings = s
	return s
}

// lookup returns the first value of an option that it finds: on the command
// line, in the helper's line, or in the environment. It does not use the
// library's own support for variables, with which a variable has precedence
// over an option before the command.
func (p *program) lookup(c *cli.Context, line map[string]string, o option) setting {
	for _, level := range c.Lineage() {
		if level.IsSet(o.flag) {
			return setting{level.String(o.flag), "--" + o.flag}
		}
	}
	if text, ok := line[o.flag]; ok {
		return setting{text, "--" + o.flag + " in this helper's line in git's configuration"}
	}
	if o.environment != "" {
		if text := p.Getenv(o.environment); text != "" {
			return setting{text, o.environment}
		}
	}
	return setting{}
}

// oneOf returns the text, which must be one of the allowed ones, or the first
// of these if it is not set.
func (s setting) oneOf(allowed []string) (string, error) {
	if s.text == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, s.text) {
		return "", errUsage{fmt.Errorf("%s %q: not one of %s", s.from, s.text, strings.Join(allowed, ", "))}
	}
	return s.text, nil
}

// sessionLength reads a Go duration or a number of seconds, as AWS's own
// settings have it.
func (s setting) sessionLength() (time.Duration, error) {
	if s.text == "" {
		return defaultDuration, nil
	}
	d, err := time.ParseDuration(s.text)
	if seconds, numErr := strconv.ParseInt(s.text, 10, 32); numErr == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil {
		return 0, errUsage{fmt.Errorf("%s %q: not a duration such as 12h or 43200", s.from, s.text)}
	}
	if d < minDuration || d > maxDuration {
		return 0, errUsage{fmt.Errorf("%s %q: %w", s.from, s.text, errDurationRange)}
	}
	return d.Truncate(time.Second), nil
}
