package sandbox

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// A User is an IAM user with a long-term access key.
type User struct {
	Name string
	// AccessKeyID and SecretAccessKey are the user's first key, even if it was
	// deleted. Keys returns the present keys.
	AccessKeyID     string // AKIA…
	SecretAccessKey string
	// Policies are evaluated for every request. At first they are ForceMFA and
	// administrator access. SetPolicies changes them.
	Policies []*policy.Document

	world       *World
	partition   string
	id          string // AIDA…
	created     time.Time
	keys        []*accessKey
	deletedKeys []*accessKey
	devices     []*Device
	gitPassword string
	texts       []PolicyText // the text of Policies, if IAM shows them

	boundaryText PolicyText // without a name if there is no boundary
	boundary     []*policy.Document
}

// AddUser makes a user in the partition "aws".
func (w *World) AddUser(name string) *User { return w.AddUserIn("aws", name) }

// AddUserIn makes a user in a partition (aws, aws-cn, aws-us-gov, aws-eusc).
// Credentials are valid only in their partition.
func (w *World) AddUserIn(partition, name string) *User {
	now := w.Clock.Now()
	first := newAccessKey(now, time.Time{}) // valid even if the clock is set back
	u := &User{
		Name:            name,
		AccessKeyID:     first.ID,
		SecretAccessKey: first.secret,
		Policies:        w.policies,
		world:           w,
		partition:       partition,
		id:              newKeyID("AIDA"),
		created:         now,
		keys:            []*accessKey{first},
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users = append(w.users, u)
	return u
}

// ARN returns the user's ARN, which is also that of the user's sessions.
func (u *User) ARN() string {
	return fmt.Sprintf("arn:%s:iam::%s:user/%s", u.partition, Account, u.Name)
}

func (u *User) principal() principal {
	return principal{partition: u.partition, account: Account, name: u.Name, arn: u.ARN(), id: u.id}
}

// SetPolicies replaces the user's policies.
func (u *User) SetPolicies(documents ...*policy.Document) {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	u.Policies = documents
}

// GitCredential returns the user's HTTPS Git credential for CodeCommit, as the
// IAM console creates it. It needs no signature and carries no MFA.
func (u *User) GitCredential() (username, password string) {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	if u.gitPassword == "" {
		u.gitPassword = randomText(43) + "="
	}
	return u.gitUsername(), u.gitPassword
}

func (u *User) gitUsername() string { return u.Name + "-at-" + Account }

// newKeyID makes an identifier like AWS's: a prefix and 16 characters.
func newKeyID(prefix string) string { return prefix + rand.Text()[:16] }

// randomText makes n characters of unpadded base64, like a secret access key.
func randomText(n int) string {
	raw := make([]byte, n)
	rand.Read(raw) // never fails, see its documentation
	return base64.RawStdEncoding.EncodeToString(raw)[:n]
}

// newRequestID makes an identifier like AWS's request ids.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// WriteAWSFiles writes a profile with the user's access key to
// home/.aws/credentials and its other settings to home/.aws/config. It replaces a
// profile of that name. Settings in extra that begin with "aws_" go to
// credentials and override the user's own, the others go to config.
func (u *User) WriteAWSFiles(home, profile string, extra map[string]string) error {
	credentials := map[string]string{
		"aws_access_key_id":     u.AccessKeyID,
		"aws_secret_access_key": u.SecretAccessKey,
	}
	config := map[string]string{}
	for name, value := range extra {
		if strings.HasPrefix(name, "aws_") {
			credentials[name] = value
		} else {
			config[name] = value
		}
	}
	dir := filepath.Join(home, ".aws")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	if err := writeSection(filepath.Join(dir, "credentials"), "["+profile+"]", credentials); err != nil {
		return err
	}
	header := "[profile " + profile + "]"
	if profile == "default" {
		header = "[default]"
	}
	return writeSection(filepath.Join(dir, "config"), header, config)
}

// writeSection writes a section to the end of an ini file, and removes an older
// one with the same header.
func writeSection(file, header string, settings map[string]string) error {
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	var text strings.Builder
	keep := true
	for line := range strings.Lines(string(old)) {
		if strings.HasPrefix(line, "[") {
			keep = strings.TrimSpace(line) != header
		}
		if keep {
			text.WriteString(line)
		}
	}
	text.WriteString(header + "\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		text.WriteString(name + " = " + settings[name] + "\n")
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}
