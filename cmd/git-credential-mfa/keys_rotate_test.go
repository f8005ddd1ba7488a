package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// keyLab is a lab with a running session, whose access key lies in the file, in
// the file keyring ("keyring"), or in the Secret Service.
func keyLab(t *testing.T, home string) *lab {
	t.Helper()
	l := newLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", l.write("trace", ""))
	l.write(".aws/credentials", odd(l.user))
	if home == "secret-service" {
		l.secretService()
	}
	if home != "file" {
		l.keys("import", "--yes")
	}
	l.login()
	return l
}

// eachHome runs a test for both places of a key.
func eachHome(t *testing.T, test func(*testing.T, string)) {
	for _, home := range []string{"keyring", "file"} {
		t.Run(home, func(t *testing.T) {
			t.Parallel()
			test(t, home)
		})
	}
}

func (l *lab) rotate() result { return l.run("", "git-credential-mfa", "keys", "rotate", "--yes") }

// wantOneKey checks that the user has one key, and that the profile and the
// running session go on without a further code.
func (l *lab) wantOneKey() string {
	l.t.Helper()
	keys := l.user.Keys()
	if len(keys) != 1 || !keys[0].Active {
		l.t.Fatalf("the user has the keys %v", keys)
	}
	if r := l.get("--prompt", "none"); !answered(r) {
		l.t.Errorf("the session does not go on: %v", r)
	}
	sessions := l.sessions()
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", "cat '"+l.home+"/phone'")
	l.otherCode()
	if r := l.run("", "git-credential-mfa", "login", "--refresh"); r.status != 0 || l.sessions() != sessions+1 {
		l.t.Errorf("the key does not work: %v", r)
	}
	if r := l.keys("list"); strings.Count(r.stdout, "\n") != 2 || !strings.Contains(r.stdout, "…"+keys[0].ID[16:]) || strings.Contains(r.stderr, "rotate") {
		l.t.Errorf("the list: %v", r)
	}
	if r := l.run("", "git-credential-mfa", "status"); strings.Count(r.stdout, "profile default") != 1 {
		l.t.Errorf("the status: %v", r)
	}
	return keys[0].ID
}

func TestRotate(t *testing.T) {
	eachHome(t, func(t *testing.T, home string) {
		l := keyLab(t, home)
		l.world.SetKeyDelay(3 * time.Second)
		r := l.rotate()
		if r.status != 0 || !strings.Contains(r.stderr, "put the access key …") || !strings.Contains(r.stderr, "deleted the access key …"+l.user.AccessKeyID[16:]) {
			t.Error(r)
		}
		if l.sessions() != 1 {
			t.Errorf("%d codes were asked for", l.sessions())
		}
		time.Sleep(4 * time.Second) // until the services know
		if id := l.wantOneKey(); id == l.user.AccessKeyID {
			t.Error("the key is the old one")
		}
		secrets := l.world.Secrets()
		for _, secret := range secrets {
			if files := l.inTheClear(secret); len(files) > 0 && !(home == "file" && len(files) == 1 && strings.HasSuffix(files[0], ".aws/credentials")) {
				t.Errorf("a secret is in %v", files)
			}
		}
		if home == "keyring" {
			l.keys("export", "--yes")
		}
		keys := l.user.Keys()
		text := l.note(".aws/credentials")
		if want := strings.Replace(odd(l.user), l.user.AccessKeyID, keys[0].ID, 1); !strings.HasPrefix(text, want[:strings.Index(want, l.user.SecretAccessKey)]) ||
			!strings.HasSuffix(text, "\r\n[last]\r\nregion=eu-west-1") || strings.Contains(text, "mfa_") || strings.Contains(text, l.user.SecretAccessKey) {
			t.Errorf("%q", text)
		}
	})
}

// Two keys already: both are named, nothing has changed.
func TestRotateTwoKeys(t *testing.T) {
	eachHome(t, func(t *testing.T, home string) {
		l := keyLab(t, home)
		other, _ := l.user.AddKey()
		r := l.rotate()
		if r.status != 1 || !strings.Contains(r.stderr, "the user already has two access keys, and AWS allows no more: …"+l.user.AccessKeyID[16:]+", which this profile uses, and …"+other[16:]+", active, created "+time.Now().UTC().Format(time.DateOnly)) ||
			!strings.Contains(r.stderr, "hint: if nothing uses …"+other[16:]+": aws iam delete-access-key --access-key-id "+other) || !strings.Contains(r.stderr, "nothing has changed") || len(l.user.Keys()) != 2 {
			t.Error(r)
		}
	})
}

