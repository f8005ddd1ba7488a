package gitconfig

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"testing"
)

func TestInert(t *testing.T) {
	env := Inert([]string{"A=b", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=x"})
	for _, want := range []string{"A=b", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_KEY_1=core.fsmonitor", "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ASKPASS="} {
		if !slices.Contains(env, want) {
			t.Errorf("no %s in %v", want, env)
		}
	}
	if slices.Contains(env, "GIT_CONFIG_COUNT=1") {
		t.Error("the old count stays")
	}
}

// TestPersonalValues: a user's includeIf for the repository counts, the
// repository's own settings do not. Where git can't tell them apart, the
// repository is left out altogether.
func TestPersonalValues(t *testing.T) {
	h := newHome(t)
	h.write(".gitconfig", "[http]\n\tproxy = http://one\n\tsslCAInfo = ~/ca.pem\n[includeIf \"gitdir:~/w*k/\"]\n\tpath = included\n[includeIf \"gitdir:~/other/\"]\n\tpath = other\n")
	h.write("included", "[http]\n\tproxy = http://two\n[http \"https://github.com\"]\n\tproxy = http://three\n")
	h.write("other", "[http]\n\tproxy = http://four\n")
	h.append("work/.git/config", "[http]\n\tproxy = http://theirs\n\tsslCAPath = /theirs\n[http \""+repo+"\"]\n\tproxy = http://theirs\n[include]\n\tpath = more\n")
	h.write("work/.git/more", "[http]\n\tsslVerify = false\n")
	ctx := context.Background()
	want := map[string]string{"http.proxy": "http://two", "http.sslcainfo": filepath.ToSlash(h.path("ca.pem"))}
	if got := h.git.URLValues(ctx, "http", repo, true); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if got := h.git.URLValues(ctx, "http", repo, false); got["http.proxy"] != "http://theirs" || got["http.sslcapath"] != "/theirs" || got["http.sslverify"] != "false" {
		t.Errorf("the repository's own count otherwise: %v", got)
	}
	h.append(".gitconfig", "[http]\n\tsslTry\n")
	want["http.proxy"], want["http.ssltry"] = "http://one", ""
	if got := h.git.URLValues(ctx, "http", repo, true); !maps.Equal(got, want) {
		t.Errorf("with a setting that is no path: %v", got)
	}
	h.git.Dir = h.dir
	if got := h.git.URLValues(ctx, "credential", repo, true); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
