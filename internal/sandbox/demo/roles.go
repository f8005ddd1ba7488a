package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	// phoneVariable names the file that holds what the phone shows. With it
	// in the environment this program is the askpass that types it.
	phoneVariable = "DEMO_PHONE"
	// plainKeys makes this program a credential helper that signs with the
	// access key as it is.
	plainKeys = "plain-keys"
)

// answer is the askpass: it prints the code, as a person would type it.
func answer(phone string) int {
	code, err := os.ReadFile(phone)
	if err != nil {
		return 1
	}
	fmt.Fprintf(os.Stderr, "%s%s\n", os.Args[1], code)
	fmt.Printf("%s\n", code)
	return 0
}

// signWithPlainKeys does what "aws codecommit credential-helper" does for a
// user with an access key: it signs, and there is no MFA in it.
func signWithPlainKeys(operation string) int {
	if operation != "get" {
		return 0
	}
	err := func() error {
		req, err := credential.ReadRequest(os.Stdin)
		if err != nil {
			return err
		}
		h, err := codecommit.ParseHost(req.Host)
		if err != nil {
			return err
		}
		repository, err := codecommit.ParsePath(req.Path)
		if err != nil {
			return err
		}
		source, err := session.ReadSource(context.Background(), "")
		if err != nil {
			return err
		}
		username, password := codecommit.Sign(source.Keys, h, repository, time.Now())
		return credential.Response{Username: username, Password: password, Expiry: time.Now().Add(codecommit.Validity)}.Write(os.Stdout)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "plain-keys:", err)
		return 1
	}
	return 0
}
