package main

import (
	"os"
	"strings"
	"testing"
)

// silent are requests that get not one byte, on either stream: foreign hosts,
// since the helper may be configured for all of them, look-alikes, and what
// is malformed. Most have been an attack on some helper.
var silent = map[string]string{
	"foreign host":              request("https", "github.com", "a/b.git"),
	"nothing":                   "",
	"empty host":                "protocol=https\nhost=\npath=v1/repos/demo\n",
	"host only":                 "host=" + host + "\npath=v1/repos/demo\n",
	"protocol only":             "protocol=https\n",
	"no path, foreign":          "protocol=https\nhost=github.com\n",
	"second host":               "protocol=https\nhost=" + host + "\nhost=evil.example\npath=v1/repos/demo\n",
	"first host evil":           "protocol=https\nhost=evil.example\nhost=" + host + "\npath=v1/repos/demo\n",
	"bare CR":                   "protocol=https\nhost=evil.example:13337\nusername=\rprotocol=https\rhost=" + host + "\r\n",
	"CR in path":                "protocol=https\nhost=" + host + "\npath=v1/repos/demo\rhost=evil\n",
	"NUL":                       "protocol=https\nhost=" + host + "\x00.evil\npath=v1/repos/demo\n",
	"escape sequence":           "protocol=https\nhost=" + host + "\npath=v1/repos/demo\nusername=a\x1b[31mb\n",
	"no equals sign":            "protocol=https\nhost=" + host + "\npath=v1/repos/demo\nnonsense\n",
	"split long line":           "protocol=https\nhost=evil.example\nwwwauth[]=" + strings.Repeat("a", 1001) + "host=" + host + "\npath=v1/repos/demo\n",
	"line of 70,000":            "protocol=https\nhost=" + host + "\npath=v1/repos/demo\nwwwauth[]=" + strings.Repeat("a", 70000) + "\n",
	"over a MiB":                "protocol=https\nhost=" + host + "\npath=v1/repos/demo\n" + strings.Repeat("x="+strings.Repeat("a", 60000)+"\n", 20),
	"suffix":                    request("https", host+".evil.example", "v1/repos/demo"),
	"prefix":                    request("https", "evil-"+host, "v1/repos/demo"),
	"slash in host":             request("https", "evil.example/."+host, "v1/repos/demo"),
	"trailing dot":              request("https", host+".", "v1/repos/demo"),
	"other port":                request("https", host+":8443", "v1/repos/demo"),
	"userinfo":                  request("https", "a@"+host, "v1/repos/demo"),
	"backslash":                 request("https", host+"\\.evil.example", "v1/repos/demo"),
	"ideographic stop":          request("https", "git-codecommit。us-east-1.amazonaws.com", "v1/repos/demo"),
	"bucket":                    request("https", "git-codecommit.s3.amazonaws.com", "v1/repos/demo"),
	"regional bucket":           request("https", "git-codecommit.s3-us-west-2.amazonaws.com", "v1/repos/demo"),
	"instance":                  request("https", "git-codecommit.compute-1.amazonaws.com", "v1/repos/demo"),
	"ec2":                       request("https", "ec2-1-2-3-4.compute-1.amazonaws.com", "v1/repos/demo"),
	"load balancer":             request("https", "git-codecommit-1.us-east-1.elb.amazonaws.com", "v1/repos/demo"),
	"endpoint service":          request("https", "x.vpce-svc-0a.us-east-1.vpce.amazonaws.com", "v1/repos/demo"),
	"API host":                  request("https", "codecommit.us-east-1.amazonaws.com", "v1/repos/demo"),
	"China's suffix":            request("https", host+".cn", "v1/repos/demo"),
	"China without its suffix":  request("https", "git-codecommit.cn-north-1.amazonaws.com", "v1/repos/demo"),
	"protocol in upper case":    request("HTTPS", host, "v1/repos/demo"),
	"ssh":                       request("ssh", host, "v1/repos/demo"),
	"static Git credential":     "protocol=https\nhost=" + host + "\npath=v1/repos/demo\nusername=alice-at-123456789012\n",
	"someone's name":            "protocol=https\nhost=" + host + "\npath=v1/repos/demo\nusername=AKIA\n",
	"key id in the middle":      "protocol=https\nhost=" + host + "\npath=v1/repos/demo\nusername=xAKIA2345\n",
	"bad path of another's":     "protocol=https\nhost=" + host + "\npath=..\nusername=alice-at-123456789012\n",
	"http and foreign":          request("http", "github.com", "x"),
	"http with a look-alike":    request("http", host+".evil.example", "v1/repos/demo"),
	"malformed and bad path":    "protocol=https\nhost=" + host + "\npath=..\npath=..\n",
	"CR before the end of host": "protocol=https\nhost=" + host + "\r\r\npath=v1/repos/demo\n",
}

// Promise 4: only CodeCommit's own hosts ever get an answer. A session is
// held, so an answer would cost nothing.
func TestSilence(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	l.world.ForgetRequests()
	for name, in := range silent {
		for _, operation := range []string{"get", "store", "erase"} {
			if r := l.run(in, "git-credential-mfa", operation); r.status != 0 || r.stdout+r.stderr != "" {
				t.Errorf("%s, %s: %v", name, operation, r)
			}
		}
	}
	if n := len(l.world.Requests()); n > 0 {
		t.Errorf("AWS was asked %d times", n)
	}
	if r := l.get(); !answered(r) {
		t.Errorf("the session did not survive: %v", r)
	}
}

