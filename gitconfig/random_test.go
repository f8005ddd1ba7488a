package gitconfig

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

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
