package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	// phone is the name under which this program shows the MFA code. git runs it
	// as an askpass program too.
	phone = "phone"
	// phoneVariable names the file that holds what the phone shows.
	phoneVariable = "DEMO_PHONE"
	// plainKeys is the name of the credential helper that signs with the access
	// key, without MFA.
	plainKeys = "plain-keys"
)

// playRole acts as the program whose name this program was started under, if it
// is one of those above.
func playRole() (status int, played bool) {
	switch strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") {
	case phone:
		return showCode(os.Args[1:]), true
	case "git-credential-" + plainKeys:
		return signWithPlainKeys(os.Args[1:]), true
	}
	return 0, false
}

// showCode prints the code. As an askpass program, with the question as its
// argument, it also writes the question and the code to stderr.
func showCode(question []string) int {
	code, err := os.ReadFile(os.Getenv(phoneVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, "phone:", err)
		return 1
	}
	if len(question) > 0 {
		fmt.Fprintf(os.Stderr, "%s%s\n", question[0], code)
	}
	fmt.Printf("%s\n", code)
	return 0
}

// signWithPlainKeys signs with the access key, without MFA, as "aws codecommit
// credential-helper" does.
func signWithPlainKeys(args []string) int {
	if len(args) != 1 || args[0] != "get" {
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
		username, password := codecommit.Sign(codecommit.Keys{AccessKeyID: source.Keys.AccessKeyID, SecretAccessKey: source.Keys.SecretAccessKey, SessionToken: source.Keys.SessionToken}, h, repository, time.Now())
		return credential.Response{Username: username, Password: password, Expiry: time.Now().Add(codecommit.Validity)}.Write(os.Stdout)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, plainKeys+":", err)
		return 1
	}
	return 0
}
