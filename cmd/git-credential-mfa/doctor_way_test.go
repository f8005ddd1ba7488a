package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// refusingProxy tunnels to the lab's proxy, but for CodeCommit.
func (l *lab) refusingProxy(status int) string {
	world := strings.TrimPrefix(l.world.ProxyURL(), "http://")
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "git-codecommit.") {
			rw.WriteHeader(status)
			return
		}
		there, err := net.Dial("tcp", world)
		if err != nil {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			there.Close()
			return
		}
		_ = r.WriteProxy(there)
		go func() { _, _ = io.Copy(there, here); there.Close() }()
		_, _ = io.Copy(here, there)
		here.Close()
	}))
	l.t.Cleanup(proxy.CloseClientConnections)
	return proxy.URL
}

func TestDoctorProxy(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	old := l.env
	proxy := l.refusingProxy(http.StatusForbidden)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		l.setenv(name, strings.Replace(proxy, "://", "://alice:s3cret-proxy@", 1))
	}
	l.refused()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM812", "403 Forbidden", "AWS was never asked", proxy)
	if strings.Contains(d.stdout, "s3cret") {
		t.Errorf("the proxy's password is shown: %v", d)
	}
	l.env = old
	l.wantWell()
	// git's own setting goes before the variables.
	l.write(".gitconfig", "[http]\n\tproxy = "+l.refusingProxy(407)+"\n"+l.read(".gitconfig"))
	l.doctor(l.url).wantOnly(t, "CCM812", "407")
}

func (l *lab) read(name string) string {
	text, err := os.ReadFile(filepath.Join(l.home, name))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

func TestDoctorTLS(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	l.world.Inject(sandbox.Fault{Service: sandbox.Git, Trouble: sandbox.BadTLS, Times: 9})
	l.doctor(l.url).wantOnly(t, "CCM811", "http.sslCAInfo")
	l.world.ClearFaults()
	l.world.Inject(sandbox.Fault{Service: sandbox.Git, Trouble: sandbox.Answer, Status: 503, Times: 9})
	l.doctor(l.url).wantOnly(t, "CCM813", "503")
	l.world.ClearFaults()
	l.world.Inject(sandbox.Fault{Service: sandbox.STS, Trouble: sandbox.Reset, Times: 9})
	if d := l.doctor(l.url); d.status != 0 || d.level("CCM814") != "warning" || !strings.Contains(d.says("CCM814"), "STS is not") ||
		!strings.Contains(d.says("CCM814"), "git passes all the same") {
		t.Errorf("the session is there, so git passes: %v", d)
	}
	l.world.ClearFaults()
	l.wantWell()
}

// nobodyToAsk is the lab without a desktop, which Windows otherwise has.
func (l *lab) nobodyToAsk() *lab {
	there := *l
	there.env = append(l.env[:len(l.env):len(l.env)], "GIT_CREDENTIAL_MFA_PROMPT=tty")
	return &there
}

// TestDoctorKeys: what AWS says of the keys is the cause, not what follows.
func TestDoctorKeys(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.user.SetKeyActive(l.user.AccessKeyID, false)
	l.doctor(l.url).wantOnly(t, "CCM604", "aws configure")
	l.user.SetKeyActive(l.user.AccessKeyID, true)
	l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": serial, "aws_secret_access_key": "not-the-secret"})
	l.doctor(l.url).wantOnly(t, "CCM604", "secret access key")
	l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": "arn:aws:iam::" + sandbox.Account + ":mfa/old-phone"})
	l.doctor(l.url).wantOnly(t, "CCM622", "aws configure set mfa_serial "+serial)
	l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": serial})
	d := l.nobodyToAsk().doctor(l.url)
	d.wantOnly(t, "CCM740", "login")
	if d.level("CCM720") != "info" || d.level("CCM820") != "info" || d.level("CCM101") != "skipped" || d.level("CCM831") != "skipped" ||
		!strings.Contains(d.says("CCM101"), "login") {
		t.Errorf("without a session: %v", d)
	}
	l.write(".aws/credentials", "")
	l.doctor(l.url).wantOnly(t, "CCM603")
}

// TestDoctorSessionRefused: the key is fine, and AWS does not know the session.
func TestDoctorSessionRefused(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	l.world.ForgetSessions()
	l.doctor(l.url).wantOnly(t, "CCM721", "unknown, deleted or inactive", "login --refresh")
}

// TestDoctorSlowSTS: the key is known in time, and whose the session is not.
func TestDoctorSlowSTS(t *testing.T) {
	t.Parallel()
	slow(t)
	l := newDoctorLab(t)
	l.login()
	l.world.SetDelay("sts", 8*time.Second)
	d := l.doctor(l.url)
	if len(d.Checks) < 60 || d.level("CCM604") != "ok" || d.level("CCM721") != "skipped" || !strings.Contains(d.says("CCM721"), "not reached") {
		t.Errorf("%v", d)
	}
}

func TestDoctorFIDO(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	bob := l.world.AddUser("bob")
	bob.AddDevice("arn:aws:iam::" + sandbox.Account + ":u2f/user/bob/key-1")
	l.user = bob
	l.writeAWSFiles(map[string]string{"region": region})
	l.doctor(l.url).wantOnly(t, "CCM621", "git-credential-mfa enroll")
	carol := l.world.AddUser("carol")
	l.user = carol
	l.writeAWSFiles(map[string]string{"region": region})
	l.doctor(l.url).wantOnly(t, "CCM620", "git-credential-mfa enroll")
}

func TestDoctorPartition(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	url, err := l.world.AddRepository("cn-north-1", "demo")
	if err != nil {
		t.Fatal(err)
	}
	l.write(".gitconfig", strings.Replace(l.read(".gitconfig"), "amazonaws.com", "amazonaws.com.cn", 1))
	d := l.doctor(url)
	d.wantOnly(t, "CCM605", "of aws-cn", "configure "+url)
}

// TestDoctorLogin may ask for the code, and nothing else may.
func TestDoctorLogin(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.askpass()
	l.phone()
	if d := l.doctor(l.url); l.questions() != 0 || d.level("CCM740") != "ok" || !strings.Contains(d.says("CCM740"), "askpass") {
		t.Errorf("%d questions: %v", l.questions(), d)
	}
	if d := l.doctor("--login", l.url); l.questions() != 1 || d.level("CCM822") != "ok" || l.sessions() != 1 {
		t.Errorf("%d questions: %v", l.questions(), d)
	}
}

func TestDoctorKeyring(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "none")
	d := l.nobodyToAsk().doctor(l.url)
	d.wantOnly(t, "CCM740", "login")
	if d.level("CCM701") != "warning" {
		t.Errorf("%v", d)
	}
	l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "file")
	l.setenv("GIT_CREDENTIAL_MFA_PASSPHRASE", "")
	l.doctor(l.url).wantOnly(t, "CCM701", "GIT_CREDENTIAL_MFA_PASSPHRASE")
}

