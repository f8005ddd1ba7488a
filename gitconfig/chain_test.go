package gitconfig

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What people have in their files, what real git makes of it, and what we say
// that it does.
func TestChainIsGits(t *testing.T) {
	t.Parallel()
	const unscoped = "[credential]\n\thelper = "
	for _, test := range []struct {
		name  string
		files map[string]string
		env   []string
		want  string // for CodeCommit
		other string // for github.com
	}{
		{name: "nothing"},
		{name: "system only", files: map[string]string{"system": unscoped + "manager\n"}, want: "manager", other: "manager"},
		{name: "reset in a section for the host", files: map[string]string{"system": unscoped + "manager\n", ".gitconfig": block}, want: "mfa", other: "manager"},
		{name: "no reset", files: map[string]string{"system": unscoped + "manager\n", ".gitconfig": strings.Replace(block, "\thelper =\n", "", 1)}, want: "manager mfa", other: "manager"},
		{name: "a section for every host below", files: map[string]string{".gitconfig": block + unscoped + "osxkeychain\n"}, want: "mfa osxkeychain", other: "osxkeychain"},
		{name: "GCM configure below", files: map[string]string{".gitconfig": block + "[credential]\n\thelper =\n\thelper = manager\n"}, want: "manager", other: "manager"},
		{name: "a section for every host above", files: map[string]string{".gitconfig": unscoped + "osxkeychain\n" + block}, want: "mfa", other: "osxkeychain"},
		{name: "the repository's helper", files: map[string]string{".gitconfig": block, "work/.git/config": unscoped + "wincred\n"}, want: "mfa wincred", other: "wincred"},
		{name: "the repository's reset", files: map[string]string{".gitconfig": block + unscoped + "wincred\n", "work/.git/config": block}, want: "mfa", other: "wincred"},
		{name: "system block, user's helper", files: map[string]string{"system": block, ".gitconfig": unscoped + "osxkeychain\n"}, want: "mfa osxkeychain", other: "osxkeychain"},
		{name: "include below", files: map[string]string{".gitconfig": block + "[include]\n\tpath = more\n", "more": unscoped + "libsecret\n"}, want: "mfa libsecret", other: "libsecret"},
		{name: "include above", files: map[string]string{".gitconfig": "[include]\n\tpath = more\n" + block, "more": unscoped + "libsecret\n"}, want: "mfa", other: "libsecret"},
		{name: "GIT_CONFIG_COUNT", files: map[string]string{".gitconfig": block}, env: []string{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=wincred"}, want: "mfa wincred", other: "wincred"},
		{name: "git -c helper", files: map[string]string{".gitconfig": block}, env: []string{"GIT_CONFIG_PARAMETERS='credential.helper=wincred'"}, want: "mfa wincred", other: "wincred"},
		{name: "git -c reset", files: map[string]string{"system": unscoped + "manager\n", ".gitconfig": block}, env: []string{"GIT_CONFIG_PARAMETERS='credential.helper='"}},
		{name: "XDG is read first", files: map[string]string{".config/git/config": unscoped + "libsecret\n", ".gitconfig": block}, want: "mfa", other: "libsecret"},
		{name: "port and user", files: map[string]string{".gitconfig": "[credential \"https://git-codecommit.*.amazonaws.com:443\"]\n helper = mfa\n[credential \"https://bob@" + host + "\"]\n helper = wincred\n[credential \"https://" + host + ":8443\"]\n helper = manager\n"}, want: "mfa"},
		{name: "path", files: map[string]string{".gitconfig": "[credential \"https://" + host + "/v1/repos\"]\n helper = mfa\n[credential \"https://" + host + "/v1/rep\"]\n helper = wincred\n"}, want: "mfa"},
		{name: "scheme only", files: map[string]string{".gitconfig": "[credential \"https://\"]\n helper = mfa\n[credential \"http://\"]\n helper = wincred\n[credential \"*\"]\n helper = manager\n"}, want: "mfa", other: "mfa"},
		{name: "GIT_CONFIG is for git config only", files: map[string]string{".gitconfig": block, "more": unscoped + "wincred\n"}, env: []string{"GIT_CONFIG=../more"}, want: "mfa"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			for name, text := range test.files {
				h.append(name, text)
			}
			h.setenv(test.env...)
			for url, want := range map[string]string{repo: test.want, "https://github.com/o/r.git": test.other} {
				asked := h.asked(url)
				if !slices.Equal(asked, strings.Fields(want)) {
					t.Errorf("git asks %v for %s, not %q", asked, url, want)
				}
				if got := values(h.chain(url).Helpers); !slices.Equal(got, asked) {
					t.Errorf("computed %v for %s, and git asks %v", got, url, asked)
				}
			}
			checkLines(t, h.entries())
		})
	}
}

// Settings by which git stops leave no chain to work out.
func TestBroken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[credential]\n\thelper\n", "[credential]\n\tuseHttpPath = maybe\n", "[credential]\n\tuseHttpPath\n", "[credential \"https://\"]\n\tusername\n"} {
		h := newHome(t)
		h.write(".gitconfig", text+block)
		if out, err := h.run("url="+repo+"\n", "credential", "fill"); err == nil || len(h.calls("fill", "url="+repo+"\n")) > 0 {
			t.Errorf("git goes on after %q: %s", text, out)
		}
		chain := h.chain(repo)
		if chain.Broken == nil || chain.Broken.Line != 2 {
			t.Errorf("%q: %+v", text, chain)
		}
	}
}

