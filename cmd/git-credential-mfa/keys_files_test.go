package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// twoFiles are the texts of the two AWS files, "" for one that is not there.
// THE-ID and THE-SECRET stand for the access key of the lab's user.
type twoFiles struct{ config, credentials string }

const (
	pairLines   = "aws_access_key_id = THE-ID\naws_secret_access_key = THE-SECRET\n"
	regionLines = "region = " + region + "\nmfa_serial = " + serial + "\n"
)

// writeFiles puts the files into the user's home.
func (l *lab) writeFiles(files twoFiles) {
	l.t.Helper()
	keys := strings.NewReplacer("THE-ID", l.user.AccessKeyID, "THE-SECRET", l.user.SecretAccessKey)
	for name, text := range map[string]string{".aws/config": files.config, ".aws/credentials": files.credentials} {
		if err := os.Remove(filepath.Join(l.home, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			l.t.Fatal(err)
		}
		if text != "" {
			l.write(name, keys.Replace(text))
		}
	}
}

// readFiles reads them, with THE-ID and THE-SECRET for any access key of the
// user's.
func (l *lab) readFiles() (files twoFiles) {
	l.t.Helper()
	pairs := []string{l.user.SecretAccessKey, "THE-SECRET", l.user.AccessKeyID, "THE-ID"}
	for _, key := range l.user.Keys() {
		pairs = append(pairs, key.ID, "THE-ID")
	}
	for _, secret := range l.world.Secrets() {
		pairs = append(pairs, secret, "THE-SECRET")
	}
	keys := strings.NewReplacer(pairs...)
	for name, text := range map[string]*string{".aws/config": &files.config, ".aws/credentials": &files.credentials} {
		data, err := os.ReadFile(filepath.Join(l.home, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			l.t.Fatal(err)
		}
		*text = keys.Replace(string(data))
	}
	return files
}

// keysFor runs an action of keys for a profile, which must be done.
func (l *lab) keysFor(profile string, args ...string) result {
	l.t.Helper()
	r := l.run("", "git-credential-mfa", append([]string{"--profile", profile, "keys"}, args...)...)
	if r.status != 0 {
		l.t.Errorf("keys %v: %v", args, r)
	}
	return r
}

// Whatever the profile is called and wherever it stands, its key goes into the
// keyring and comes back, to the byte, and is rotated there and in the file.
func TestKeysWhateverTheFiles(t *testing.T) {
	t.Parallel()
	oneFile := func(l *lab) { l.setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(l.home, ".aws/config")) }
	for name, c := range map[string]struct {
		profile string
		files   twoFiles
		change  func(*lab)
	}{
		"a blank in the name":        {"my team", twoFiles{"[profile my team]\n" + regionLines, "[my team]\n" + pairLines}, nil},
		"a blank in quotes":          {"my team", twoFiles{"[profile 'my team']\n" + regionLines, "[my team]\n" + pairLines}, nil},
		"a blank, all in config":     {"my team", twoFiles{"[profile \"my team\"]\n" + regionLines + pairLines, ""}, nil},
		"an apostrophe":              {"it's", twoFiles{"[profile it's]\n" + regionLines, "[it's]\n" + pairLines}, nil},
		"no ASCII":                   {"büro", twoFiles{"[profile büro]\n" + regionLines, "[büro]\n" + pairLines}, nil},
		"like an option":             {"-x", twoFiles{"[profile -x]\n" + regionLines, "[-x]\n" + pairLines}, nil},
		"in credentials only":        {"work", twoFiles{"[default]\nregion=eu-west-1\n", "[default]\nx=1\n\n[work]\n" + pairLines + regionLines}, nil},
		"no config":                  {"work", twoFiles{"", "[work]\n" + pairLines + regionLines}, nil},
		"in config only":             {"work", twoFiles{"[profile work]\n" + regionLines + pairLines, ""}, nil},
		"default as a profile":       {"default", twoFiles{"[profile default]\n" + regionLines, "[default]\n" + pairLines}, nil},
		"two sections":               {"default", twoFiles{"[default]\n" + regionLines, "[default]\noutput=json\n[b]\ny=1\n[default]\n" + pairLines}, nil},
		"the key in both":            {"default", twoFiles{"[default]\n" + regionLines + pairLines, "[default]\n" + pairLines}, nil},
		"one file for both, default": {"default", twoFiles{"[default]\n" + regionLines + pairLines, ""}, oneFile},
		"one file for both":          {"work", twoFiles{"[work]\n" + pairLines + "[profile work]\n" + regionLines, ""}, oneFile},
		"comments": {"default", twoFiles{"[default]\n" + regionLines,
			"[default]\n# old key\naws_access_key_id = THE-ID # mine\n;aws_secret_access_key = old\naws_secret_access_key = THE-SECRET\n\n\n[x]\na=1"}, nil},
		"indented":               {"default", twoFiles{"[default]\n" + regionLines, "[default]\n  aws_access_key_id = THE-ID\n  aws_secret_access_key = THE-SECRET\n"}, nil},
		"capitals":               {"default", twoFiles{"[default]\n" + regionLines, "[default]\nAWS_ACCESS_KEY_ID=THE-ID\nAWS_SECRET_ACCESS_KEY=THE-SECRET\n"}, nil},
		"CRLF, no last line end": {"work", twoFiles{"[profile work]\r\nregion = us-east-1\r\nmfa_serial = " + serial, "[work]\r\naws_access_key_id = THE-ID\r\naws_secret_access_key = THE-SECRET"}, nil},
		"sections of all kinds": {"default", twoFiles{"[default]\n" + regionLines + "[include \"x\"]\npath = /y\n[sso-session s]\nsso_region=x\n[services s3]\ns3 =\n  endpoint_url = http://x\n[plugins]\na = b\n",
			"[default]\n" + pairLines + "\n[include]\npath=z\n"}, nil},
		"variables with another key": {"default", twoFiles{"[default]\n" + regionLines, "[default]\n" + pairLines}, func(l *lab) {
			l.setenv("AWS_ACCESS_KEY_ID", "AKIAOTHEROTHER000001")
			l.setenv("AWS_SECRET_ACCESS_KEY", strings.Repeat("x", 40))
		}},
		"symlinks": {"default", twoFiles{"[default]\n" + regionLines, "[default]\n" + pairLines}, func(l *lab) {
			notOnWindows(l.t, "symlinks need special rights there")
			for _, name := range []string{"config", "credentials"} {
				l.write("dotfiles/"+name, l.note(".aws/"+name))
				file := filepath.Join(l.home, ".aws", name)
				if err := errors.Join(os.Remove(file), os.Symlink("../dotfiles/"+name, file)); err != nil {
					l.t.Fatal(err)
				}
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.writeFiles(c.files)
			if c.change != nil {
				c.change(l)
			}
			l.keysFor(c.profile, "import", "--yes")
			if files := l.inTheClear(l.user.SecretAccessKey); len(files) > 0 {
				t.Errorf("the secret is in %v", files)
			}
			if list := l.keysFor(c.profile, "list"); !strings.Contains(list.stdout, "keyring (file)") || strings.Count(list.stdout, "\n") != 2 || list.stderr != "" {
				t.Error(list)
			}
			if r := l.run(l.phone()+"\n", "git-credential-mfa", "--profile", c.profile, "login", "--code", "-"); r.status != 0 {
				t.Error(r)
			}
			if r := l.get("--profile", c.profile); !answered(r) {
				t.Error(r)
			}
			l.keysFor(c.profile, "export", "--yes")
			if files := l.readFiles(); files != c.files {
				t.Errorf("not as it was:\n%q\n%q", files, c.files)
			}
			l.keysFor(c.profile, "rotate", "--yes")
			if files := l.readFiles(); name != "the key in both" && files != c.files {
				t.Errorf("rotated:\n%q\n%q", files, c.files)
			}
			if keys := l.user.Keys(); len(keys) != 1 || keys[0].ID == l.user.AccessKeyID {
				t.Errorf("the user has %v", keys)
			}
			if r := l.run(l.otherCode()+"\n", "git-credential-mfa", "--profile", c.profile, "login", "--refresh", "--code", "-"); r.status != 0 {
				t.Errorf("the key does not work: %v", r)
			}
		})
	}
}

// What holds no key that could be moved is refused, with the profile's name and
// how to fix it, and nothing is changed.
func TestKeysOfNoKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		profile    string
		files      twoFiles
		says, hint string
	}{
		"no section": {"nosuch", twoFiles{"[default]\n" + regionLines, "[default]\n" + pairLines},
			`profile "nosuch": there is no such profile`, "choose one of your profiles (default): --profile NAME"},
		"an empty section": {"work", twoFiles{"[default]\nregion = x\n[profile work]\n", "[work]\n"},
			`profile "work": no AWS credentials`, "store it: "},
		"a byte order mark": {"default", twoFiles{"[default]\n" + regionLines, "\xef\xbb\xbf[default]\n" + pairLines},
			`profile "default": no AWS credentials: `, "UTF-8"},
		"a comment in the name": {"a#b", twoFiles{"[profile a#b]\n" + regionLines, "[a#b]\n" + pairLines},
			`profile "a#b": there is no such profile`, "only a comment may follow the ]"},
		"half a key": {"default", twoFiles{"[default]\n" + regionLines, "[default]\naws_access_key_id = THE-ID\n"},
			`profile "default": `, "hint: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.writeFiles(c.files)
			for _, action := range []string{"import", "rotate", "export"} {
				r := l.run("", "git-credential-mfa", "--profile", c.profile, "keys", action, "--yes")
				says, hint := c.says, c.hint
				if action == "export" && !strings.Contains(says, "no such profile") && name != "half a key" {
					says, hint = "its access key is not in the keyring", "git-credential-mfa keys list"
				}
				if r.status != 1 || !strings.Contains(r.stderr, says) || !strings.Contains(r.stderr, hint) {
					t.Errorf("%s: %v", action, r)
				}
			}
			l.keysFor(c.profile, "list")
			if files := l.readFiles(); files != c.files {
				t.Errorf("changed: %q", files)
			}
		})
	}
}

