package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// wrongCode makes the phone show a code that STS does not know.
func (l *lab) wrongCode() {
	code := []byte(l.device.Code())
	for i := range code {
		code[i] = '0' + (code[i]-'0'+5)%10
	}
	l.write("phone", string(code)+"\n")
}

// stillHeld checks that a session is held and answers, without AWS.
func (l *lab) stillHeld() {
	l.t.Helper()
	before := l.settledRequests()
	if r := l.get("--prompt", "none"); !answered(r) || len(l.world.Requests()) != before {
		l.t.Errorf("the session did not survive: %v", r)
	}
}

// settledRequests counts the requests so far, when no more are being noted: one
// whose answer is cut off is noted after its client has gone.
func (l *lab) settledRequests() int {
	n := len(l.world.Requests())
	for {
		time.Sleep(100 * time.Millisecond)
		now := len(l.world.Requests())
		if now == n {
			return n
		}
		n = now
	}
}

// sessionWithLineEnd can't be answered to git.
const sessionWithLineEnd = `<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult><Credentials>
<AccessKeyId>ASIAEXAMPLEEXAMPLE42</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token&#10;quit=0</SessionToken>
<Expiration>EXPIRATION</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>`

func answerOf(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// Promise 6: what goes wrong at STS ends within its limit with a message of
// its own, and the session that is held stays as it is.
func TestSTSFaults(t *testing.T) {
	t.Parallel()
	unknown := "arn:aws:iam::" + sandbox.Account + ":mfa/somebody-else"
	for _, c := range []struct {
		name  string
		cause func(l *lab)
		calls int
		limit time.Duration
		texts []string
	}{
		{"wrong code", func(l *lab) { l.wrongCode() }, 1, 5 * time.Second,
			[]string{"the MFA code was refused (wrong, or used already)", "after 3 tries", "resynchronise"}},
		{"wrong serial", func(l *lab) {
			l.setenv("GIT_CREDENTIAL_MFA_SERIAL", unknown)
		}, 1, 5 * time.Second, []string{"STS does not know this MFA device for this user: \"" + unknown + "\", from GIT_CREDENTIAL_MFA_SERIAL", "aws iam list-mfa-devices", "aws configure set mfa_serial"}},
		{"inactive key", func(l *lab) { l.user.SetKeyActive(l.user.AccessKeyID, false) }, 1, 5 * time.Second,
			[]string{"the access key is unknown, deleted or inactive", "aws configure"}},
		{"wrong secret", func(l *lab) {
			l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": serial, "aws_secret_access_key": strings.Repeat("x", 40)})
		}, 1, 5 * time.Second, []string{"the secret access key does not belong to the access key"}},
		{"STS down", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 503, Times: 9})
		},
			3, 10 * time.Second, []string{"STS failed", "health.aws.amazon.com"}},
		{"throttled", func(l *lab) { l.world.Throttle("sts", "GetSessionToken", 9) }, 3, 10 * time.Second,
			[]string{"STS throttles this account", "wait a minute"}},
		{"hanging", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Trouble: sandbox.Hang, Times: 9})
		}, 1, 30 * time.Second, []string{"STS did not answer", "may have been used"}},
		{"reset", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Trouble: sandbox.Reset, Times: 9})
		}, 1, 10 * time.Second, []string{"STS did not answer", "may have been used"}},
		{"region off", func(l *lab) { l.world.SetRegionActive(region, false) }, 1, 5 * time.Second,
			[]string{"STS is not activated in this region"}},
		{"no proxy there", func(l *lab) {
			l.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
			l.setenv("https_proxy", "http://127.0.0.1:1")
		}, 0, 10 * time.Second, []string{"STS could not be reached", "HTTPS_PROXY"}},
		{"unknown certificates", func(l *lab) { l.world.Inject(sandbox.Fault{Service: "sts", Trouble: sandbox.BadTLS, Times: 9}) },
			0, 10 * time.Second, []string{"the certificate of STS is not trusted", "AWS_CA_BUNDLE"}},
		{"answer without a session", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 200, Times: 9})
		}, 1, 10 * time.Second, []string{"what answered was not STS"}},
		{"a line end in the session", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Trouble: sandbox.Bytes, Times: 9, Bytes: answerOf(strings.Replace(sessionWithLineEnd, "EXPIRATION", time.Now().Add(time.Hour).UTC().Format(time.RFC3339), 1))})
		}, 1, 10 * time.Second, []string{"what answered was not STS", "the answer holds no session that could be used"}},
		{"code spent by the call that failed", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 500, AfterWork: true})
		}, 2, 10 * time.Second, []string{"perhaps the call that failed just before used it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.login()
			l.askpass()
			l.phone()
			c.cause(l)
			before := l.sessions()
			r := l.run("", "git-credential-mfa", "login", "--refresh")
			if r.status != 1 || r.stdout != "" || r.took > slack*c.limit || !strings.Contains(r.stderr, "git-credential-mfa: hint: ") {
				t.Errorf("want exit 1 and a hint within %v: %v", c.limit, r)
			}
			for _, text := range c.texts {
				if !strings.Contains(r.stderr, text) {
					t.Errorf("stderr lacks %q:\n%s", text, r.stderr)
				}
			}
			// A call that hangs is counted when its connection is gone, which may be
			// after the program.
			for range 100 {
				if l.sessions()-before >= c.calls {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			if calls := l.sessions() - before; calls != c.calls {
				t.Errorf("%d calls of GetSessionToken, not %d", calls, c.calls)
			}
			if c.name != "wrong serial" && c.name != "inactive key" {
				l.stillHeld()
			}
		})
	}
}

// A code that was used is told as such, without asking STS, and the next one
// is taken.
func TestUsedCode(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.login()
	used, err := os.ReadFile(filepath.Join(l.home, "phone"))
	if err != nil {
		t.Fatal(err)
	}
	before := l.sessions()
	r := l.run(string(used), "git-credential-mfa", "login", "--refresh", "--code", "-")
	if r.status != 1 || !strings.Contains(r.stderr, "error: logging in: this MFA code was used already\n") || l.sessions() != before {
		t.Errorf("%d more calls of GetSessionToken: %v", l.sessions()-before, r)
	}
	l.stillHeld()
	// Used elsewhere, to sign in to the console, say: only STS knows.
	l.run("", "git-credential-mfa", "logout")
	r = l.run(string(used), "git-credential-mfa", "login", "--code", "-")
	if r.status != 1 || !strings.Contains(r.stderr, "used already") {
		t.Error(r)
	}
	l.phone()
	if r := l.run("", "git-credential-mfa", "login"); r.status != 0 {
		t.Error(r)
	}
}

// A wrong code is followed by a second question, not by a failure.
func TestSecondTry(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.wrongCode()
	l.write("right", l.phoneless())
	l.setenv("GIT_ASKPASS", l.script("askpass", "cat phone\ncp right phone"))
	if r := l.get(); !answered(r) || !strings.Contains(r.stderr, "wait for the next code") || l.sessions() != 2 {
		t.Errorf("%d calls: %v", l.sessions(), r)
	}
}

// otherCode puts a code on the phone that neither STS nor the session knows,
// however many were spent just now.
func (l *lab) otherCode() string {
	l.t.Helper()
	old, _ := os.ReadFile(filepath.Join(l.home, "phone"))
	l.device.Refresh()
	code := l.phone()
	for code+"\n" == string(old) {
		code = l.phone()
	}
	return code
}

// phoneless returns a code without showing it on the phone.
func (l *lab) phoneless() string {
	code, ok := l.device.NextUnspent()
	if !ok {
		l.t.Fatal("no code")
	}
	return code + "\n"
}
