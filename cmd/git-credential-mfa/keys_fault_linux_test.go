package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// A keyring that is locked while IAM makes the new key: nobody has its secret, so
// it is deleted again, and the old one goes on.
func TestRotateKeyringLockedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, home := range []string{"in the keyring", "in the file"} {
		t.Run(home, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			d := l.secretService()
			if home == "in the keyring" {
				l.keys("import", "--yes")
			}
			l.login()
			l.world.SetDelay(sandbox.IAM, time.Second)
			rotated := make(chan result)
			go func() { rotated <- l.rotate() }()
			for l.world.Count("iam", "ListAccessKeys") == 0 { // CreateAccessKey comes next
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(300 * time.Millisecond)
			d.Lock(t)
			r := <-rotated
			l.world.SetDelay(sandbox.IAM, 0)
			if r.status != 1 || !strings.Contains(r.stderr, "the keyring is locked") {
				t.Error(r)
			}
			if keys := l.user.Keys(); home == "in the keyring" && (len(keys) != 1 || keys[0].ID != l.user.AccessKeyID) {
				t.Errorf("the user has %v: %v", keys, r)
			}
			d.Unlock(t)
			if r := l.get("--prompt", "none"); !answered(r) {
				t.Error(r)
			}
			if r := l.rotate(); r.status != 0 {
				t.Error(r)
			}
			l.wantOneKey()
		})
	}
}

// AWS files that the user may not change: each action says so, with the command
// that gives them back, and the key goes on to work.
func TestKeysFilesNotWritable(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else, and own the files")
	}
	const dir = 0o755
	for name, c := range map[string]struct {
		imported bool // the key is already in the keyring
		action   string
		says     string
	}{
		"import":                {false, "import", "keys import: changing "},
		"export":                {true, "export", "keys export: changing "},
		"rotate":                {false, "rotate", "keys rotate: changing "},
		"rotate in the keyring": {true, "rotate", "is stored and not in force yet"},
	} {
		for _, owner := range []int{0, nobody} {
			t.Run(name+map[int]string{0: ", owned by root", nobody: ", read-only"}[owner], func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				hers := l.withNobody()
				folder := filepath.Join(hers, ".aws")
				own := func(uid int, mode os.FileMode) {
					t.Helper()
					for _, file := range []string{"config", "credentials", ""} {
						if err := os.Chown(filepath.Join(folder, file), uid, uid); err != nil {
							t.Fatal(err)
						}
					}
					if err := os.Chmod(folder, mode); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.Rename(filepath.Join(l.home, ".aws"), folder); err != nil {
					t.Fatal(err)
				}
				own(nobody, dir)
				if r := l.asNobody(hers, l.phone()+"\n", "login", "--code", "-"); r.status != 0 {
					t.Fatal(r)
				}
				if c.imported {
					if r := l.asNobody(hers, "", "keys", "import", "--yes"); r.status != 0 {
						t.Fatal(r)
					}
				}
				own(owner, map[int]os.FileMode{0: dir, nobody: 0o555}[owner])
				r := l.asNobody(hers, "", "keys", c.action, "--yes")
				target := filepath.Join(folder, "config")
				if !c.imported && c.action == "rotate" || c.action == "export" {
					target = filepath.Join(folder, "credentials")
				}
				hint := `hint: to make it yours again: sudo chown "$(id -u)" ` + folder + " " + target + " && chmod u+rwX " + folder + " " + target
				if r.status != 1 || !strings.Contains(r.stderr, c.says) || !strings.Contains(r.stderr, "no permission to write there (permission denied)") || !strings.Contains(r.stderr, hint) {
					t.Error(r)
				}
				get := func() {
					t.Helper()
					if r := l.asNobody(hers, request("https", host, "v1/repos/demo"), "--prompt", "none", "get"); !answered(r) {
						t.Error(r)
					}
				}
				get()
				own(nobody, dir) // as the hint says
				if r := l.asNobody(hers, "", "keys", c.action, "--yes"); r.status != 0 {
					t.Error(r)
				}
				get()
			})
		}
	}
}
