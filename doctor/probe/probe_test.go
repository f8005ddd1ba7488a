package probe

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
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

func TestJudgeHeld(t *testing.T) {
	hex := strings.Repeat("0f", 32)
	for answer, want := range map[string]doctor.StoredKind{
		"":                                   "",
		"username=x\n":                       "",
		"username=bob\npassword=p\n":         doctor.OtherPassword,
		"username=AKIAEXAMPLE\npassword=p\n": doctor.OtherPassword,
		"username=bob\npassword=20260101T000000Z" + hex + "\n":                           doctor.OtherPassword,
		"username=AKIAEXAMPLE\r\npassword=20260101T000000Z" + hex + "\r\n":               doctor.SignedPassword,
		"username=ASIAEXAMPLE%tok=en\npassword=20260101T000000Z" + hex + "\n":            doctor.SignedPassword,
		"password=abc=\nusername=bob-at-123456789012\n":                                  doctor.GitCredential,
		"username=AKIAEXAMPLE\npassword=20260101T000000Z" + hex + "0\n":                  doctor.OtherPassword,
		"username=ASIAEXAMPLE%\rhost=github.com\npassword=20260101T000000Z" + hex + "\n": doctor.OtherPassword,
	} {
		var h otherHelper
		h.judge([]byte(answer))
		if h.Kind != want {
			t.Errorf("%q: %v, want %v", answer, h.Kind, want)
		}
		if want == doctor.SignedPassword && !h.Signed.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%q: %v", answer, h.Signed)
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

func TestInertEnv(t *testing.T) {
	env := inertEnv([]string{"A=b", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=x"})
	for _, want := range []string{"A=b", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_KEY_1=core.fsmonitor", "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ASKPASS="} {
		if !slices.Contains(env, want) {
			t.Errorf("no %s in %v", want, env)
		}
	}
	if slices.Contains(env, "GIT_CONFIG_COUNT=1") {
		t.Error("the old count stays")
	}
}