// Two profiles with one key share it in the keyring: none of them is left without
// it by what is done for the other.
func TestKeysOfTwoProfiles(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	files := twoFiles{"[default]\n" + regionLines + "[profile client]\n" + regionLines, "[default]\n" + pairLines + "[client]\n" + pairLines}
	l.writeFiles(files)
	l.login()
	refused := func(says, hint string) {
		t.Helper()
		if r := l.rotate(); r.status != 1 || !strings.Contains(r.stderr, says) || !strings.Contains(r.stderr, hint) || len(l.user.Keys()) != 1 {
			t.Error(r)
		}
	}
	says := `profile "client" has the access key …` + l.user.AccessKeyID[16:] + " too: " + filepath.Join("~", ".aws", "credentials")
	refused(says+":5, in the clear", "share it in the keyring: git-credential-mfa keys import; git-credential-mfa --profile client keys import")
	if r := l.keys("import", "--yes"); !strings.Contains(r.stderr, "moved the access key") || !strings.Contains(r.stderr, "warning: "+says+":3, in the clear") {
		t.Error(r)
	}
	refused(says+":3, in the clear", "share it in the keyring: git-credential-mfa --profile client keys import")
	if r := l.keysFor("client", "import", "--yes"); !strings.Contains(r.stderr, "moved the access key") || strings.Contains(r.stderr, "warning: ") {
		t.Error(r)
	}
	if files := l.inTheClear(l.user.SecretAccessKey); len(files) > 0 {
		t.Errorf("the secret is in %v", files)
	}
	bothGoOn := func() {
		t.Helper()
		for _, profile := range []string{"default", "client"} {
			if r := l.run(l.otherCode()+"\n", "git-credential-mfa", "--profile", profile, "login", "--refresh", "--code", "-"); r.status != 0 {
				t.Errorf("%s: %v", profile, r)
			}
		}
	}
	if list := l.keys("list"); strings.Count(list.stdout, "keyring (file)") != 2 || list.stderr != "" {
		t.Error(list)
	}
	if r := l.rotate(); r.status != 0 || len(l.user.Keys()) != 1 {
		t.Error(r)
	}
	bothGoOn()
	l.keys("export", "--yes")
	refused(`profile "client" has the access key …`+l.inForce()[16:]+" too: in the keyring", "share it in the keyring: git-credential-mfa keys import")
	bothGoOn()
	l.keysFor("client", "export", "--yes")
	if now := l.readFiles(); now != files {
		t.Errorf("not as it was:\n%q\n%q", now, files)
	}
	bothGoOn()
}

