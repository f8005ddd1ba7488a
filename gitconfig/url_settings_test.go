package gitconfig

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// git shows the one value of each key that counts for a URL: ours is the same.
func TestURLSettingsAreGits(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	found := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		for _, file := range []string{"system", ".gitconfig"} {
			var text strings.Builder
			for n := range r.IntN(6) {
				header := "[http]\n"
				if label := randomLabels[r.IntN(len(randomLabels))]; label != "" {
					header = fmt.Sprintf("[http \"%s\"]\n", label)
				}
				fmt.Fprintf(&text, "%s\t%s = %s%d\n", header, []string{"proxy", "sslCAInfo"}[r.IntN(2)], file[1:2], n)
			}
			h.write(file, text.String())
		}
		url := randomURLs[r.IntN(len(randomURLs))]
		settings := ForURL(h.entries(), "http", url)
		for _, key := range []string{"proxy", "sslcainfo"} {
			want, _ := h.run("", "config", "--get-urlmatch", "http."+key, url)
			got, ok := settings.Get(key)
			if strings.TrimSuffix(want, "\n") != got.Value || ok != (want != "") {
				t.Errorf("seed %d, %s, %s: %q, git: %q", seed, url, key, got.Value, want)
			}
			if ok {
				found++
			}
		}
	}
	if found < 25 {
		t.Error("found", found)
	}
}

func TestRewriteIsGits(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	texts := []string{"https://", "https://" + host, "https://" + host + "/", repo, "ssh://x/", "", "https://git-codecommit.", "zz"}
	bases := []string{"ssh://git@" + host + "/", "https://bob@" + host + "/", "A/", "b/"}
	h.append("work/.git/config", "[remote \"origin\"]\n\turl = "+repo+"\n")
	rewritten := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		var text strings.Builder
		for range r.IntN(6) {
			fmt.Fprintf(&text, "[url \"%s\"]\n\t%s = %s\n", bases[r.IntN(len(bases))], []string{"insteadOf", "pushInsteadOf"}[r.IntN(2)], texts[r.IntN(len(texts))])
		}
		h.write(".gitconfig", text.String())
		for _, push := range []bool{false, true} {
			args := []string{"remote", "get-url", "origin"}
			if push {
				args = []string{"remote", "get-url", "--push", "origin"}
			}
			want, _ := h.run("", args...)
			got, by := Rewrite(h.entries(), repo, push)
			if strings.TrimSuffix(want, "\n") != got {
				t.Errorf("seed %d, push %v: %q, git: %q\n%s", seed, push, got, want, &text)
			}
			if by != nil {
				rewritten++
			}
		}
	}
	if rewritten < 15 {
		t.Error("rewritten", rewritten)
	}
}

