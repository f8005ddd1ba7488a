package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// tellOfNewEmployee tells the story of a new employee who has an access key and
// no MFA device, in a company that forces MFA.
func (s *stage) tellOfNewEmployee(auto bool) error {
	enroll := func() error { return s.enroll(auto) }
	for _, chapter := range []func() error{s.firstDay, enroll, s.importKey, s.configure, s.clone, s.nothingInTheClear} {
		if err := chapter(); err != nil {
			return err
		}
	}
	say("The end: from a key in a file to a clone with MFA.\nThe policy is unchanged.")
	return nil
}

func (s *stage) firstDay() error {
	say("It is Alice's first day. She got an access key, and has stored it in a file.\n" +
		"The policy denies everything without MFA, and she has no MFA device yet.")
	if err := s.run("git", "clone", s.url); err == nil {
		return fmt.Errorf("the clone with plain keys was not refused")
	}
	return nil
}

// serial is the serial of the device that enroll creates.
const serial = "arn:aws:iam::" + sandbox.Account + ":mfa/alice"

func (s *stage) enroll(auto bool) error {
	if auto {
		say("She registers her phone: the authenticator app reads the QR code, and shows two\n" +
			"codes.")
	} else {
		say("She registers her phone. Any authenticator app works, yours too: scan the code.")
	}
	var err error
	if auto {
		err = s.runTyping(s.enrollCode, "git-credential-mfa", "enroll")
	} else {
		err = s.run("git-credential-mfa", "enroll")
	}
	if err != nil {
		return err
	}
	if s.device = s.world.Device(serial); s.device == nil {
		return fmt.Errorf("there is no device %s", serial)
	}
	return nil
}

// enrollCode returns the first or the second code that the phone shows after it
// has read the QR code.
func (s *stage) enrollCode(n int) string {
	device := s.world.Device(serial)
	if device == nil || n > 1 {
		return ""
	}
	first, second := device.TwoCodes()
	return []string{first, second}[n]
}

func (s *stage) importKey() error {
	say("She moves the access key out of the file, into the keyring.")
	if err := s.run("git-credential-mfa", "keys", "import", "--yes"); err != nil {
		return err
	}
	return s.run("git-credential-mfa", "keys", "list")
}

// nothingInTheClear searches her folder for every secret.
func (s *stage) nothingInTheClear() error {
	say("None of her files contains a secret now:")
	count := 0
	err := filepath.WalkDir(s.home(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		count++
		for _, secret := range s.world.Secrets() {
			if bytes.Contains(text, []byte(secret)) {
				return fmt.Errorf("a secret is in the clear in %s", path)
			}
		}
		return nil
	})
	if err == nil {
		say("    searched %d files for the access key, the session and the phone's key: found none", count)
	}
	return err
}
