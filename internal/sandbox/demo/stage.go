package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

const region = "us-east-1"

// stage is the world, its user, and their folders.
type stage struct {
	ctx    context.Context
	world  *sandbox.World
	device *sandbox.Device
	url    string
	dir    string
	bin    string // the folder of the program, first in PATH
	env    []string
	auto   bool // the code is typed without a person
	// done ends the demo's keyring.
	done func()
}

// newStage sets up the world in dir. With auto, the user's askpass program is her
// phone. The program is the one in the folder installed; if that is empty, it is
// built from this checkout, to where "go install" would put it. A new employee
// has no phone yet.
func newStage(ctx context.Context, dir string, o options) (*stage, error) {
	world, err := sandbox.Start(filepath.Join(dir, "aws"))
	if err != nil {
		return nil, err
	}
	s := &stage{ctx: ctx, world: world, dir: dir, bin: o.installed, auto: o.auto, done: func() {}}
	if o.installed == "" {
		s.bin = filepath.Join(s.home(), "go", "bin")
	}
	if err := s.prepare(o); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// close ends the demo's keyring and world.
func (s *stage) close() {
	s.done()
	s.world.Close()
}

// home is the user's folder.
func (s *stage) home() string { return filepath.Join(s.dir, "alice") }

// program is git-credential-mfa. props is the folder of the phone and the helper
// without MFA.
func (s *stage) program() string { return filepath.Join(s.bin, executable("git-credential-mfa")) }
func (s *stage) props() string   { return filepath.Join(s.dir, "bin") }

func (s *stage) prepare(o options) error {
	alice := s.world.AddUser("alice")
	if !o.newEmployee {
		s.device = alice.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/alice-phone")
	}
	if err := alice.WriteAWSFiles(s.home(), "default", map[string]string{"region": region}); err != nil {
		return err
	}
	var err error
	if s.url, err = s.world.AddRepository(region, "demo"); err != nil {
		return err
	}
	list := string(os.PathListSeparator)
	s.env = append(s.world.Env(s.home()),
		"PATH="+s.bin+list+s.props()+list+os.Getenv("PATH"),
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.com",
		"GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.com",
		"LC_ALL=C.UTF-8", // the signs of doctor's report, and git's messages as they are
		phoneVariable+"="+s.phoneFile())
	s.env = append(s.env, s.keyring()...)
	if o.auto && (o.shell || !typesItself) {
		s.env = append(s.env, "GIT_ASKPASS="+s.prop(phone))
	}
	if err := s.furnish(); err != nil {
		return err
	}
	if o.installed != "" {
		_, err := os.Stat(s.program())
		return err
	}
	return build(s.ctx, s.program())
}

// keyring opens a keyring for the demo, so that the user's own is not touched,
// and returns its variables. It is a file with a random passphrase if there can
// be no Secret Service, or if GIT_CREDENTIAL_MFA_KEYRING is file.
func (s *stage) keyring() []string {
	var env []string
	done := func() {}
	if os.Getenv("GIT_CREDENTIAL_MFA_KEYRING") != "file" {
		env, done = openKeyring()
	}
	if env == nil {
		return []string{"GIT_CREDENTIAL_MFA_KEYRING=file", "GIT_CREDENTIAL_MFA_PASSPHRASE=" + rand.Text()}
	}
	s.done = done
	return env
}

// furnish prepares the user's folder: the policy in a file, and git's
// configuration of AWS's guide, with a helper for all hosts that signs with the
// access key. Then it copies this program under the names of the props.
func (s *stage) furnish() error {
	if err := os.WriteFile(filepath.Join(s.home(), "force-mfa.json"), sandbox.ForceMFA, 0o600); err != nil {
		return err
	}
	settings := "[credential]\n\thelper = " + plainKeys + "\n\tUseHttpPath = true\n"
	if err := os.WriteFile(filepath.Join(s.home(), ".gitconfig"), []byte(settings), 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.props(), 0o700); err != nil {
		return err
	}
	for _, name := range []string{phone, "git-credential-" + plainKeys} {
		if err := os.WriteFile(s.prop(name), program, 0o700); err != nil {
			return err
		}
	}
	if s.device == nil {
		return nil
	}
	return s.showPhone(s.device.Code())
}

func (s *stage) prop(name string) string { return filepath.Join(s.props(), executable(name)) }

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// build builds git-credential-mfa.
func build(ctx context.Context, program string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", program,
		"github.com/git-credential-mfa/git-credential-mfa/cmd/git-credential-mfa")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building git-credential-mfa (run this in its checkout): %w", err)
	}
	return nil
}