// authorizations returns a URL, and what git sends there to authorize itself.
func (h *home) authorizations() (url string, take func() []string) {
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if len(seen) == 0 {
			seen = append(seen, r.Header.Values("Authorization")...)
		}
		if len(seen) == 0 { // as CodeCommit: curl sends a password only when it is asked for one
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	h.t.Cleanup(server.Close)
	return server.URL + "/v1/repos/demo", func() []string {
		mu.Lock()
		defer mu.Unlock()
		all := slices.Clone(seen)
		seen = nil
		return all
	}
}

func TestAuthorizationIsGits(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	url, take := h.authorizations()
	server := strings.TrimSuffix(url, "/v1/repos/demo")
	for _, c := range []struct {
		config string
		want   string
	}{
		{"[http]\n\textraHeader = Authorization: a\n", "a"},
		{"[http]\n\textraHeader = authorization: a\n\textraHeader =\n", ""},
		{"[http]\n\textraHeader = X: y\n", ""},
		{"[http \"" + server + "\"]\n\textraHeader = Authorization: a\n[http]\n\textraHeader =\n", "a"},
		{"[http \"" + server + "\"]\n\textraHeader =\n[http]\n\textraHeader = Authorization: a\n", ""},
		{"[http]\n\textraHeader = Authorization: a\n[http \"" + server + "\"]\n\textraHeader =\n", ""},
		{"[http \"https://github.com\"]\n\textraHeader = Authorization: a\n", ""},
	} {
		h.write(".gitconfig", c.config)
		_, _ = h.run("", "ls-remote", url)
		sent := strings.Join(take(), " ")
		e, ok := ForURL(h.entries(), "http", url).Authorization()
		if sent != c.want || ok != (c.want != "") || ok && !strings.HasSuffix(e.Value, c.want) {
			t.Errorf("%q: git sent %q, we found %v %q", c.config, sent, ok, e.Value)
		}
	}
}

func TestNetrcIsCurls(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	url, take := h.authorizations()
	for _, text := range []string{
		"machine 127.0.0.1 login bob password pw\n",
		"machine other login a password b\nmachine 127.0.0.1\n\tlogin bob\n\tpassword pw\n",
		"machine other login a password b\n",
		"machine other login a password b\ndefault login bob password pw\n",
		"default login bob password pw\nmachine 127.0.0.1 login a password b\n",
		"# machine 127.0.0.1 login bob password pw\n",
		"machine 127.0.0.1 # comment\nlogin bob password pw\n",
		"macdef init\nmachine 127.0.0.1 login bob password pw\n\nmachine other login a password b\n",
		"macdef init\ncd /\n\nmachine 127.0.0.1 login bob password pw\n",
		"machine \"127.0.0.1\" login \"bob\" password \"p w\"\n",
		"MACHINE 127.0.0.1 LOGIN bob PASSWORD pw\n",
		"machine 127.0.0.1 password pw\n",
		"machine 127.0.0.1 account x login bob password pw\n",
		"machine machine login a password b\nmachine 127.0.0.1 login bob password pw\n",
		"machine 127.0.0.1.example login bob password pw\n",
		"machine 127.0.0.1 login bob password pw",
		"machine 127.0.0.1\r\nlogin bob\r\npassword pw\r\n",
		"", "machine", "machine 127.0.0.1", "default\n",
	} {
		h.write(".netrc", text)
		_, _ = h.run("", "ls-remote", url)
		sent := take()
		entry, ok := Netrc(text, "127.0.0.1")
		if ok != (len(sent) > 0) {
			t.Errorf("%q: git sent %q, we found %v", text, sent, entry)
			continue
		}
		if ok {
			basic, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(sent[0], "Basic "))
			if login, _, _ := strings.Cut(string(basic), ":"); login != entry.Login {
				t.Errorf("%q: git sent %q, we found %q", text, login, entry.Login)
			}
		}
	}
}

func TestNetrcLines(t *testing.T) {
	entry, ok := Netrc("# x\nmacdef init\nmachine h login a\n\n\nmachine H\n login bob\n", "h")
	if !ok || entry != (NetrcEntry{Line: 6, Login: "bob"}) {
		t.Errorf("%+v %v", entry, ok)
	}
	entry, ok = Netrc("default login a password b\n", "h")
	if !ok || entry != (NetrcEntry{Line: 1, Default: true, Login: "a", HasPassword: true}) {
		t.Errorf("%+v %v", entry, ok)
	}
	if got := NetrcFiles("/h", "windows"); len(got) != 2 || len(NetrcFiles("/h", "linux")) != 1 {
		t.Error(got)
	}
}

func TestBooleanSettings(t *testing.T) {
	for value, want := range map[string][2]bool{"true": {true, false}, "yes": {true, false}, "1": {true, false}, "false": {false, true}, "0": {false, true}, "": {false, true}, "auto": {false, false}} {
		s := URLSettings{"emptyauth": {{Value: value, Set: true}}}
		_, on := s.True("emptyauth")
		_, off := s.False("emptyauth")
		if on != want[0] || off != want[1] {
			t.Errorf("%q: %v %v", value, on, off)
		}
	}
	if _, on := (URLSettings{"x": {{}}}).True("x"); !on {
		t.Error("a key without = is on")
	}
}