// A rotation that was killed when one of two profiles named the new key already is
// finished for both, whichever of them it is run for.
func TestRotateHalfInForce(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"default", "client"} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.writeFiles(twoFiles{"[default]\n" + regionLines + "[profile client]\n" + regionLines, "[default]\n" + pairLines + "[client]\n" + pairLines})
			l.keys("import", "--yes")
			l.keysFor("client", "import", "--yes")
			l.login()
			next := l.stopRotation(false)
			config := l.note(".aws/config")
			at := strings.Index(config, "[profile client]")
			l.write(".aws/config", config[:at]+strings.ReplaceAll(config[at:], l.user.AccessKeyID, next))
			if r := l.run(l.otherCode()+"\n", "git-credential-mfa", "--profile", "client", "login", "--refresh", "--code", "-"); r.status != 0 {
				t.Error(r) // the session of the new key, which the killed run had carried over
			}
			l.keysFor(profile, "rotate", "--yes")
			if keys := l.user.Keys(); len(keys) != 1 || keys[0].ID != next || strings.Contains(l.note(".aws/config"), l.user.AccessKeyID) {
				t.Errorf("the user has %v:\n%s", keys, l.note(".aws/config"))
			}
			code := l.phone() // of neither session
			for _, profile := range []string{"default", "client"} {
				if r := l.run(code+"\n", "git-credential-mfa", "--profile", profile, "login", "--refresh", "--code", "-"); r.status != 0 {
					t.Errorf("%s: %v", profile, r)
				}
				code = l.otherCode()
			}
		})
	}
}

