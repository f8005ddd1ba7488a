package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

const region = "us-east-1"

// story is the world, its user, and the folder where it happens.
type story struct {
	ctx    context.Context
	world  *sandbox.World
	device *sandbox.Device
	url    string
	dir    string
	env    []string
	auto   bool
}

func newStory(ctx context.Context, dir string, auto bool) (*story, error) {
	world, err := sandbox.Start(filepath.Join(dir, "aws"))
	if err != nil {
		return nil, err
	}
	s := &story{ctx: ctx, world: world, dir: dir, auto: auto}
	if err := s.prepare(); err != nil {
		world.Close()
		return nil, err
	}
	return s, nil
}

func (s *story) prepare() error {
	home := filepath.Join(s.dir, "home")
	alice := s.world.AddUser("alice")
	s.device = alice.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/alice-phone")
	if err := alice.WriteAWSFiles(home, "default", map[string]string{"region": region}); err != nil {
		return err
	}
	var err error
	if s.url, err = s.world.AddRepository(region, "demo"); err != nil {
		return err
	}
	bin := filepath.Join(s.dir, "bin")
	s.env = append(s.world.Env(home),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GIT_CREDENTIAL_MFA_KEYRING=file", "GIT_CREDENTIAL_MFA_PASSPHRASE="+randomPassphrase(),
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.com",
		"GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.com")
	if s.auto {
		program, err := os.Executable()
		if err != nil {
			return err
		}
		s.env = append(s.env, "GIT_ASKPASS="+program, phoneVariable+"="+s.phone())
	}
	return build(s.ctx, bin)
}

// build makes the program itself, as a user would install it.
func build(ctx context.Context, bin string) error {
	program := filepath.Join(bin, "git-credential-mfa")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program,
		"github.com/git-credential-mfa/git-credential-mfa/cmd/git-credential-mfa")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building git-credential-mfa (run this in its checkout): %w", err)
	}
	return nil
}

func (s *story) phone() string { return filepath.Join(s.dir, "phone") }

func (s *story) tell() error {
	for _, chapter := range []func() error{s.refused, s.diagnose, s.configure, s.clone, s.cloneAgain, s.push, s.status} {
		if err := chapter(); err != nil {
			return err
		}
	}
	say("The end: %d code, %d call of sts:GetSessionToken, and the policy was never touched.",
		s.world.Count("sts", "GetSessionToken"), s.world.Count("sts", "GetSessionToken"))
	return nil
}

func (s *story) refused() error {
	say("Alice works for a company that forces MFA: everything that is not on a short list\n" +
		"is denied unless MFA is present (the policy of the IAM user guide). She has an access\n" +
		"key, and git signs with it: the helper here does what the AWS CLI's would do.")
	program, err := os.Executable()
	if err != nil {
		return err
	}
	err = s.run("git", "-c", "credential.helper=!'"+program+"' "+plainKeys,
		"-c", "credential.useHttpPath=true", "clone", s.url, "plain")
	if err == nil {
		return errors.New("the clone with plain keys was not refused")
	}
	return nil
}

func (s *story) diagnose() error {
	say("The 403 says nothing. doctor does: her administrator's policy is in a file.")
	if err := os.WriteFile(filepath.Join(s.dir, "force-mfa.json"), sandbox.ForceMFA, 0o600); err != nil {
		return err
	}
	var status *exec.ExitError
	if err := s.run("git-credential-mfa", "doctor", "--policy", "force-mfa.json"); !errors.As(err, &status) || status.ExitCode() != 1 {
		return fmt.Errorf("doctor found nothing in the policy: %w", err)
	}
	return nil
}

func (s *story) configure() error {
	say("She leaves the policy alone and gives git the helper, for CodeCommit only.")
	return s.run("git-credential-mfa", "configure")
}

func (s *story) clone() error {
	say("Now git asks her for the code, once.")
	if err := s.showPhone(); err != nil {
		return err
	}
	if err := s.run("git", "clone", s.url, "first"); err != nil {
		return err
	}
	return s.codes(1)
}

func (s *story) showPhone() error {
	code := s.device.Code()
	fmt.Printf("    +--------------------+\n    |  Alice's phone     |\n    |       %s       |\n    +--------------------+\n", code)
	return os.WriteFile(s.phone(), []byte(code), 0o600)
}

func (s *story) cloneAgain() error {
	say("The session is kept, so the second clone asks nothing.")
	if err := s.run("git", "clone", "--quiet", s.url, "second"); err != nil {
		return err
	}
	return s.codes(1)
}

func (s *story) push() error {
	say("Nor does a push.")
	if err := s.run("git", "-C", "first", "commit", "--quiet", "--allow-empty", "-m", "With MFA"); err != nil {
		return err
	}
	if err := s.run("git", "-C", "first", "push", "--quiet"); err != nil {
		return err
	}
	return s.codes(1)
}

func (s *story) status() error {
	say("And this is what is held:")
	return s.run("git-credential-mfa", "status")
}

// codes checks how many codes the story has cost so far.
func (s *story) codes(want int) error {
	if got := s.world.Count("sts", "GetSessionToken"); got != want {
		return fmt.Errorf("%d calls of sts:GetSessionToken, not %d", got, want)
	}
	return nil
}

// run shows a command and runs it in the folder of the story.
func (s *story) run(name string, args ...string) error {
	fmt.Println("  $ " + s.words(name, args))
	ctx, cancel := context.WithTimeout(s.ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	cmd.Path = s.lookPath(name, cmd.Path)
	cmd.Err = nil
	out := &indented{out: os.Stdout}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, out
	err := cmd.Run()
	if err != nil && ctx.Err() == nil && cmd.ProcessState == nil {
		return err
	}
	fmt.Println()
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return nil
}

// lookPath finds the program that was just built: the search that exec does
// goes by this process's PATH, not the story's.
func (s *story) lookPath(name, found string) string {
	if name != "git-credential-mfa" {
		return found
	}
	program := filepath.Join(s.dir, "bin", name)
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	return program
}

// words shows a command as one would type it.
func (s *story) words(name string, args []string) string {
	words := []string{name}
	for _, arg := range args {
		if strings.HasPrefix(arg, "credential.helper=!") {
			arg = "credential.helper=" + plainKeys // the path of this program is no news
		}
		if arg == "" || strings.ContainsAny(arg, " *$") {
			arg = "'" + arg + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

func say(format string, args ...any) { fmt.Printf(format+"\n\n", args...) }

// indented puts output under its command.
type indented struct {
	out    io.Writer
	inLine bool
}

func (w *indented) Write(p []byte) (int, error) {
	for _, b := range p {
		if !w.inLine {
			if _, err := io.WriteString(w.out, "    "); err != nil {
				return 0, err
			}
		}
		w.inLine = b != '\n'
		if _, err := w.out.Write([]byte{b}); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
