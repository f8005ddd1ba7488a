package main

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// keyKills is at how many writes each is killed, unless -kills says so: a
// quarter of them unless slow tests are asked for.
const keyKills = 12

// killedKeys is a lab in which a command that changes keys is killed.
type killedKeys struct {
	*lab
	args []string
	// check looks at what the killed run has left, and brings it to its end.
	check func()
}

// play kills the command at random writes, each place once before any twice.
func (k *killedKeys) play() {
	k.t.Helper()
	_, seen := k.underKiller(0, "", k.args...)
	k.check()
	writes, count := len(seen), keyKills
	if !slowTests {
		count /= 4
	}
	if *kills > 0 {
		count = *kills
	}
	var places []int
	for len(places) < count {
		places = append(places, rand.Perm(writes)...)
	}
	hit := 0
	for _, place := range places[:count] {
		r, seen := k.underKiller(place+1, "", k.args...)
		if len(seen) == place+1 {
			hit++
		}
		if k.check(); k.t.Failed() {
			k.t.Fatalf("killed at write %d of %d: %v", place+1, writes, r)
		}
	}
	k.t.Logf("killed at %d of %d places, of %d writes", hit, count, writes)
	if hit < count*8/10 { // how the network answers varies
		k.t.Errorf("only %d of %d kills hit", hit, count)
	}
}

// keyWorks starts a session with the key of the profile.
func (l *lab) keyWorks() {
	l.t.Helper()
	if r := l.run(l.otherCode()+"\n", "git-credential-mfa", "login", "--refresh", "--code", "-"); r.status != 0 {
		l.t.Errorf("the key does not work: %v", r)
	}
}

// noneBeside looks for what an edit that was killed has left beside a file.
func (l *lab) noneBeside() {
	l.t.Helper()
	if left, err := filepath.Glob(filepath.Join(l.home, ".aws", ".*")); err != nil || len(left) > 0 {
		l.t.Errorf("left behind: %v, %v", left, err)
	}
}

// An import that is killed leaves a profile that works, with two whole files;
// the next run tells so and finishes, and export gives both files back.
func TestImportKilled(t *testing.T) {
	eachKeyring(t, importKilled)
}

// eachKeyring runs a test with the file keyring and with the Secret Service.
func eachKeyring(t *testing.T, test func(*lab)) {
	for _, keyring := range []string{"file", "secret-service"} {
		t.Run(keyring, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if keyring == "secret-service" {
				l.secretService()
			}
			test(l)
		})
	}
}

func importKilled(l *lab) {
	t := l.t
	l.write(".aws/credentials", odd(l.user))
	config := l.note(".aws/config")
	k := &killedKeys{lab: l, args: []string{"keys", "import", "--yes"}}
	k.check = func() {
		t.Helper()
		if text := l.note(".aws/credentials"); text != odd(l.user) && strings.Contains(text, "aws_") {
			t.Errorf("half an access key is left in the file: %q", text)
		}
		l.keyWorks()
		named, inFile := strings.Contains(l.note(".aws/config"), "mfa_access_key_id"), strings.Contains(l.note(".aws/credentials"), l.user.SecretAccessKey)
		if list := l.keys("list"); named && inFile && !strings.Contains(list.stderr, "was interrupted; to finish: git-credential-mfa --profile default keys import") {
			t.Errorf("not told: %v", list)
		}
		if r := l.run("", "git-credential-mfa", "keys", "import", "--yes"); r.status != 0 {
			t.Error(r)
		}
		if files := l.inTheClear(l.user.SecretAccessKey); len(files) > 0 {
			t.Errorf("the secret is in %v", files)
		}
		l.keyWorks()
		l.keys("export", "--yes")
		if l.note(".aws/credentials") != odd(l.user) || l.note(".aws/config") != config {
			t.Errorf("not as it was:\n%q\n%q", l.note(".aws/credentials"), l.note(".aws/config"))
		}
		l.noneBeside()
	}
	k.play()
}

// An export that is killed is one, too: the profile works, and the next run
// finishes.
func TestExportKilled(t *testing.T) {
	eachKeyring(t, exportKilled)
}

func exportKilled(l *lab) {
	t := l.t
	l.write(".aws/credentials", odd(l.user))
	config := l.note(".aws/config")
	l.keys("import", "--yes")
	k := &killedKeys{lab: l, args: []string{"keys", "export", "--yes"}}
	k.check = func() {
		t.Helper()
		l.keyWorks()
		named := strings.Contains(l.note(".aws/config"), "mfa_access_key_id")
		if r := l.run("", "git-credential-mfa", "keys", "export", "--yes"); (r.status == 0) != named {
			t.Error(r)
		}
		if l.note(".aws/credentials") != odd(l.user) || l.note(".aws/config") != config {
			t.Errorf("not as it was:\n%q\n%q", l.note(".aws/credentials"), l.note(".aws/config"))
		}
		l.keyWorks()
		l.keys("import", "--yes")
		l.noneBeside()
	}
	k.play()
}

// A rotation that is killed leaves a key that works and a session that goes on;
// the next run tells where it stands and finishes, and one key is left.
func TestRotateKilled(t *testing.T) {
	for _, home := range []string{"keyring", "file", "secret-service"} {
		t.Run(home, func(t *testing.T) {
			t.Parallel()
			rotateKilled(t, home)
		})
	}
}

func rotateKilled(t *testing.T, home string) {
	l := keyLab(t, home)
	k := &killedKeys{lab: l, args: []string{"keys", "rotate", "--yes"}}
	k.check = func() {
		t.Helper()
		if r := l.get("--prompt", "none"); !answered(r) {
			t.Errorf("the session does not go on: %v", r)
		}
		l.keyWorks()
		unfinished := len(l.user.Keys()) == 2 || strings.Contains(l.note(".aws/credentials"), "mfa_")
		if list := l.keys("list"); unfinished && !strings.Contains(list.stderr, "git-credential-mfa --profile default keys rotate") {
			t.Errorf("not told: %v", list)
		}
		if unfinished {
			if r := l.rotate(); r.status != 0 {
				t.Error(r)
			}
			l.noneBeside()
		}
		if keys := l.user.Keys(); len(keys) != 1 || keys[0].ID != l.inForce() || !keys[0].Active {
			t.Errorf("the user has %v, the profile %s", keys, l.inForce())
		}
		l.keyWorks()
		if r := l.get("--prompt", "none"); !answered(r) {
			t.Errorf("the session does not go on: %v", r)
		}
	}
	k.play()
}
