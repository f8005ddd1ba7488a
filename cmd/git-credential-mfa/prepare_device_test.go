package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// The device is found before the first clone, or why there is none is told.
func TestConfigureFindsTheDevice(t *testing.T) {
	t.Parallel()
	device := "arn:aws:iam::" + sandbox.Account + ":mfa/her phone"
	fido := "arn:aws:iam::" + sandbox.Account + ":u2f/user/bob/key-ABC"
	for name, test := range map[string]struct {
		serials []string
		texts   []string
	}{
		"one":     {[]string{device, fido}, []string{"the MFA device is " + device + ", found by iam:ListMFADevices"}},
		"fido":    {[]string{fido}, []string{"warning: finding the MFA device: STS cannot use FIDO", "hint: register an authenticator app beside the key"}},
		"none":    {nil, []string{"warning: finding the MFA device: this IAM user has no MFA device", "hint: register an authenticator app"}},
		"several": {[]string{device, device + "2"}, []string{"warning: which MFA device? there are 2", "hint: to use this one: aws configure set mfa_serial " + shell.Here.Quote(device+"2") + " --profile bob"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			bob := l.world.AddUser("bob")
			for _, serial := range test.serials {
				bob.AddDevice(serial)
			}
			if err := bob.WriteAWSFiles(l.home, "bob", map[string]string{"region": region}); err != nil {
				t.Fatal(err)
			}
			r := l.run("", "git-credential-mfa", "configure", "--profile", "bob", "--yes")
			for _, text := range test.texts {
				if r.status != 0 || !strings.Contains(r.stderr, text) {
					t.Errorf("no %q: %v", text, r)
				}
			}
			if name != "one" {
				return
			}
			if r := l.run("", "git-credential-mfa", "--profile", "bob", "--prompt", "none", "login"); !strings.Contains(r.stderr, device) || l.world.Count("iam", "ListMFADevices") != 1 {
				t.Errorf("the device was not remembered: %v", r)
			}
		})
	}
}

// What answers in AWS's place may make devices up, so that none is kept.
func TestDeviceFromElsewhere(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	bob := l.world.AddUser("bob")
	bob.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/bob")
	if err := bob.WriteAWSFiles(l.home, "bob", map[string]string{"region": region}); err != nil {
		t.Fatal(err)
	}
	l.env = append(l.env, "AWS_ENDPOINT_URL_IAM=https://iam.amazonaws.com")
	for n := range 2 {
		if r := l.run("", "git-credential-mfa", "--profile", "bob", "--prompt", "none", "login"); l.world.Count("iam", "ListMFADevices") != n+1 {
			t.Errorf("the device was remembered: %v", r)
		}
	}
}

// One that is set is said, and AWS is not asked.
func TestConfigureSaysTheDevice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.write(".gitconfig", "")
	s, cmd := l.onTerminal("git-credential-mfa configure")
	s.shows("the MFA device is " + serial + ", from mfa_serial at " + filepath.Join(l.home, ".aws", "config") + ":")
	l.settled(cmd)
	if l.world.Count("iam", "ListMFADevices") != 0 {
		t.Error(s)
	}
}

// Nobody's credentials: configure does its work, and says what is missing.
func TestConfigureWithoutCredentials(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if err := os.RemoveAll(filepath.Join(l.home, ".aws")); err != nil {
		t.Fatal(err)
	}
	l.write(".gitconfig", "")
	r := l.run("", "git-credential-mfa", "configure")
	for _, text := range []string{"warning: the profile \"default\" has no AWS credentials yet", "Security credentials, Create access key\n", "hint: store it", "can't carry MFA"} {
		if r.status != 0 || !strings.Contains(r.stderr, text) {
			t.Errorf("no %q: %v", text, r)
		}
	}
	if !strings.Contains(l.note(".gitconfig"), "useHttpPath") {
		t.Error(l.note(".gitconfig"))
	}
}