// TestDoctorOffline asks nobody, and is quick about it.
func TestDoctorOffline(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	before := len(l.world.Requests())
	start := time.Now()
	r := l.run("", "git-credential-mfa", "doctor", "--offline", l.url)
	if r.status != 0 || strings.Contains(r.stdout, "all is well") || !strings.Contains(firstLines(r.stdout), "git itself was not run, because of --offline; to run it: git-credential-mfa doctor") {
		t.Errorf("what was not looked at is not well: %v", r)
	}
	l.private(r)
	if len(l.world.Requests()) != before || len(l.world.Refused()) > 0 {
		t.Errorf("%v", l.world.Requests()[before:])
	}
	if took := time.Since(start); took > slack*10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestDoctorShadows: keys of the environment go before the profile's.
func TestDoctorShadows(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	bob := l.world.AddUser("bob")
	l.setenv("AWS_ACCESS_KEY_ID", bob.AccessKeyID)
	l.setenv("AWS_SECRET_ACCESS_KEY", bob.SecretAccessKey)
	d := l.doctor(l.url)
	if d.level("CCM602") != "warning" || !strings.Contains(filepath.ToSlash(d.says("CCM602")), "~/.aws/credentials:2") ||
		!strings.Contains(d.says("CCM604"), "user/bob") || strings.Contains(d.stdout, bob.AccessKeyID) {
		t.Errorf("%v", d)
	}
	l.setenv("AWS_ACCESS_KEY_ID", "ASIA"+bob.AccessKeyID[4:])
	l.setenv("AWS_SESSION_TOKEN", "stale-session-token")
	d = l.doctor(l.url)
	if d.found("error") != "CCM604" || d.level("CCM603") != "info" || strings.Contains(d.stdout, "stale-session-token") {
		t.Errorf("%v", d)
	}
}
