package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// configure runs the program with a home of its own, and returns what it said.
func configure(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = Run(context.Background(), System{
		Args: append([]string{name}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: os.Getenv, StdinIsTerminal: func() bool { return true }, StdinWasClosed: func() bool { return false },
	})
	return status, out.String(), errs.String()
}

func newConfigureHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": "", "GIT_CONFIG_GLOBAL": filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": filepath.Join(home, "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "none"),
	} {
		t.Setenv(name, value)
	}
	return home
}

const demoURL = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"

func TestConfigureWritesOptionsAlong(t *testing.T) {
	newConfigureHome(t)
	t.Setenv("GIT_CREDENTIAL_MFA_KEYRING", "none") // not given on the command line
	for _, test := range []struct {
		args    []string
		profile string // AWS_PROFILE
		want    string
	}{
		{nil, "", "\n"},
		{nil, "from env", " --profile 'from env'\n"},
		{[]string{"--profile", "given"}, "from env", " --profile given\n"},
		{[]string{"--keyring=file", "--duration", "1h", "--mfa-process", "op otp", "--prompt", "tty", "--mfa-serial", "GAHT12345678"}, "",
			" --duration 1h --mfa-serial GAHT12345678 --mfa-process 'op otp' --prompt tty --keyring file\n"},
		{[]string{demoURL, "--profile", "p", "--region=eu-west-1", "--dry-run"}, "", " --profile p\n"},
		{[]string{"--", demoURL}, "", "\n"},
	} {
		t.Setenv("AWS_PROFILE", test.profile)
		status, stdout, stderr := configure(t, append([]string{"configure", "--dry-run"}, test.args...)...)
		if status != 0 {
			t.Errorf("%q: exit %d\n%s", test.args, status, stderr)
		}
		n := 0
		for line := range strings.Lines(stdout) {
			if value, ok := strings.CutPrefix(line, "\thelper = "); ok {
				n++
				_, options, _ := strings.Cut(strings.ReplaceAll(value, `\ `, ""), " ")
				if got := strings.TrimSuffix(" "+options, "\n") + "\n"; strings.TrimLeft(got, " ") != strings.TrimLeft(test.want, " ") {
					t.Errorf("%q: %q, not %q", test.args, got, test.want)
				}
			}
		}
		if n == 0 {
			t.Errorf("%q: %s", test.args, stdout)
		}
	}
}

// Whoever asks for help wants nothing written.
func TestConfigureHelp(t *testing.T) {
	home := newConfigureHome(t)
	for _, args := range [][]string{{"--help"}, {demoURL, "--help"}, {demoURL, "-h"}} {
		status, stdout, stderr := configure(t, append([]string{"configure"}, args...)...)
		if status != 0 || !strings.Contains(stdout, "usage: git-credential-mfa configure") || stderr != "" {
			t.Errorf("%q: exit %d\n%s%s", args, status, stdout, stderr)
		}
		if _, err := os.Stat(filepath.Join(home, "gitconfig")); err == nil {
			t.Fatalf("%q has written git's configuration", args)
		}
	}
}

// A URL that somebody pastes can hold a session token.
func TestConfigureShowsNoSecret(t *testing.T) {
	newConfigureHome(t)
	for _, address := range []string{
		"https://ASIAX%25SECRET:SECRET@git-codecommit.us-east-1.amazonaws.com/v1/repos/demo", "https://ASIAX%25SECRET:SECRET@github.com/o/r",
		"https://SECRET:SECRET@git-codecommit.us-east-1.amazonaws.com/x", "https://%zzSECRET@host/", "codecommit::us-east-1://SECRET@demo",
		demoURL + "?token=SECRET",
	} {
		status, stdout, stderr := configure(t, "configure", address)
		if strings.Contains(stdout+stderr, "SECRET") {
			t.Errorf("exit %d\n%s%s", status, stdout, stderr)
		}
	}
}

func TestUnconfigureSaysWhatItDid(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil && runtime.GOOS == "windows" {
		t.Skip("under Wine there is no git: ", err)
	}
	home := newConfigureHome(t)
	file := filepath.Join(home, "gitconfig")
	for _, step := range []struct{ command, said string }{
		{"unconfigure", "nothing to remove"}, {"configure", "wrote " + file}, {"configure", "nothing to change"},
		{"unconfigure", "removed this helper's block from " + file}, {"unconfigure", "nothing to remove"},
	} {
		status, stdout, stderr := configure(t, step.command)
		if status != 0 || stdout != "" || !strings.Contains(stderr, step.said) {
			t.Errorf("%s: exit %d\n%s%s", step.command, status, stdout, stderr)
		}
	}
	if status, _, _ := configure(t, "configure", "--file", file, demoURL); status != 0 {
		t.Error(status)
	}
	if _, stdout, _ := configure(t, "unconfigure", "--dry-run"); strings.Count(stdout, "[credential ") != 1 {
		t.Error(stdout)
	}
}