// A host of CodeCommit's with something wrong gets the reason, and git is
// told to stop, so that it does not ask for a username.
func TestBadPaths(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	wantFailure(t, l.run("protocol=https\nhost="+host+"\n", "git-credential-mfa", "get"),
		"git config --global credential.https://"+host+".useHttpPath true")
	for _, path := range []string{"", "v1/repos/../x", "v1//repos/x", "v1/repos/x?a", "v1/repos/x#f", "v1/repos/a b", "v1/repos/x.git",
		"v1/repos/.", "v1/repos/", "v1/repos/" + strings.Repeat("x", 101), "x"} {
		wantFailure(t, l.run(request("https", host, path), "git-credential-mfa", "get"), "hint: ")
	}
	wantFailure(t, l.run(request("https", host, "v1/repos/demo/info/lfs"), "git-credential-mfa", "get"), "LFS")
	// What an attacker chose is not shown.
	r := l.run(request("https", host, "v1/repos/evil-\u202etext"), "git-credential-mfa", "get")
	if wantFailure(t, r); strings.Contains(r.stderr, "evil") {
		t.Error(r)
	}
	r = l.run(request("http", host, "v1/repos/demo"), "git-credential-mfa", "get")
	if r.status != 0 || r.stdout != "" || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "https") {
		t.Errorf("plain http: %v", r)
	}
}

func TestUnknownOperationsAreIgnored(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, operation := range []string{"approve", "frobnicate", "GET"} {
		if r := l.run(request("https", host, "v1/repos/demo"), "git-credential-mfa", operation); r.status != 0 || r.stdout+r.stderr != "" {
			t.Errorf("%s: %v", operation, r)
		}
	}
	if r := l.run("", "git-credential-mfa", "capability"); r.status != 0 || r.stdout != "version 0\n" {
		t.Error(r)
	}
}

// The twelve of git's own tests for helpers (t0303) that apply to one that
// makes credentials and stores none, in our own words: for foreign hosts the
// helper is as if it were not there, whatever is stored, erased or asked.
func TestConformance(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	// git asks the terminal after its helpers: this askpass stands for it.
	l.setenv("GIT_ASKPASS", l.write("git-askpass", "#!/bin/sh\ncase \"$1\" in Username*) echo askpass-user ;; *) echo askpass-pass ;; esac\n"))
	fill := func(in string) result {
		return l.run(in, "git", "-c", "credential.helper=", "-c", "credential.helper=mfa", "credential", "fill")
	}
	helper := func(operation, in string) {
		t.Helper()
		if r := l.run(in, "git-credential-mfa", operation); r.status != 0 || r.stdout+r.stderr != "" {
			t.Errorf("%s: %v", operation, r)
		}
	}
	const fromAskpass = "username=askpass-user\npassword=askpass-pass\n"
	site := "protocol=https\nhost=example.com\n"
	for _, c := range []struct {
		name, operation, in, fill, want string
	}{
		{"1 has no existing data", "", "", site, site + fromAskpass},
		{"2 stores without a sound", "store", site + "username=store-user\npassword=store-pass\n", "", ""},
		{"4 requires matching protocol", "", "", "protocol=http\nhost=example.com\n", "protocol=http\nhost=example.com\n" + fromAskpass},
		{"5 requires matching host", "", "", "protocol=https\nhost=other.tld\n", "protocol=https\nhost=other.tld\n" + fromAskpass},
		{"6 requires matching username", "", "", site + "username=other\n", site + "username=other\npassword=askpass-pass\n"},
		{"7 requires matching path", "", "", "protocol=http\nhost=path.tld\npath=bar.git\n", "protocol=http\nhost=path.tld\n" + fromAskpass},
		{"9 can forget host", "erase", site, site, site + fromAskpass},
		{"12 does not erase a password mismatched", "erase", site + "username=u\npassword=other\n", "", ""},
		{"15 handles a long header", "", "", site + "wwwauth[]=" + strings.Repeat("a", 1024) + "\n", ""},
		{"16 stores an empty username", "store", site + "username=\npassword=p\n", "", ""},
		{"17 erases all matching", "erase", site + "username=\n", site, site + fromAskpass},
		{"20 ignores password_expiry_utc", "store", site + "username=u\npassword=p\npassword_expiry_utc=1\n", site, site + fromAskpass},
	} {
		if c.operation != "" {
			helper(c.operation, c.in)
		}
		if c.fill == "" {
			continue
		}
		r := fill(c.fill)
		if r.status != 0 || r.stderr != "" || c.want != "" && r.stdout != c.want {
			t.Errorf("%s: %v\nwant:\n%s", c.name, r, c.want)
		}
	}
}

// erase forgets the session only for its own key: git also erases for a
// server that redirected it, and for other people's credentials.
func TestErase(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	r := l.get()
	if !answered(r) {
		t.Fatal(r)
	}
	username := strings.TrimPrefix(strings.SplitN(r.stdout, "\n", 2)[0], "username=")
	erase := func(username string) {
		t.Helper()
		in := request("https", host, "v1/repos/demo") + "username=" + username + "\npassword=x\nwwwauth[]=Basic\n"
		if r := l.run(in, "git-credential-mfa", "erase"); r.status != 0 || r.stdout+r.stderr != "" {
			t.Error(r)
		}
	}
	for _, other := range []string{"alice-at-123456789012", "ASIAOTHER0000000000%" + username[len("ASIA"):], "", username[:10], username + "\x1b"} {
		if erase(other); !answered(l.get()) {
			t.Fatalf("erasing %.30q forgot the session", other)
		}
	}
	erase(username)
	l.setenv("GIT_CREDENTIAL_MFA_PROMPT", "none")
	wantFailure(t, l.get(), "asking is forbidden by --prompt none")
	if _, err := os.Stat(l.home); err != nil {
		t.Error(err)
	}
}
