package main

import (
	"errors"
	"fmt"
	"os/exec"
)

// tell plays the story of https://stackoverflow.com/questions/67762847.
func (s *stage) tell() error {
	for _, chapter := range []func() error{s.refused, s.diagnose, s.configure, s.clone, s.cloneAgain, s.push, s.status} {
		if err := chapter(); err != nil {
			return err
		}
	}
	say("The end: %d call of sts:GetSessionToken, with one code, and the policy was never touched.",
		s.world.Count("sts", "GetSessionToken"))
	return nil
}

func (s *stage) refused() error {
	say("Alice works for a company that forces MFA: everything that is not on a short list\n" +
		"is denied unless MFA is present (the policy of the IAM user guide). She has an access\n" +
		"key, and git signs with it: her helper does what the AWS CLI's would do.")
	if err := s.run("git", "clone", s.url); err == nil {
		return errors.New("the clone with plain keys was not refused")
	}
	return nil
}

func (s *stage) diagnose() error {
	say("The 403 says nothing. doctor does: her administrator's policy is in a file.")
	var status *exec.ExitError
	if err := s.run("git-credential-mfa", "doctor", "--policy", "force-mfa.json"); !errors.As(err, &status) || status.ExitCode() != 1 {
		return fmt.Errorf("doctor found nothing in the policy: %w", err)
	}
	return nil
}

func (s *stage) configure() error {
	say("She leaves the policy alone and gives git the helper, for CodeCommit only.")
	return s.run("git-credential-mfa", "configure")
}

func (s *stage) clone() error {
	say("Now git asks her for the code, once.")
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
	say("The session is kept, so the second clone asks nothing.")
	if err := s.run("git", "clone", "--quiet", s.url, "second"); err != nil {
		return err
	}
	return s.codes(1)
}

func (s *stage) push() error {
	say("Nor does a push.")
	if err := s.run("git", "-C", "demo", "commit", "--quiet", "--allow-empty", "-m", "With MFA"); err != nil {
		return err
	}
	if err := s.run("git", "-C", "demo", "push", "--quiet"); err != nil {
		return err
	}
	return s.codes(1)
}

func (s *stage) status() error {
	say("And this is what is held:")
	return s.run("git-credential-mfa", "status")
}

// codes checks how many codes the story has cost so far.
func (s *stage) codes(want int) error {
	if got := s.world.Count("sts", "GetSessionToken"); got != want {
		return fmt.Errorf("%d calls of sts:GetSessionToken, not %d", got, want)
	}
	return nil
}
