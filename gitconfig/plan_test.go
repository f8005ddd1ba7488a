package gitconfig

import (
	"slices"
	"strings"
	"testing"
)

func TestPlan(t *testing.T) {
	const path = "/new/git-credential-mfa"
	host1, host2 := Section{"https://git-codecommit.*.amazonaws.com", "/old/x --profile a"}, Section{"https://h2", path + " --profile b"}
	repo1, repo2 := Section{"https://h/v1/repos/one", "/old/x --profile 'c d'"}, Section{"https://h/v1/repos/two", path + " --profile e"}
	moved := func(s Section) Section { return Section{s.Label, strings.Replace(s.Helper, "/old/x", path, 1)} }
	repo1New := Section{repo1.Label, path}
	for name, test := range map[string]struct{ old, wanted, want []Section }{
		"first time":                   {nil, []Section{host1, host2}, []Section{host1, host2}},
		"other hosts":                  {[]Section{host1, repo1}, []Section{host2}, []Section{host2, moved(repo1)}},
		"a repository":                 {[]Section{host1}, []Section{repo2}, []Section{moved(host1), repo2}},
		"one more":                     {[]Section{host1, repo1}, []Section{repo2}, []Section{moved(host1), moved(repo1), repo2}},
		"the same, another profile":    {[]Section{host1, repo1, repo2}, []Section{repo1New}, []Section{moved(host1), repo1New, repo2}},
		"a repository without hosts":   {nil, []Section{repo2}, []Section{repo2}},
		"a repository stands in front": {[]Section{repo1}, []Section{host2}, []Section{host2, moved(repo1)}},
	} {
		got, err := Plan(test.old, test.wanted, path)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, not %v: %v", name, got, test.want, err)
		}
	}
}

// Every host that CodeCommit has is under one of the labels.
func TestHosts(t *testing.T) {
	all := slices.Concat(Hosts(), RegionHosts("us-east-1"), RegionHosts("cn-north-1"), RegionHosts("eusc-de-east-1"))
	for _, url := range []string{
		"https://git-codecommit.eu-west-1.amazonaws.com/x", "https://git-codecommit-fips.us-gov-west-1.amazonaws.com/x",
		"https://git-codecommit.cn-north-1.amazonaws.com.cn/x", "https://git-codecommit.eusc-de-east-1.amazonaws.eu/x",
		"https://vpce-1-a.git-codecommit.us-east-1.vpce.amazonaws.com/x", "https://vpce-1-a.git-codecommit-fips.us-east-1.vpce.amazonaws.com/x",
	} {
		at, _ := normalise(url, false)
		if !slices.ContainsFunc(Hosts(), func(label string) bool { l, ok := normalise(label, true); return ok && at.matches(l) }) {
			t.Errorf("no label for %s", url)
		}
	}
	for _, label := range all {
		if !isCodeCommit(label) {
			t.Errorf("%s would not be found again", label)
		}
		if at, ok := normalise(sample(label), false); !ok || at.path != "/v1/repos/demo" || strings.Contains(at.host, "*") {
			t.Errorf("%s: %+v", label, at)
		}
	}
}

func TestConcerns(t *testing.T) {
	t.Parallel()
	full := Block([]Section{{pattern, "mfa"}})
	for name, test := range map[string]struct{ global, local, want string }{
		"none":           {full, "", ""},
		"not there":      {"", "", "git does not ask this helper for " + repo},
		"GCM below":      {full, "[credential]\n\thelper =\n\thelper = manager\n", "the empty credential.helper removes this helper for " + repo},
		"helper above":   {"[credential]\n\thelper = manager\n" + strings.Replace(full, "\thelper =\n", "", 1), "", "/.gitconfig:2: credential.helper = manager comes before this helper"},
		"helper below":   {full, "[credential \"" + pattern + "\"]\n\thelper = store\n", "credential." + pattern + ".helper = store comes after this helper"},
		"no path":        {strings.Replace(full, "\tuseHttpPath = true\n", "", 1), "", "credential.useHttpPath is not set for " + repo},
		"path below":     {full, "[credential]\n\tuseHttpPath = 0\n", "credential.usehttppath = 0 keeps the path"},
		"name":           {full, "[credential]\n\tusername = bob\n", "credential.username = bob is sent for"},
		"our own name":   {full, "[credential]\n\tusername = AKIAIOSFODNN7EXAMPLE\n", ""},
		"broken":         {full, "[credential]\n\thelper\n", "git stops at credential.helper"},
		"another region": {full, "[credential \"https://git-codecommit.eu-west-3.amazonaws.com\"]\n\thelper = store\n", "after this helper for https://git-codecommit.eu-west-3.amazonaws.com/v1/repos/demo"},
		"another host":   {full, "[credential \"https://github.com\"]\n\thelper = store\n", ""},
	} {
		h := newHome(t)
		h.write(".gitconfig", test.global)
		h.append("work/.git/config", test.local)
		entries := h.entries()
		concerns, err := Concerns(entries, Samples([]Section{{pattern, "mfa"}}, entries))
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want == "" && len(concerns) > 0, test.want != "" && len(concerns) != 1:
			t.Errorf("%s: %v", name, concerns)
		case test.want != "" && !strings.Contains(concerns[0].String(), test.want):
			t.Errorf("%s: %v lacks %q", name, concerns[0], test.want)
		}
	}
}
