package main

import (
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// listen is a server that gives each connection to serve, as a proxy.
func (l *lab) listen(serve func(net.Conn)) {
	l.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			l.t.Cleanup(func() { conn.Close() })
			go serve(conn)
		}
	}()
	l.useProxy("http://" + listener.Addr().String())
}

func (l *lab) useProxy(url string) {
	l.setenv("HTTPS_PROXY", url)
	l.setenv("https_proxy", url)
}

// says answers what comes, a proxy's CONNECT first, and in the end nothing.
func says(texts ...string) func(net.Conn) {
	return func(conn net.Conn) {
		buffer := make([]byte, 4096)
		for _, text := range texts {
			_, _ = conn.Read(buffer)
			_, _ = io.WriteString(conn, text)
		}
	}
}

// interpose has STS answer with these bytes, and close the connection.
func (l *lab) interpose(bytes string) {
	l.world.Inject(sandbox.Fault{Service: sandbox.STS, Trouble: sandbox.Bytes, Bytes: bytes, Times: 9})
}

const portalPage = "<html><body>Welcome to our hotel. Please sign in.</body></html>"

// Whatever stands between here and AWS, a login ends within its limit, says
// what it saw, prints nothing of a page, and loses nothing.
func TestNetworkFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		cause func(l *lab)
		limit time.Duration
		texts []string
	}{
		{"half-open", func(l *lab) { l.listen(func(net.Conn) {}) }, 30 * time.Second, []string{"STS did not answer"}},
		// Which limit comes first, the handshake's or the call's, and so whether
		// the code may be used, is for a slow machine to say.
		{"half-open behind a proxy", func(l *lab) { l.listen(says("HTTP/1.1 200 OK\r\n\r\n")) }, 45 * time.Second, []string{"error: logging in: STS "}},
		{"captive portal without TLS", func(l *lab) {
			l.listen(says("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"+portalPage))
		}, 10 * time.Second, []string{"what answered was not STS"}},
		{"captive portal in place of STS", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.STS, Trouble: sandbox.Portal, Times: 9})
		}, 10 * time.Second, []string{"what answered was not STS"}},
		{"proxy speaks no HTTP", func(l *lab) { l.listen(says("SSH-2.0-Welcome\r\n")) }, 10 * time.Second, []string{"STS could not be reached: the connection failed"}},
		{"no HTTP", func(l *lab) { l.interpose("SSH-2.0-Welcome\r\n") }, 10 * time.Second,
			[]string{"STS did not answer; the code may have been used: the server does not speak HTTP"}},
		{"half an answer", func(l *lab) {
			l.interpose("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1200\r\n\r\n<GetSessionTokenResponse><Welcome>")
		}, 10 * time.Second, []string{"STS did not answer; the code may have been used: the connection was closed before the answer was whole"}},
		{"no answer at all", func(l *lab) { l.interpose("") }, 10 * time.Second,
			[]string{"STS did not answer; the code may have been used: the connection was closed before the answer was whole"}},
		{"proxy wants a sign-in", func(l *lab) {
			l.listen(says("HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n"))
		}, 10 * time.Second, []string{"the proxy refused to connect: 511 Network Authentication Required"}},
		{"no DNS", func(l *lab) { l.useProxy("http://no-such-host.invalid:3128") }, 30 * time.Second, []string{"STS could not be reached", "no-such-host.invalid"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.login()
			code := l.phone()
			c.cause(l)
			r := l.run(code+"\n", "git-credential-mfa", "login", "--refresh", "--code", "-")
			if r.status != 1 || r.took > slack*c.limit || !strings.Contains(r.stderr, "git-credential-mfa: hint: ") || strings.Contains(r.stderr, "Welcome") {
				t.Errorf("want exit 1 and a hint within %v: %v", c.limit, r)
			}
			for _, text := range c.texts {
				if !strings.Contains(r.stderr, text) {
					t.Errorf("stderr lacks %q:\n%s", text, r.stderr)
				}
			}
			l.useProxy(l.world.ProxyURL())
			l.world.ClearFaults()
			l.stillHeld()
		})
	}
}

// Who has no mfa_serial meets IAM first, on the first day: there the same goes
// wrong, and the same fixes it.
func TestFirstCallFaults(t *testing.T) {
	t.Parallel()
	inject := func(trouble sandbox.Trouble) func(*lab) {
		return func(l *lab) { l.world.Inject(sandbox.Fault{Service: "iam", Trouble: trouble, Times: 9}) }
	}
	for name, c := range map[string]struct {
		cause func(l *lab)
		texts []string
	}{
		"unknown certificates": {inject(sandbox.BadTLS), []string{"the certificate of IAM is not trusted", "hint: if your company's proxy inspects TLS", "AWS_CA_BUNDLE"}},
		"captive portal":       {inject(sandbox.Portal), []string{"what answered was not IAM", "hint: if this is a guest network, sign in to it"}},
		"proxy wants a sign-in": {func(l *lab) {
			l.listen(says("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
		}, []string{"the proxy refused to connect: 407", "hint: check HTTPS_PROXY"}},
		"no proxy there":       {func(l *lab) { l.useProxy("http://127.0.0.1:1") }, []string{"IAM could not be reached", "hint: check the network"}},
		"no such certificates": {func(l *lab) { l.setenv("AWS_CA_BUNDLE", "/nonexistent") }, []string{"/nonexistent", "hint: name a file of PEM certificates"}},
		"certificates in a pipe": {func(l *lab) {
			if _, err := exec.LookPath("mkfifo"); err != nil {
				l.t.Skip(err) // Windows has no FIFO in a folder
			}
			l.run("", "mkfifo", filepath.Join(l.home, "pipe"))
			l.setenv("AWS_CA_BUNDLE", filepath.Join(l.home, "pipe"))
		}, []string{"AWS_CA_BUNDLE", "the file can't be read in time", "hint: name a file of PEM certificates"}},
		"certificates of nobody": {func(l *lab) { l.setenv("AWS_CA_BUNDLE", "/dev/null") }, []string{"hint: name a file of PEM certificates"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.writeAWSFiles(map[string]string{"region": region})
			l.askpass()
			c.cause(l)
			r := l.get()
			wantFailure(t, r, c.texts...)
			if l.questions() != 0 || strings.Contains(r.stderr, "STS") || strings.Contains(r.stderr, "Welcome") {
				t.Error(r)
			}
		})
	}
}

// An STS that takes its time is waited for.
func TestSlowSTS(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	l.world.SetDelay(sandbox.STS, 6*time.Second)
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
	l.asked(1, 1, 0)
}
