package probe

import (
	"context"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// settingsOf are settings, each as scope, file, name and value.
func settingsOf(t *testing.T, settings ...[4]string) []gitconfig.Entry {
	t.Helper()
	var out strings.Builder
	for _, s := range settings {
		out.WriteString(s[0] + "\x00file:" + s[1] + "\x00" + s[2] + "\n" + s[3] + "\x00")
	}
	all, err := gitconfig.ParseEntries([]byte(out.String()), true)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRemotesOf(t *testing.T) {
	remotes := remotesOf(settingsOf(t,
		[4]string{"global", "/g", "url.https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/.insteadof", "cc:"},
		[4]string{"global", "/g", "url.https://long/.insteadof", "cc:demo/"},
		[4]string{"global", "/g", "url.ssh://h/.pushinsteadof", "cc:"},
		[4]string{"local", ".git/config", "remote.up.url", "cc:demo"},
		[4]string{"local", ".git/config", "remote.origin.url", "cc:demo/x"},
		[4]string{"local", ".git/config", "remote.origin.pushurl", "https://h/x"},
	))
	if len(remotes) != 4 || remotes[0].URL != "https://long/x" || !remotes[1].Push || remotes[1].URL != "https://h/x" ||
		remotes[2].URL != "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/demo" || remotes[2].RewrittenAt == "" ||
		remotes[3].URL != "ssh://h/demo" || !remotes[3].Push || remotes[3].RewrittenBy != "pushInsteadOf" {
		t.Errorf("%+v", remotes)
	}
}

// TestHelperLabel: a helper's line may hold a password.
func TestHelperLabel(t *testing.T) {
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

// Where there is no git, the way to AWS is that of the environment.
func TestWayWithoutGit(t *testing.T) {
	proxy := map[string]string{"HTTPS_PROXY": "http://proxy.example:3128"}
	system := System{Getenv: func(name string) string { return proxy[name] }, Environ: []string{"HTTPS_PROXY=" + proxy["HTTPS_PROXY"]}}
	p := readSettings(context.Background(), system, Options{URL: "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"}, nil)
	p.readWay(nil)
	if _, shown, err := p.wayTo(context.Background()); err != nil || shown != proxy["HTTPS_PROXY"] {
		t.Errorf("%q, %v", shown, err)
	}
}