func TestAfterOurs(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("system", "[credential]\n\thelper = manager\n")
	global := h.write(".gitconfig", block)
	h.append("work/.git/config", "# a comment\n[credential]\n\thelper = \"wincred\" ; which\n\tusername = bob\n\tuseHttpPath = no\n")
	chain := h.chain(repo)
	if h := chain.Helpers[0]; !h.Ours || h.Origin != global || h.Line != 3 || h.Scope != "global" || h.Kind != Name {
		t.Errorf("%+v", h)
	}
	local := h.path("work/.git/config")
	if h := chain.Helpers[1]; h.Ours || h.Origin != local || h.Scope != "local" || h.Place() != fmt.Sprintf("%s:%d", local, h.Line) {
		t.Errorf("%+v", h)
	}
	if chain.UseHTTPPath || chain.UseHTTPPathFrom.Origin != local || chain.Username.Value != "bob" {
		t.Errorf("%+v", chain)
	}
	concerns, err := Concerns(h.entries(), []string{repo, repo + "2"})
	if err != nil || len(concerns) != 3 {
		t.Fatal(concerns, err)
	}
	for i, text := range []string{"credential.helper = wincred comes after", "credential.usehttppath = no keeps", "credential.username = bob is sent"} {
		if line := concerns[i].String(); !strings.Contains(line, text) || !strings.HasPrefix(line, local+":") {
			t.Error(line)
		}
	}
}

// A file in a folder below is named by git from the top of the worktree.
func TestOriginFromBelow(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.append("work/.git/config", "[credential]\n\thelper = mfa\n")
	h.write("work/deep/down/file", "")
	h.git.Dir = h.path("work/deep/down")
	if e := h.entries()[len(h.entries())-1]; e.Origin != h.path("work/.git/config") || e.Line == 0 {
		t.Errorf("%+v", e)
	}
}

// The same setting twice is two settings, on two lines; a file that is read
// twice gives the same lines twice.
func TestLinesOfEqualSettings(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(".gitconfig", "[credential]\n\thelper = mfa\n\thelper = mfa\n[include]\n\tpath = more\n\tpath = more\n[credential]\n\thelper = mfa\n")
	h.write("more", "[credential]\n\thelper = x\n\thelper = x\n")
	var lines []int
	for _, e := range h.entries() {
		if e.Section == section {
			lines = append(lines, e.Line)
		}
	}
	if !slices.Equal(lines, []int{2, 3, 2, 3, 2, 3, 8}) {
		t.Error(lines)
	}
}

func TestRemovedBy(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(".gitconfig", block+"[credential]\n\thelper =\n\thelper = manager\n")
	chain := h.chain(repo)
	if chain.RemovedBy == nil || chain.RemovedBy.Line != 6 || chain.Reached() {
		t.Errorf("%+v", chain)
	}
	h.append(".gitconfig", "[credential]\n\thelper = mfa --profile x\n")
	if chain := h.chain(repo); chain.RemovedBy != nil || !chain.Reached() {
		t.Errorf("%+v", chain)
	}
}