// What fails half-way names both keys and what to run; the key in force works,
// and the next run goes on.
func TestRotateStopped(t *testing.T) {
	fault := func(action string, status int, code string) func(*lab) {
		return func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: action, Status: status, Code: code, Message: "no", Times: 50})
		}
	}
	for name, c := range map[string]struct {
		break_ func(*lab)
		says   string
		stands string
		newKey bool // the new key is in force
	}{
		"list denied":      {fault("ListAccessKeys", 403, "AccessDenied"), "iam:ListAccessKeys: policies deny it", "nothing has changed", false},
		"create denied":    {fault("CreateAccessKey", 403, "AccessDenied"), "iam:CreateAccessKey: policies deny it", "nothing has changed", false},
		"create throttled": {fault("CreateAccessKey", 400, "Throttling"), "throttles this account", "nothing has changed", false},
		"create breaks":    {fault("CreateAccessKey", 500, "InternalFailure"), "failed", "if AWS created a new one, the next run finds it", false},
		"the answer is lost": {func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "CreateAccessKey", AfterWork: true, Status: 500, Times: 1})
		}, "failed", "if AWS created a new one, the next run finds it", false},
		"a page instead of an answer": {func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "CreateAccessKey", Trouble: sandbox.Portal})
		}, "iam:CreateAccessKey", "if AWS created a new one, the next run finds it", false},
		"no answer": {func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "CreateAccessKey", Trouble: sandbox.Hang})
		}, "iam:CreateAccessKey", "if AWS created a new one, the next run finds it", false},
		"deactivate denied": {fault("UpdateAccessKey", 403, "AccessDenied"), "iam:UpdateAccessKey: policies deny it", "is not deleted yet", true},
		"delete denied":     {fault("DeleteAccessKey", 403, "AccessDenied"), "iam:DeleteAccessKey: policies deny it", "is not deleted yet", true},
		"a page instead of the deactivation": {func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "UpdateAccessKey", Trouble: sandbox.Portal})
		}, "iam:UpdateAccessKey: what answered was not IAM", "is not deleted yet", true},
		"a page instead of the deletion": {func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "DeleteAccessKey", Trouble: sandbox.Portal})
		}, "iam:DeleteAccessKey: what answered was not IAM", "is not deleted yet", true},
		"delete throttled": {fault("DeleteAccessKey", 400, "Throttling"), "throttles this account", "is not deleted yet", true},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "no answer" {
				slow(t) // 20 seconds
			}
			t.Parallel()
			eachHome(t, func(t *testing.T, home string) {
				l := keyLab(t, home)
				c.break_(l)
				r := l.rotate()
				if r.status != 1 || !strings.Contains(r.stderr, c.says) || !strings.Contains(r.stderr, c.stands) || !strings.Contains(r.stderr, "is in force and works") {
					t.Error(r)
				}
				if c.stands != "nothing has changed" && !strings.Contains(r.stderr, "hint: to continue: git-credential-mfa keys rotate") {
					t.Error(r)
				}
				if r := l.get("--prompt", "none"); !answered(r) {
					t.Error(r)
				}
				if in := l.inForce(); (in != l.user.AccessKeyID) != c.newKey {
					t.Errorf("the key in force is %s", in)
				}
				if list := l.keys("list"); c.stands != "nothing has changed" && !strings.Contains(list.stderr, "git-credential-mfa --profile default keys rotate") {
					t.Errorf("not told on the next run: %v", list)
				}
				l.world.ClearFaults()
				if r := l.rotate(); r.status != 0 {
					t.Error(r)
				}
				l.wantOneKey()
			})
		})
	}
}

// inForce is the id of the key that the profile uses.
func (l *lab) inForce() string {
	l.t.Helper()
	id := ""
	for _, file := range []string{".aws/config", ".aws/credentials"} {
		for line := range strings.Lines(l.note(file)) {
			key, value, _ := strings.Cut(line, "=")
			if key = strings.TrimSpace(key); key == "mfa_access_key_id" || key == "aws_access_key_id" {
				id = strings.TrimSpace(value)
			}
		}
	}
	return id
}

