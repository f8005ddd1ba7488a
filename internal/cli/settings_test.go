package cli

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// The command line wins over this helper's line in git's configuration, that
// over the environment, and that over the profile, also where it says "".
func TestResolve(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	text := "[profile work]\nmfa_session_duration = 1h\nmfa_process = of the profile\nmfa_serial = 111\n[profile other]\nmfa_process = of the other\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_PROFILE", "work")
	for _, test := range []struct {
		args, environment string
		line              map[string]string
		text, from        string
	}{
		{text: "of the profile", from: "mfa_process at " + config + ":3"},
		{environment: "of the environment", text: "of the environment", from: "GIT_CREDENTIAL_MFA_PROCESS"},
		{environment: "of the environment", line: map[string]string{"mfa-process": "of the line"}, text: "of the line", from: "--mfa-process in this helper's line in git's configuration"},
		{line: map[string]string{"profile": "other"}, text: "of the other", from: "mfa_process at " + config + ":6"},
		{line: map[string]string{"profile": "other"}, args: "--profile=work", text: "of the profile", from: "mfa_process at " + config + ":3"},
		{environment: "of the environment", line: map[string]string{"mfa-process": "of the line"}, args: "--mfa-process=given", text: "given", from: "--mfa-process"},
		{environment: "of the environment", args: "--mfa-process=", from: "--mfa-process"},
	} {
		p := &program{System: System{Getenv: func(name string) string {
			if name == "GIT_CREDENTIAL_MFA_PROCESS" {
				return test.environment
			}
			return ""
		}}}
		set := flag.NewFlagSet(name, flag.ContinueOnError)
		for _, o := range globalOptions {
			set.String(o.flag, "", "")
		}
		if err := set.Parse(strings.Fields(test.args)); err != nil {
			t.Fatal(err)
		}
		s := p.resolve(cli.NewContext(nil, set, &cli.Context{Context: context.Background()}), test.line)
		if s.sourceErr != nil || s.process.text != test.text || s.process.from != test.from {
			t.Errorf("%q, %q, environment %q: %q of %q, %v", test.args, test.line, test.environment, s.process.text, s.process.from, s.sourceErr)
		}
		if p.settings.source.Profile != s.source.Profile {
			t.Errorf("%q: hints are for the profile %q", test.args, p.settings.source.Profile)
		}
		if length, err := s.duration.sessionLength(); err != nil || s.source.Profile == "work" && (length.Hours() != 1 || s.serial.text != "111") {
			t.Errorf("%q: %v, %v of %q", test.args, err, length, s.serial.text)
		}
	}
}
