package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	host    = "git-codecommit.us-east-1.amazonaws.com"
	request = "protocol=https\nhost=" + host + "\npath=v1/repos/demo\n\n"
	// itemSize is the size of a session as JSON, in bytes. With AWS it is 1,000 to
	// 2,000.
	itemSize = 1500
	// peerSize is smaller, because git's helper in C reads no line of more than
	// 1,024 bytes.
	peerSize = 1000
)

// releaseFlags build the program as releases do.
var releaseFlags = []string{"-tags", "urfave_cli_no_docs,nethttpomithttp2", "-trimpath", "-ldflags", "-s -w"}

// lab is a folder with the programs, and their keyring.
type lab struct {
	dir     string
	helper  string
	keyring *keyringtest.Daemon
	env     []string
	outside []string // the environment in which this process was started
	cached  *subject
	copies  int
}

func openLab(helper string) (*lab, error) {
	dir, err := os.MkdirTemp("", "git-credential-mfa-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir, helper: helper, outside: os.Environ()}
	if err := l.open(); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lab) open() (err error) {
	if l.helper == "" {
		l.helper = filepath.Join(l.dir, "git-credential-mfa")
		if err := l.build(l.helper, "./cmd/git-credential-mfa"); err != nil {
			return err
		}
	}
	if err := l.build(filepath.Join(l.dir, "peak"), "./internal/bench/peak"); err != nil {
		return err
	}
	if l.keyring, err = keyringtest.Open(); err != nil {
		return fmt.Errorf("starting a GNOME Keyring: %w", err)
	}
	aws := filepath.Join(l.dir, ".aws")
	if err := os.MkdirAll(aws, 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"config":      "[default]\nregion = us-east-1\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n",
		"credentials": "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
	} {
		if err := os.WriteFile(filepath.Join(aws, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	// Nothing else of the environment, because AWS_CA_BUNDLE alone costs
	// milliseconds.
	l.env = append(l.keyring.Env(), "HOME="+l.dir, "PATH="+os.Getenv("PATH"), "LC_ALL=C")
	l.cached = l.answer("git-credential-mfa get, Secret Service", "auto")
	l.cached.crowd = true
	return l.fill("auto")
}

func (l *lab) close() {
	if l.keyring != nil {
		l.keyring.Close()
	}
	_ = os.RemoveAll(l.dir)
}

// build builds a package of this module, without cgo.
func (l *lab) build(to, pkg string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-o", to}, releaseFlags...), pkg)...)
	cmd.Env = append(l.outside, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// fill stores a session for the helper. For that, this process changes its own
// environment to the lab's.
func (l *lab) fill(backend string) error {
	os.Clearenv()
	for _, entry := range l.env {
		name, value, _ := strings.Cut(entry, "=")
		_ = os.Setenv(name, value)
	}
	// Without these, the SDK would read the user's files, whose names it computed
	// when this process started.
	_ = os.Setenv("AWS_CONFIG_FILE", filepath.Join(l.dir, ".aws", "config"))
	_ = os.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(l.dir, ".aws", "credentials"))
	ctx := context.Background()
	source, err := session.ReadSource(ctx, "")
	if err != nil {
		return err
	}
	store, err := cache.Open(ctx, cache.Options{Backend: backend, Passphrase: []byte(passphrase)})
	if err != nil {
		return err
	}
	p := session.Provider{Source: source, Region: "us-east-1", Serial: source.Serial.Text}
	s := cache.Session{Identity: p.Identity(), Profile: "default", Account: "123456789012",
		ARN: "arn:aws:iam::123456789012:user/alice", Serial: source.Serial.Text, AccessKeyID: "ASIAIOSFODNN7EXAMPLE",
		SecretAccessKey: source.Keys.SecretAccessKey, Expiration: time.Now().Add(12 * time.Hour)}
	s.SessionToken = strings.Repeat("t", itemSize-680) // the rest is the other fields
	return store.PutSession(s)
}

// stored returns a cached answer for a profile with its access key in the
// keyring. It uses the same session, which belongs to the key wherever that is.
func (l *lab) stored() (*subject, error) {
	file := filepath.Join(l.dir, ".aws", "config-stored")
	text := "[default]\nregion = us-east-1\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\nmfa_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
		"credential_process = \"" + l.helper + "\" --profile default credential-process\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	s := l.answer("git-credential-mfa get, access key in the keyring", "auto")
	s.env = append(s.env, "AWS_CONFIG_FILE="+file, "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(l.dir, ".aws", "none"))
	return s, nil
}

const passphrase = "correct horse battery staple"

// answer returns a cached answer of the helper, from a keyring.
func (l *lab) answer(name, backend string) *subject {
	env := append([]string{"GIT_CREDENTIAL_MFA_KEYRING=" + backend, "GIT_CREDENTIAL_MFA_PASSPHRASE=" + passphrase}, l.env...)
	return &subject{name: name, args: []string{l.helper, "get"}, env: env, stdin: request,
		right: func(out []byte) bool {
			return bytes.HasPrefix(out, []byte("username=ASIAIOSFODNN7EXAMPLE%")) && bytes.Contains(out, []byte("\npassword="))
		}}
}
