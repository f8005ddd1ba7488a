package awsclient

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// proxies are two that refuse to connect, and note that they were asked.
type proxies struct {
	one, two string
	mu       sync.Mutex
	asked    []string
}

func newProxies(t *testing.T) *proxies {
	t.Helper()
	p := &proxies{}
	for _, address := range []*string{&p.one, &p.two} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		*address = listener.Addr().String()
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					_ = c.SetDeadline(time.Now().Add(10 * time.Second))
					if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
						p.mu.Lock()
						p.asked = append(p.asked, *address)
						p.mu.Unlock()
						_, _ = c.Write([]byte("HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n"))
					}
				}()
			}
		}()
	}
	return p
}

// take returns the proxy that was asked first, or "".
func (p *proxies) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := ""
	if len(p.asked) > 0 {
		first = p.asked[0]
	}
	p.asked = nil
	return first
}

// What we take for git's proxy is the one that real git asks.
func TestProxyIsGits(t *testing.T) {
	const host = "git-codecommit.nowhere.invalid" // which no name server knows
	const url = "https://" + host + "/v1/repos/demo"
	p := newProxies(t)
	home := t.TempDir()
	proxied := 0
	for _, c := range []struct {
		config string // ONE and TWO are the proxies
		env    []string
	}{
		{"", nil},
		{"[http]\n\tproxy = http://ONE\n", nil},
		{"[http]\n\tproxy = ONE\n", nil},
		{"[http]\n\tproxy = http://ONE\n", []string{"NO_PROXY=" + host}},
		{"[http]\n\tproxy = http://ONE\n", []string{"NO_PROXY=.invalid"}},
		{"[http]\n\tproxy = http://ONE\n", []string{"NO_PROXY=*.invalid"}},
		{"[http]\n\tproxy = http://ONE\n", []string{"NO_PROXY=x, nowhere.invalid"}},
		{"[http]\n\tproxy = http://ONE\n", []string{"NO_PROXY=here.invalid"}},
		{"[http]\n\tproxy = http://ONE\n", []string{"NO_PROXY=*"}},
		{"[http]\n\tproxy = http://ONE\n", []string{"NO_PROXY=a,*"}},
		{"[http]\n\tproxy = http://ONE\n", []string{"no_proxy=x", "NO_PROXY=" + host}},
		{"[http]\n\tproxy = http://ONE\n", []string{"HTTPS_PROXY=http://TWO"}},
		{"[http]\n\tproxy = http://ONE\n[http \"https://git-codecommit.*.invalid\"]\n\tproxy =\n", nil},
		{"[http]\n\tproxy =\n", []string{"HTTPS_PROXY=http://TWO", "ALL_PROXY=http://TWO"}},
		{"[http]\n\tproxy = http://ONE\n[http \"https://github.com\"]\n\tproxy = http://TWO\n", nil},
		{"", []string{"HTTPS_PROXY=http://ONE"}},
		{"", []string{"https_proxy=http://TWO", "HTTPS_PROXY=http://ONE"}},
		{"", []string{"ALL_PROXY=http://ONE"}},
		{"", []string{"ALL_PROXY=http://ONE", "all_proxy=http://TWO"}},
		{"", []string{"ALL_PROXY=http://ONE", "HTTPS_PROXY=http://TWO"}},
		{"", []string{"HTTPS_PROXY=http://TWO", "NO_PROXY=.Nowhere.INVALID."}},
		{"", []string{"HTTP_PROXY=http://TWO", "http_proxy=http://TWO"}},
		{"", []string{"HTTPS_PROXY=http://ONE", "https_proxy="}},
		{"", []string{"HTTPS_PROXY=", "ALL_PROXY=http://TWO"}},
		{"", []string{"HTTPS_PROXY=http://ONE", "NO_PROXY=" + host, "no_proxy="}},
	} {
		names := strings.NewReplacer("ONE", p.one, "TWO", p.two)
		if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(names.Replace(c.config)), 0o600); err != nil {
			t.Fatal(err)
		}
		env := []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "SystemRoot=" + os.Getenv("SystemRoot")}
		for _, pair := range c.env {
			env = append(env, names.Replace(pair))
		}
		cmd := exec.Command("git", "ls-remote", url)
		cmd.Env, cmd.Dir = env, home
		if _, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState == nil {
			t.Skip(err)
		}
		want := p.take()
		way := Way{AsGit: true, LookupEnv: func(name string) (string, bool) { return gitexec.Lookup(env, name) }, Git: func(ctx context.Context) map[string]string {
			return gitconfig.Git{Env: env, Dir: home}.URLValues(ctx, "http", url, false)
		}}
		got := ""
		proxy, err := way.Proxy(context.Background())
		request, _ := http.NewRequest(http.MethodGet, url, nil)
		if u, _ := proxy.For(request); u != nil {
			got = u.Host
			proxied++
		}
		if err != nil || got != want {
			t.Errorf("%q, %q: %q, git asks %q: %v", c.config, c.env, got, want, err)
		}
	}
	if proxied < 8 {
		t.Error(proxied)
	}
}
