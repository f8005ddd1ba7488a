package main

import (
	"errors"
	"fmt"
	"os/exec"
)

// tell tells the story of https://stackoverflow.com/questions/67762847.
func (s *stage) tell() error {
	for _, chapter := range []func() error{s.refused, s.diagnose, s.configure, s.clone, s.cloneAgain, s.push, s.status} {
		if err := chapter(); err != nil {
			return err
		}
	}
	say("The end: %d call of sts:GetSessionToken, with one code. The policy is unchanged.",
		s.world.Count("sts", "GetSessionToken"))
	return nil
}

func (s *stage) refused() error {
	say("Alice works for a company that forces MFA: without MFA, the policy of the IAM\n" +
		"user guide denies almost everything. She has an access key, and git signs with\n" +
		"it: her helper does the same as the AWS CLI's.")
	if err := s.run("git", "clone", s.url); err == nil {
		return errors.New("the clone with plain keys was not refused")
	}
	return nil
}

func (s *stage) diagnose() error {
	say("The 403 does not say why. She has the policy in a file, and asks doctor.")
	var status *exec.ExitError
	if err := s.run("git-credential-mfa", "doctor", "--policy", "force-mfa.json"); !errors.As(err, &status) || status.ExitCode() != 1 {
		return fmt.Errorf("doctor found nothing in the policy: %w", err)
	}
	return nil
}

func (s *stage) configure() error {
	say("She leaves the policy as it is, and makes git ask the helper for CodeCommit.")
	return s.run("git-credential-mfa", "configure")
}

func (s *stage) clone() error {
	say("Now git asks for her MFA code, once.")
	code, err := s.device.WaitCode(s.ctx)
	if err == nil {
		err = s.showPhone(code)
	}
	if err != nil {
		return err
	}
	fmt.Printf("    +--------------------+\n    |  Alice's phone     |\n    |       %s       |\n    +--------------------+\n", code)
	if s.auto && typesItself {
		err = s.runTyping(func(int) string { return code }, "git", "clone", s.url)
	} else {
		err = s.run("git", "clone", s.url)
	}
	if err != nil {
		return err
	}
	return s.codes(1)
}

func (s *stage) cloneAgain() error {
	say("The session is stored, so the second clone asks for nothing.")
	if err := s.run("git", "clone", "--quiet", s.url, "second"); err != nil {
		return err
	}
	return s.codes(1)
}

func (s *stage) push() error {
	say("A push asks for nothing either.")
	if err := s.run("git", "-C", "demo", "commit", "--quiet", "--allow-empty", "-m", "With MFA"); err != nil {
		return err
	}
	if err := s.run("git", "-C", "demo", "push", "--quiet"); err != nil {
		return err
	}
	return s.codes(1)
}

func (s *stage) status() error {
	say("This is stored now:")
	return s.run("git-credential-mfa", "status")
}

// codes checks how many codes the story has used so far.
func (s *stage) codes(want int) error {
	if got := s.world.Count("sts", "GetSessionToken"); got != want {
		return fmt.Errorf("%d calls of sts:GetSessionToken, not %d", got, want)
	}
	return nil
}
