//go:build linux

package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// spy is an askpass that, while the helper waits for it, notes the arguments
// and the environment of every process of this user's, and its own. It starts few
// programs: a code lasts for 30 seconds, also on a machine that has much to do.
const spy = `#!/bin/sh
cat /proc/[0-9]*/cmdline >>"$SPY/arguments" 2>/dev/null
for file in $(grep -lzx "SPY=$SPY" /proc/[0-9]*/environ 2>/dev/null); do
	tr '\0' '\n' <"$file" >>"$SPY/environments" 2>/dev/null
done
env >"$SPY/own-environment"
cat "$SPY/phone"
`

// Promise 5: no secret in a log, an argument, an environment variable that the
// program sets, an error, or a file in the clear. A real keyring holds a
// session with a token of 4 KB, everything is traced, and then all that was
// written is searched.
func TestNoSecretAnywhere(t *testing.T) {
	t.Parallel()
	for _, keyring := range []string{"secret-service", "file"} {
		t.Run(keyring, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if keyring == "secret-service" {
				l.secretService()
			}
			l.world.SetTokenSize(4096)
			l.setenv("SPY", l.home)
			l.setenv("GIT_ASKPASS", l.write("askpass", spy))
			l.setenv("GIT_CREDENTIAL_MFA_TRACE", "1")
			talk := l.liveALittle()
			l.setenv("GIT_CREDENTIAL_MFA_TRACE", filepath.Join(l.home, "trace"))
			talk += l.liveALittle()
			if len(l.world.Secrets()) < 5 || !strings.Contains(talk, "sts:") && !strings.Contains(talk, "answered for") {
				t.Fatalf("too little happened:\n%s", talk)
			}
			search(t, "the talk on stderr", []byte(talk), l.world.Secrets())
			l.searchFiles()
			if own := l.note("own-environment"); strings.Contains(own, passphrase) {
				t.Error("a child inherited the passphrase")
			}
			if info, err := os.Stat(filepath.Join(l.home, "trace")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the trace: %v, %v", info.Mode(), err)
			}
			if keyring == "secret-service" && !strings.Contains(l.run("", "git-credential-mfa", "status").stdout, "keyring: secret-service") {
				t.Error("the session is not in the Secret Service")
			}
		})
	}
}

// liveALittle does what people do, and what goes wrong for them, and returns
// all that was said.
func (l *lab) liveALittle() string {
	l.t.Helper()
	var talk strings.Builder
	do := func(program string, args ...string) {
		r := l.run("", program, args...)
		talk.WriteString(r.stderr)
		if program != "git-credential-mfa" || args[0] != "get" {
			talk.WriteString(r.stdout)
		}
	}
	l.device.Refresh()
	l.phone()
	do("git", "clone", l.url, filepath.Join(l.home, "clone-"+time.Now().Format("150405.000000")))
	r := l.get()
	if !answered(r) || len(r.stdout) < 4096 {
		l.t.Errorf("no answer with a token of 4 KB: %v", r)
	}
	talk.WriteString(r.stderr)
	do("git-credential-mfa", "status")
	do("git-credential-mfa", "status", "--json")
	username := strings.TrimPrefix(strings.SplitN(r.stdout, "\n", 2)[0], "username=")
	e := l.run(request("https", host, "v1/repos/demo")+"username="+username+"\npassword=x\n", "git-credential-mfa", "erase")
	talk.WriteString(e.stdout + e.stderr)
	l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 500, AfterWork: true, Times: 3})
	l.phone()
	do("git-credential-mfa", "login")
	l.device.Refresh()
	l.phone()
	do("git-credential-mfa", "login", "--refresh")
	do("git-credential-mfa", "login", "--refresh", "--code", "123456")
	return talk.String()
}

// searchFiles looks into every file of the user's, and at what the spy noted.
func (l *lab) searchFiles() {
	l.t.Helper()
	l.searchFolder()
	for _, name := range []string{"arguments", "environments", "own-environment"} {
		if len(l.note(name)) == 0 {
			l.t.Errorf("the spy noted no %s", name)
		}
	}
}

// searchFolder looks into every file of the user's. The access key stands in
// ~/.aws/credentials, where the user put it.
func (l *lab) searchFolder() {
	l.t.Helper()
	seen := 0
	err := filepath.WalkDir(l.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path == filepath.Join(l.home, ".aws", "credentials") {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		seen++
		search(l.t, path, text, l.world.Secrets())
		return err
	})
	if err != nil || seen < 5 {
		l.t.Errorf("%d files searched: %v", seen, err)
	}
}

// search looks for each secret as it is, in base64, and in hex.
func search(t testing.TB, where string, text []byte, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		for _, form := range []string{secret, secret[:30], secret[len(secret)-30:],
			base64.StdEncoding.EncodeToString([]byte(secret))[:40]} {
			if bytes.Contains(text, []byte(form)) {
				t.Errorf("a secret is in %s", where)
				return
			}
		}
	}
	if found := regexp.MustCompile(`password=2[0-9T]{14}`).Find(text); found != nil {
		t.Errorf("a password is in %s", where)
	}
}

// What the search looks for it finds: a search that can't fail guards nothing.
func TestSearchFinds(t *testing.T) {
	secret := strings.Repeat("0123456789", 4)
	for _, text := range []string{secret, "x" + secret[:35], base64.StdEncoding.EncodeToString([]byte(secret))} {
		fake := &testing.T{}
		search(fake, "a text", []byte(text), []string{secret})
		if !fake.Failed() {
			t.Errorf("%q was not found", text)
		}
	}
}

// TestProxyOfARepository: a repository may come from anybody, with a .git/config
// that names a proxy and certificates. The call that carries the code does not
// go that way, also when git runs the helper in that repository.
func TestProxyOfARepository(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	connected := make(chan struct{}, 100)
	l.listen(func(conn net.Conn) { connected <- struct{}{}; conn.Close() })
	theirs := l.env[len(l.env)-1]
	repository := filepath.Join(l.dir, "theirs")
	for _, args := range [][]string{
		{"config", "--global", "http.proxy", l.world.ProxyURL()}, {"config", "--global", "http.sslCAInfo", l.world.CAFile()},
		{"init", "-q", repository},
		{"-C", repository, "config", "http.proxy", strings.TrimPrefix(theirs, "https_proxy=")}, {"-C", repository, "config", "http.sslCAInfo", os.DevNull},
	} {
		if r := l.run("", "git", args...); r.status != 0 {
			t.Fatal(r)
		}
	}
	for _, name := range []string{"GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"} {
		l.setenv(name, "")
	}
	if r := l.in(repository).get(); !answered(r) || len(connected) > 0 {
		t.Errorf("%d connections by the repository's proxy: %v", len(connected), r)
	}
}

// TestNoCores: neither the program nor what it starts leaves its memory on the
// disk.
func TestNoCores(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	asker := l.write("asker", "#!/bin/sh\ncat /proc/self/limits /proc/$PPID/limits >'"+l.home+"/limits'\necho "+l.phone()+"\n")
	command := "ulimit -c unlimited; exec git-credential-mfa --mfa-process '" + asker + "' login"
	if r := l.run("", "sh", "-c", command); r.status != 0 {
		t.Fatal(r)
	}
	limits, err := os.ReadFile(filepath.Join(l.home, "limits"))
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`(?m)^Max core file size +0 +0 `).FindAll(limits, -1); len(found) != 2 {
		t.Errorf("%s", limits)
	}
}
