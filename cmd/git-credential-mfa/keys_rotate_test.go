package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// keyLab is a lab with a running session, whose access key lies in the keyring
// or in the file.
func keyLab(t *testing.T, home string) *lab {
	t.Helper()
	l := newLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", l.write("trace", ""))
	l.write(".aws/credentials", odd(l.user))
	if home == "keyring" {
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

// Two keys already: both are named, nothing is changed.
func TestRotateTwoKeys(t *testing.T) {
	eachHome(t, func(t *testing.T, home string) {
		l := keyLab(t, home)
		other, _ := l.user.AddKey()
		r := l.rotate()
		if r.status != 1 || !strings.Contains(r.stderr, "the user has two access keys already, and AWS lets a user have no more: …"+l.user.AccessKeyID[16:]+", which this profile uses, and …"+other[16:]+", active, today old") ||
			!strings.Contains(r.stderr, "hint: if nothing uses …"+other[16:]+": aws iam delete-access-key --access-key-id "+other) || !strings.Contains(r.stderr, "nothing is changed") || len(l.user.Keys()) != 2 {
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
		"list denied":      {fault("ListAccessKeys", 403, "AccessDenied"), "iam:ListAccessKeys: policies deny it", "nothing is changed", false},
		"create denied":    {fault("CreateAccessKey", 403, "AccessDenied"), "iam:CreateAccessKey: policies deny it", "nothing is changed", false},
		"create throttled": {fault("CreateAccessKey", 400, "Throttling"), "throttles this account", "nothing is changed", false},
		"create breaks":    {fault("CreateAccessKey", 500, "InternalFailure"), "failed", "should AWS have made a new one all the same, the next run finds it", false},
		"the answer is lost": {func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.IAM, Action: "CreateAccessKey", AfterWork: true, Status: 500, Times: 1})
		}, "failed", "should AWS have made a new one all the same, the next run finds it", false},
		"deactivate denied": {fault("UpdateAccessKey", 403, "AccessDenied"), "iam:UpdateAccessKey: policies deny it", "is not deleted yet", true},
		"delete denied":     {fault("DeleteAccessKey", 403, "AccessDenied"), "iam:DeleteAccessKey: policies deny it", "is not deleted yet", true},
		"delete throttled":  {fault("DeleteAccessKey", 400, "Throttling"), "throttles this account", "is not deleted yet", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachHome(t, func(t *testing.T, home string) {
				l := keyLab(t, home)
				c.break_(l)
				r := l.rotate()
				if r.status != 1 || !strings.Contains(r.stderr, c.says) || !strings.Contains(r.stderr, c.stands) || !strings.Contains(r.stderr, "is in force and works") {
					t.Error(r)
				}
				if c.stands != "nothing is changed" && !strings.Contains(r.stderr, "hint: to go on: git-credential-mfa keys rotate") {
					t.Error(r)
				}
				if r := l.get("--prompt", "none"); !answered(r) {
					t.Error(r)
				}
				if in := l.inForce(); (in != l.user.AccessKeyID) != c.newKey {
					t.Errorf("the key in force is %s", in)
				}
				if list := l.keys("list"); c.stands != "nothing is changed" && !strings.Contains(list.stderr, "git-credential-mfa --profile default keys rotate") {
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
	if r.status != 1 || !strings.Contains(r.stderr, "AWS does not take the new key yet") || !strings.Contains(r.stderr, "is stored and not in force yet") || l.inForce() != l.user.AccessKeyID {
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
		if r := l.rotate(); r.status != 0 || !strings.Contains(r.stderr, "AWS does not take the session any more: a new one is needed") || l.questions() != 1 {
			t.Error(r)
		}
		l.wantOneKey()
	})
}

// rotate beside gets that never stop, sixteen at a time where slow tests are
// asked for: each is answered.
func TestRotateBesideGets(t *testing.T) {
	eachHome(t, func(t *testing.T, home string) {
		l := keyLab(t, home)
		var running sync.WaitGroup
		done := make(chan struct{})
		var mu sync.Mutex
		count := 0
		atOnce := 4
		if slowTests {
			atOnce = 16
		}
		for range atOnce {
			running.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					r := l.get("--prompt", "none")
					mu.Lock()
					count++
					mu.Unlock()
					if !answered(r) {
						t.Error(r)
						return
					}
				}
			})
		}
		r := l.rotate()
		close(done)
		running.Wait()
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
