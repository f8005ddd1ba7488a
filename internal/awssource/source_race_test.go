package awssource

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// between is a context that does something while the first of some files is
// read: regularfile looks at it once a file.
type between struct {
	context.Context
	looks *atomic.Int32
	work  func()
}

func (c between) Done() <-chan struct{} {
	if c.looks.Add(1) == 1 {
		time.Sleep(50 * time.Millisecond) // meanwhile the first file is read
		c.work()
	}
	return c.Context.Done()
}

// keys import moves the key between the reading of config and of credentials:
// the key is in the keyring, not nowhere.
func TestReadSourceBesideImport(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Error(err)
		}
		return name
	}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_CONFIG_FILE", file("config", "[default]\nregion = eu-west-1\n[profile deploy]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n"))
	for _, profile := range []string{"default", "deploy"} {
		t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file("credentials", "[default]\naws_access_key_id = AKIAMOVED\naws_secret_access_key = s\n"))
		ctx := between{context.Background(), new(atomic.Int32), func() {
			file("config", "[default]\nregion = eu-west-1\nmfa_access_key_id = AKIAMOVED\ncredential_process = /opt/git-credential-mfa --profile default credential-process\n[profile deploy]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n")
			file("credentials", "[default]\n")
		}}
		if source, err := Read(ctx, profile); err != nil || !source.Stored || source.ID != "AKIAMOVED" {
			t.Errorf("%s: %v, %q, %v", profile, source.Stored, source.ID, err)
		}
		file("config", "[default]\nregion = eu-west-1\n[profile deploy]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n")
	}
}