// Without permissions for keys, nothing is made.
func TestRotateDenied(t *testing.T) {
	t.Parallel()
	l := keyLab(t, "keyring")
	sts, err := policy.Parse("sts", []byte(`{"Statement": {"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	l.user.SetPolicies(sts)
	if r := l.rotate(); r.status != 1 || !strings.Contains(r.stderr, "iam:ListAccessKeys: policies deny it") || !strings.Contains(r.stderr, "hint: your administrator must allow it") || len(l.user.Keys()) != 1 {
		t.Error(r)
	}
}

// A new key that AWS does not take within a minute stays beside the old one.
func TestRotateSlowIAM(t *testing.T) {
	slow(t)
	t.Parallel()
	l := keyLab(t, "keyring")
	l.world.SetKeyDelay(time.Hour)
	r := l.rotate()
	if r.status != 1 || !strings.Contains(r.stderr, "AWS does not accept the new key yet") || !strings.Contains(r.stderr, "is stored and not in force yet") || l.inForce() != l.user.AccessKeyID {
		t.Error(r)
	}
}

// Where AWS ends a session with the key that it was got with, one more code is
// asked for, and the rotation comes to its end.
func TestRotateWhereSessionsEndWithTheKey(t *testing.T) {
	eachHome(t, func(t *testing.T, home string) {
		l := keyLab(t, home)
		l.world.EndSessionsWithKey()
		l.askpass()
		l.otherCode()
		if r := l.rotate(); r.status != 0 || !strings.Contains(r.stderr, "AWS no longer accepts the session: a new one is needed") || l.questions() != 1 {
			t.Error(r)
		}
		l.wantOneKey()
	})
}

// besideGets does something beside gets that never stop. Each must be answered,
// without a question; it returns how many were.
func (l *lab) besideGets(n int, work func()) int {
	done := make(chan struct{})
	var count atomic.Int64
	var running sync.WaitGroup
	for range n {
		running.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r := l.get("--prompt", "none")
				if count.Add(1); !answered(r) {
					l.t.Error(r)
					return
				}
			}
		})
	}
	work()
	close(done)
	running.Wait()
	return int(count.Load())
}

// rotate beside gets that never stop, sixteen at a time where slow tests are
// asked for: each is answered.
func TestRotateBesideGets(t *testing.T) {
	eachHome(t, func(t *testing.T, home string) {
		l := keyLab(t, home)
		atOnce := 4
		if slowTests {
			atOnce = 16
		}
		var r result
		count := l.besideGets(atOnce, func() { r = l.rotate() })
		if r.status != 0 {
			t.Error(r)
		}
		t.Logf("%d gets were answered meanwhile", count)
		l.wantOneKey()
	})
}

// The session is carried over: git goes on at once with a clone.
func TestCloneAfterRotate(t *testing.T) {
	t.Parallel()
	l := keyLab(t, "keyring")
	if r := l.rotate(); r.status != 0 {
		t.Fatal(r)
	}
	if r := l.run("", "git", "-c", "credential.interactive=false", "clone", "-q", l.url, filepath.Join(l.home, "cloned")); r.status != 0 || l.sessions() != 1 {
		t.Error(r, l.sessions())
	}
	if _, err := os.Stat(filepath.Join(l.home, "cloned", ".git")); err != nil {
		t.Error(err)
	}
}

// stopRotation has a rotation stop when the new key is in force, or is stored
// only, and returns the new key's id.
func (l *lab) stopRotation(inForce bool) string {
	l.t.Helper()
	if inForce {
		l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "UpdateAccessKey", Status: 403, Code: "AccessDenied", Message: "no", Times: 1})
	} else {
		l.world.Inject(sandbox.Fault{Service: sandbox.STS, Action: "GetCallerIdentity", Status: 403, Code: "AccessDenied", Message: "no", Times: 1})
	}
	r := l.rotate()
	l.world.ClearFaults()
	keys := l.user.Keys()
	if r.status != 1 || len(keys) != 2 || (l.inForce() == keys[1].ID) != inForce {
		l.t.Fatal(r)
	}
	return keys[1].ID
}

// A rotation that was stopped does not delete the old key when the new one has
// died meanwhile; nor does it put a dead key in force.
func TestRotateNewKeyDied(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inForce, deleted bool
		stands           string
		hint             string
	}{
		"in force, inactive": {true, false, "is in force and does not work; the old one, …%s, is not deleted", "hint: to make it active: aws iam update-access-key --access-key-id %s --status Active"},
		"in force, deleted":  {true, true, "is in force and does not work; the old one, …%s, is not deleted", "hint: create an access key in the IAM console, then: "},
		"stored, inactive":   {false, false, "…%s is in force and works; the new one", "hint: to make it active: aws iam update-access-key --access-key-id %s --status Active"},
		"stored, deleted":    {false, true, "…%s is in force and works", "hint: to create another one: git-credential-mfa keys rotate"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "stored, deleted" {
				slow(t) // AWS is given its minute
			}
			eachHome(t, func(t *testing.T, home string) {
				l := keyLab(t, home)
				id := l.stopRotation(c.inForce)
				died := "was made inactive at AWS"
				if l.user.SetKeyActive(id, false); c.deleted {
					l.user.DeleteKey(id)
					died = "was deleted at AWS"
				}
				r := l.rotate()
				stands, hint := strings.ReplaceAll(c.stands, "%s", l.user.AccessKeyID[16:]), strings.ReplaceAll(c.hint, "%s", id)
				if r.status != 1 || !strings.Contains(r.stderr, "the new access key …"+id[16:]+" "+died) || !strings.Contains(r.stderr, stands) || !strings.Contains(r.stderr, hint) {
					t.Error(r)
				}
				if keys := l.user.Keys(); keys[0].ID != l.user.AccessKeyID || !keys[0].Active {
					t.Errorf("the old key is gone: %v", keys)
				}
				if r := l.get("--prompt", "none"); !answered(r) {
					t.Error(r)
				}
				if c.inForce || !c.deleted {
					return
				}
				if r := l.rotate(); r.status != 0 {
					t.Error(r)
				}
				l.wantOneKey()
			})
		})
	}
}

// What a stopped rotation has left is neither imported, which would leave the new
// secret in the file, nor exported; remove forgets both keys.
func TestKeysWhileRotating(t *testing.T) {
	t.Parallel()
	for _, inForce := range []bool{true, false} {
		t.Run(map[bool]string{true: "in force", false: "stored"}[inForce], func(t *testing.T) {
			eachHome(t, func(t *testing.T, home string) {
				l := keyLab(t, home)
				l.stopRotation(inForce)
				action := map[string]string{"file": "import", "keyring": "export"}[home]
				if r := l.run("", "git-credential-mfa", "keys", action, "--yes"); r.status != 1 || !strings.Contains(r.stderr, "the rotation of this key is not finished") || !strings.Contains(r.stderr, "hint: to finish it: git-credential-mfa keys rotate") {
					t.Error(r)
				}
				if home == "file" {
					if r := l.rotate(); r.status != 0 {
						t.Error(r)
					}
					l.wantOneKey()
					l.keys("import", "--yes")
					return
				}
				l.keys("remove", "--yes")
				if list := l.keys("list"); !strings.Contains(list.stderr, "there is no access key") {
					t.Error(list)
				}
			})
		})
	}
}

// A key that a killed command has left in the keyring is listed with the command
// that forgets it, which leaves one that is in force alone.
func TestUnusedKey(t *testing.T) {
	t.Parallel()
	l := keyLab(t, "keyring")
	config := l.note(".aws/config")
	l.write(".aws/config", "[default]\n"+regionLines)
	unused := "no profile uses the key …" + l.user.AccessKeyID[16:] + ", which was stored for profile default"
	forgets := "; to forget it: git-credential-mfa --profile default keys remove"
	if list := l.keys("list"); strings.Count(list.stdout, "keyring") != 1 || !strings.Contains(list.stderr, unused+forgets) {
		t.Error(list)
	}
	other, secret := l.user.AddKey()
	if r := l.run(other+"\n"+secret+"\n", "git-credential-mfa", "keys", "add", "-"); r.status != 0 {
		t.Fatal(r)
	}
	if list := l.keys("list"); strings.Count(list.stdout, "keyring") != 2 || !strings.Contains(list.stderr, unused) || strings.Contains(list.stderr, forgets) {
		t.Error(list)
	}
	l.write(".aws/config", config) // now the other one is unused
	if r := l.get("--prompt", "none"); !answered(r) {
		t.Error(r)
	}
	l.write(".aws/config", "[default]\n"+regionLines)
	if r := l.keys("remove", "--yes"); strings.Count(r.stderr, "which no profile used; at AWS it still works") != 2 {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "keys", "remove", "--yes"); r.status != 1 || !strings.Contains(r.stderr, "its access key is not in the keyring") {
		t.Error(r)
	}
}