// A key that two profiles share stays for one of them when the other gets another
// key, or none.
func TestSharedKeyStays(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.writeFiles(twoFiles{"[default]\n" + regionLines + "[profile client]\n" + regionLines, "[default]\n" + pairLines + "[client]\n" + pairLines})
	l.keys("import", "--yes")
	l.keysFor("client", "import", "--yes")
	clientGoesOn := func() {
		t.Helper()
		if r := l.run(l.otherCode()+"\n", "git-credential-mfa", "--profile", "client", "login", "--refresh", "--code", "-"); r.status != 0 {
			t.Error(r)
		}
	}
	other, secret := l.user.AddKey()
	add := func(id, secret string) {
		t.Helper()
		if r := l.run(id+"\n"+secret+"\n", "git-credential-mfa", "keys", "add", "--yes", "-"); r.status != 0 {
			t.Error(r)
		}
		clientGoesOn()
	}
	add(other, secret)
	add(l.user.AccessKeyID, l.user.SecretAccessKey) // shared again
	if r := l.keys("remove", "--yes"); !strings.Contains(r.stderr, "profile default no longer uses the access key") {
		t.Error(r)
	}
	clientGoesOn()
	l.keysFor("client", "export", "--yes")
	if !strings.Contains(l.readFiles().credentials, "[client]\n"+pairLines) {
		t.Errorf("%q", l.readFiles())
	}
}

// A get that reads the files while the key moves finds it all the same.
func TestGetsBesideImport(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	l.besideGets(8, func() {
		for range 10 {
			l.keys("import", "--yes")
			l.keys("export", "--yes")
		}
	})
}

// Two imports at once: one does it, the other finds it done.
func TestTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			if r := l.run("", "git-credential-mfa", "keys", "import", "--yes"); r.status != 0 || !strings.Contains(r.stderr, "the keyring") {
				t.Error(r)
			}
		})
	}
	running.Wait()
	if files := l.inTheClear(l.user.SecretAccessKey); len(files) > 0 {
		t.Errorf("the secret is in %v", files)
	}
	l.login()
}
