package probe

import (
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

func TestRewrite(t *testing.T) {
	settings := []setting{
		{"global", "file:/g", "url.https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/.insteadof", "cc:"},
		{"global", "file:/g", "url.https://long/.insteadof", "cc:demo/"},
		{"local", "file:.git/config", "remote.up.url", "cc:demo"},
		{"local", "file:.git/config", "remote.origin.url", "cc:demo/x"},
		{"local", "file:.git/config", "remote.origin.pushurl", "https://h/x"},
	}
	remotes := remotesOf(settings)
	if len(remotes) != 3 || remotes[0].URL != "https://long/x" || !remotes[1].Push ||
		remotes[2].URL != "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/demo" || remotes[2].RewrittenAt == "" {
		t.Errorf("%+v", remotes)
	}
}

func TestHeader(t *testing.T) {
	const url = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"
	one := setting{"global", "file:/g", "http.https://git-codecommit.*.amazonaws.com.extraheader", "AUTHORIZATION: Basic x"}
	other := setting{"global", "file:/g", "http.https://github.com.extraheader", "Authorization: Basic x"}
	empty := setting{"local", "file:/l", "http.extraheader", ""}
	for _, c := range []struct {
		settings []setting
		want     string
	}{{[]setting{one}, "/g"}, {[]setting{other}, ""}, {[]setting{one, empty}, ""}, {[]setting{{"", "file:/g", "http.extraheader", "X-A: b"}}, ""}} {
		if got := header(c.settings, url); got != c.want {
			t.Errorf("%v: %q", c.settings, got)
		}
	}
}

// TestHeldLabel: a helper's line may hold a password.
func TestHeldLabel(t *testing.T) {
	for value, kind := range map[string]gitconfig.Kind{
		"!f() { echo username=bob; echo password=hunter2; }; f": gitconfig.Shell,
		"/opt/helper --password hunter2":                        gitconfig.Path,
		"foo --secret=hunter2":                                  gitconfig.Name,
	} {
		h := plainHelper(gitconfig.Helper{Entry: gitconfig.Entry{Value: value, Key: "helper"}, Kind: kind})
		if strings.Contains(h.Label, "hunter2") {
			t.Errorf("%s", h.Label)
		}
	}
}
