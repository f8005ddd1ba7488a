package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// TestLiveCodes finds each code of a live run explained in both languages, and
// in the list of checks once.
func TestLiveCodes(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`code\{"(CCM[5-8][0-9]{2})"`).FindAllStringSubmatch(string(text), -1) {
			if slices.Contains(codes, m[1]) {
				t.Errorf("%s is there twice", m[1])
			}
			codes = append(codes, m[1])
		}
	}
	if len(codes) != len(LiveChecks) {
		t.Errorf("%d codes, %d checks", len(codes), len(LiveChecks))
	}
	for _, name := range []string{"doctor.md", "ja/doctor.md"} {
		page, err := os.ReadFile(filepath.Join("..", "docs", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if !strings.Contains(strings.ReplaceAll(string(page), "\r\n", "\n"), "\n### "+code+"\n") {
				t.Errorf("%s does not explain %s", name, code)
			}
		}
		for i := 1; i <= 57; i++ {
			if !regexp.MustCompile(`(?m)^\| (?:[0-9]+, )*` + strconv.Itoa(i) + `(?:, [0-9]+)* \|`).Match(page) {
				t.Errorf("%s: cause %d has no line", name, i)
			}
		}
	}
}

func TestRemoteReading(t *testing.T) {
	const host = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"
	for url, want := range map[string]struct {
		kind   remoteKind
		target string
	}{
		host: {asItIs, host},
		"https://AKIAIOSFODNN7EXAMPLE%25token@git-codecommit.us-east-1.amazonaws.com/v1/repos/demo": {asItIs, host},
		"https://git-codecommit.us-east-1.amazonaws.com:443/v1/repos/demo/":                         {slash, host},
		"https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo.git":                          {badPath, host},
		"https://git-codecommit.us-east-1.amazonaws.com/demo":                                       {badPath, host},
		"https://bob@git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":                          {embedded, host},
		"http://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":                               {plainHTTP, host},
		"ssh://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo":                                {overSSH, host},
		"codecommit::us-east-1://demo":                                                              {overGRC, host},
		"codecommit::us-east-1://profile@demo":                                                      {overGRC, host},
		"codecommit://demo":                                                                         {overGRC, ""},
		"https://git-codecommit.useast1.amazonaws.com/v1/repos/demo":                                {badHost, host},
		"https://codecommit.us-east-1.amazonaws.com/v1/repos/demo":                                  {badHost, host},
		"https://git-codecommit.mars.amazonaws.com/v1/repos/demo":                                   {badHost, ""},
		"https://github.com/a/b":                                                                    {foreign, ""},
		"git@github.com:a/b":                                                                        {foreign, ""},
		"/srv/git/demo":                                                                             {foreign, ""},
		"https://git-codecommit.us-east-1.amazonaws.com.evil.example/v1/repos/demo":                 {badHost, host},
		"https://git-codecommit-fips.us_gov_west_1.amazonaws.com/v1/repos/demo":                     {badHost, "https://git-codecommit-fips.us-gov-west-1.amazonaws.com/v1/repos/demo"},
	} {
		got := Remote{URL: url}.read()
		if got.kind != want.kind || got.target.URL != want.target {
			t.Errorf("%s: %v %q, want %v %q", url, got.kind, got.target.URL, want.kind, want.target)
		}
	}
}

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
		remotes[2].URL != "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/demo" || remotes[2].Rewritten == "" {
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
	for answer, want := range map[string]heldKind{
		"":                                   heldNothing,
		"username=x\n":                       heldNothing,
		"username=bob\npassword=p\n":         heldOther,
		"username=AKIAEXAMPLE\npassword=p\n": heldOther,
		"username=bob\npassword=20260101T000000Z" + hex + "\n":                           heldOther,
		"username=AKIAEXAMPLE\r\npassword=20260101T000000Z" + hex + "\r\n":               heldSignature,
		"username=ASIAEXAMPLE%tok=en\npassword=20260101T000000Z" + hex + "\n":            heldSignature,
		"password=abc=\nusername=bob-at-123456789012\n":                                  heldStatic,
		"username=AKIAEXAMPLE\npassword=20260101T000000Z" + hex + "0\n":                  heldOther,
		"username=ASIAEXAMPLE%\rhost=github.com\npassword=20260101T000000Z" + hex + "\n": heldOther,
	} {
		var h Held
		h.judge([]byte(answer))
		if h.Kind != want {
			t.Errorf("%q: %v, want %v", answer, h.Kind, want)
		}
		if want == heldSignature && !h.Signed.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
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
		h := Held{Helper: gitconfig.Helper{Entry: gitconfig.Entry{Value: value, Key: "helper"}, Kind: kind}}
		if strings.Contains(h.label(), "hunter2") {
			t.Errorf("%s", h.label())
		}
	}
	if got := withoutUser("https://bob:hunter2@h/p@q"); got != "https://…@h/p@q" {
		t.Error(got)
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
