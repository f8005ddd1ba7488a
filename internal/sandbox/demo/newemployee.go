package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// tellOfNewEmployee plays the first day of one who was handed an access key, in
// a company that forces MFA.
func (s *stage) tellOfNewEmployee(auto bool) error {
	enroll := func() error { return s.enroll(auto) }
	for _, chapter := range []func() error{s.firstDay, enroll, s.importKey, s.configure, s.clone, s.nothingInTheClear} {
		if err := chapter(); err != nil {
			return err
		}
	}
	say("The end: from a key in a file to a clone with MFA.\nThe policy was never touched.")
	return nil
}

func (s *stage) firstDay() error {
	say("It is Alice's first day. She was handed an access key: it lies in a file now.\n" +
		"The policy denies all until MFA is present, and she has no MFA device yet.")
	if err := s.run("git", "clone", s.url); err == nil {
		return fmt.Errorf("the clone with plain keys was not refused")
	}
	return nil
}

// serial is that of the device that enroll makes.
const serial = "arn:aws:iam::" + sandbox.Account + ":mfa/alice"

func (s *stage) enroll(auto bool) error {
	if auto {
		say("She registers her phone. Her authenticator app reads the QR code, and shows two codes.")
	} else {
		say("She registers her phone. Any authenticator app will do, yours too: scan the code.")
	}
	err := error(nil)
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

// enrollCode is the first or the second code that the phone shows after it has read
// the QR code.
func (s *stage) enrollCode(n int) string {
	device := s.world.Device(serial)
	if device == nil || n > 1 {
		return ""
	}
	first, second := device.TwoCodes()
	return []string{first, second}[n]
}

func (s *stage) importKey() error {
	say("The access key goes out of the file, into the keyring.")
	if err := s.run("git-credential-mfa", "keys", "import", "--yes"); err != nil {
		return err
	}
	return s.run("git-credential-mfa", "keys", "list")
}

// nothingInTheClear looks through her folder for every secret that there is.
func (s *stage) nothingInTheClear() error {
	say("And nothing secret is in any of her files:")
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
				return fmt.Errorf("a secret lies in the clear in %s", path)
			}
		}
		return nil
	})
	if err == nil {
		say("    searched %d files for the access key, the session and the key of the phone: none is in them", count)
	}
	return err
}