// What a reset takes out of the chain may still hold what it was told before.
func TestNamed(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("system", "[credential]\n\thelper = manager\n[credential \"https://github.com\"]\n\thelper = wincred\n")
	h.write(".gitconfig", "[credential]\n\thelper =\n\thelper = manager\n"+block)
	named, err := Named(h.entries(), repo)
	if got := values(named); err != nil || !slices.Equal(got, []string{"manager", "mfa"}) {
		t.Error(got, err)
	}
	if named[0].Scope != "system" {
		t.Error(named)
	}
}

func TestParseEntriesRefuses(t *testing.T) {
	for _, out := range []string{"x", "global\x00file:x\x00credential.helper\n", "global\x00file:x\x00", "global\x00file:x\x00editor\nvi\x00"} {
		if entries, err := ParseEntries([]byte(out), true); err == nil {
			t.Errorf("%q: %v", out, entries)
		}
	}
	if entries, err := ParseEntries(nil, true); err != nil || len(entries) != 0 {
		t.Error(entries, err)
	}
	entries, err := ParseEntries([]byte("file:/x y\x00credential.https://a.b.helper\nv\nw\x00"), false)
	if err != nil || len(entries) != 1 || entries[0].Label != "https://a.b" || entries[0].Value != "v\nw" || entries[0].Origin != "/x y" {
		t.Error(entries, err)
	}
}

var randomURLs = []string{
	repo, repo, "https://bob@" + host + "/v1/repos/demo", "https://GIT-CodeCommit.us-east-1.AMAZONAWS.com:443/v1/repos/demo",
	"https://" + host + ":8443/v1/repos/a%20b", "http://" + host + "/v1/repos/demo", "https://" + host + "./v1/repos/demo/",
	"https://" + host + "/v1/repos/../x?a=b#c", "https://" + host, "https://bob:pw@" + host + ":0443//v1/repos/demo//",
	"https://vpce-0a.git-codecommit.eu-west-1.vpce.amazonaws.com/v1/repos/demo", "https://github.com/o/r.git",
	"https://bo%2fb@" + host + "/v1/repos/d%c3%a9mo", "https://@" + host + "/v1/repos/demo",
}

var randomLabels = []string{
	"", "", "", "", pattern, pattern, pattern + "/", "https://" + host, "https://" + host + ":443", "https://" + host + ":8443",
	"https://" + host + ":08443/", "https://bob@" + host, "https://bob@git-codecommit.*.amazonaws.com", "https://eve@" + host, "bob@" + host,
	"https://@" + host, "https://bob:x@" + host, "HTTPS://GIT-CODECOMMIT.*.amazonaws.COM", "https://" + host + ".", host, host + ":8443",
	"https://", "http://", "https:///v1/repos/demo", "*", "https://*", "http://git-codecommit.*.amazonaws.com",
	"https://*.*.amazonaws.com", "https://*.amazonaws.com", "https://git-codecommit.us-*.amazonaws.com", "https://*.*.*.*",
	"https://git-codecommit*.us-east-1.amazonaws.com", pattern + ":8443/v1", pattern + "/v1", pattern + "/v1/", pattern + "/v1/rep",
	pattern + "/v1/repos/demo", pattern + "/v1/repos/demo/", "/v1/repos/demo", "v1/repos/demo", host + "/v1/repos/demo", host + "/v1/repos/demo/",
	"https://" + host + "/v1/./repos", "https://" + host + "/v1/x/../repos/", "https://" + host + "/../v1", "https://" + host + "/%76%31",
	"https://" + host + "/v1/repos/a%20b", "https://" + host + "/v1/repos/a b", "https://" + host + "/v1/repos/%2e%2e/x",
	"https://" + host + "/v1/repos/%zz", "https://" + host + "/v1/repos/d\u00e9mo", "https://bo%2Fb@" + host, "https://bo/b@" + host,
	"https://*.git-codecommit.*.vpce.amazonaws.com", "https://github.com", "github.com", "https://git-codecommit.%2a.amazonaws.com",
	"bob@", "https://bob@", "", "https://" + host + "//v1/repos/demo", "https://" + host + "/v1/repos/../x?a=b#c",
}

// randomConfig fills the files of a home, and returns a word for each helper.
func randomConfig(h *home, r *rand.Rand) {
	n := 0
	for _, file := range []string{"system", ".config/git/config", ".gitconfig", "more", "work/.git/config"} {
		var text strings.Builder
		for range r.IntN(5) {
			text.WriteString([]string{"", "# [credential]\n", "\n", "[user]\n\tname = \"x ; y\" \\\n\n", "; x\r\n"}[r.IntN(5)])
			label := randomLabels[r.IntN(len(randomLabels))]
			if label == "" {
				text.WriteString("[credential]\n")
			} else {
				fmt.Fprintf(&text, "[Credential \"%s\"] # x\n", label)
			}
			for range 1 + r.IntN(3) {
				n++
				fmt.Fprintf(&text, "\t%s\n", randomSetting(r, n))
			}
		}
		if file == ".gitconfig" {
			text.WriteString("[include]\n\tpath = more\n")
			fmt.Fprintf(&text, "[credential]\n\t%s\n", randomSetting(r, n+100))
		}
		if file == "work/.git/config" {
			text.WriteString("[core]\n\trepositoryFormatVersion = 0\n")
		}
		h.write(file, text.String())
	}
	if r.IntN(4) == 0 {
		label := randomLabels[r.IntN(len(randomLabels))]
		key := strings.TrimPrefix(label+".", ".")
		h.setenv("GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential."+key+"helper", "GIT_CONFIG_VALUE_0="+recorder("c"))
	}
}

// recorder is a helper that notes its name and what it is told.
func recorder(name string) string { return `!{ echo "= get ` + name + `"; cat; } >>"$LOG"; :` }

func randomSetting(r *rand.Rand, n int) string {
	switch r.IntN(10) {
	case 0, 1:
		return "helper ="
	case 2:
		return "useHttpPath = " + []string{"true", "false", "0", "Yes", "\"\"", "2k"}[r.IntN(6)]
	case 3:
		return "username = " + []string{"bob", "eve", "bo/b"}[r.IntN(3)]
	case 4:
		return "Helper=" + escapeValue(recorder(fmt.Sprint("h", n))) + " # comment"
	}
	return "helper = " + escapeValue(recorder(fmt.Sprint("h", n)))
}

// What we work out is what real git does, for whatever is in its files.
func TestChainOfRandomFilesIsGits(t *testing.T) {
	t.Parallel()
	const runs = 240
	seen := map[string]int{}
	h := newHome(t)
	env := h.git.Env
	for seed := range uint64(runs) {
		h.git.Env = slices.Clone(env)
		r := rand.New(rand.NewPCG(seed, 1))
		randomConfig(h, r)
		entries := h.entries()
		checkLines(t, entries)
		url := randomURLs[r.IntN(len(randomURLs))]
		calls := h.calls("fill", "url="+strings.Replace(url, "bob:pw@", "bob@", 1)+"\n")
		chain, err := Effective(entries, url)
		if err != nil {
			t.Fatal(url, err)
		}
		if problem := differs(chain, url, calls); problem != "" {
			t.Errorf("seed %d, %s: %s\ngit: %+v\nwe: %+v", seed, url, problem, calls, chain)
			for _, e := range entries {
				t.Logf("%s: %s = %s", e.Place(), e.Name(), e.Value)
			}
		}
		seen[fmt.Sprint(min(len(calls), 3))]++
	}
	if len(seen) < 4 {
		t.Errorf("the files are too much alike: %v", seen)
	}
}

// differs says how a chain is not what git did.
func differs(chain Chain, url string, calls []call) string {
	var want []string
	for _, c := range calls {
		want = append(want, recorder(c.helper))
	}
	if !slices.Equal(values(chain.Helpers), want) {
		return "other helpers"
	}
	if chain.Broken != nil {
		return "not broken"
	}
	for _, c := range calls {
		asked, _ := parseTarget(url, false)
		if asked.path != "" && (c.path != "") != chain.UseHTTPPath {
			return "useHttpPath"
		}
		user, hasUser := asked.user, asked.hasUser
		if chain.Username != nil {
			user, hasUser = chain.Username.Value, true
		}
		if c.username != user || c.hasUser != hasUser {
			return "username"
		}
	}
	return ""
}
