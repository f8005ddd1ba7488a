package gitconfig

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// files are what users have before configure.
var files = map[string]string{
	"empty":               "",
	"plain":               "[user]\n\tname = A\n",
	"no end":              "[user]\n\tname = A",
	"no end, comment":     "[user]\n\tname = A # who",
	"no end, CRLF":        "[user]\r\n\tname = A",
	"no end, CR":          "[user]\n\tname = A\r",
	"CRLF":                "[user]\r\n\tname = A\r\n; x\r\n",
	"mixed":               "[user]\r\n\tname = A\n",
	"blank lines":         "\n\n[user]\n\n    name=A\n\n\n",
	"indented":            "   [user] name = A\n\t\t\temail =   a@b   ; c\n",
	"comments":            "# one\n; two\n[user] # three\n\tname = \"A # B\" # four\n",
	"continued":           "[alias]\n\tx = !a \\\n\t\tb \\\n\t\tc\n",
	"continued to no end": "[alias]\n\tx = !a \\\n",
	"BOM":                 "\xef\xbb\xbf[user]\n\tname = A\n",
	"BOM only":            "\xef\xbb\xbf",
	"include":             "[include]\n\tpath = ~/nothing\n[includeIf \"gitdir:/x/\"]\n\tpath = y\n",
	"AWS's recipe": "[credential]\n\thelper = !aws codecommit credential-helper $@\n\tUseHttpPath = true\n" +
		"[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper = !aws codecommit credential-helper $@\n[user]\n\tname = A\n",
	"own recipe by hand": "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper =\n\thelper = mfa\n\tuseHttpPath = true\n",
	"latin-1":            "[user]\n\tname = \xe9\n",
}

var someSections = []Section{{pattern, "/opt/git-credential-mfa --profile 'a b'"}, {repo, `/opt/x\ \(1\)/git-credential-mfa;`}}

func TestWithAndWithout(t *testing.T) {
	for name, text := range files {
		with := With([]byte(text), someSections, nil)
		if !bytes.HasPrefix(with, []byte(text)) {
			t.Errorf("%s: %q is not at the beginning of %q", name, text, with)
		}
		if back := Without(with); string(back) != text {
			t.Errorf("%s: %q came back as %q", name, text, back)
		}
		if again := With(with, someSections, nil); !bytes.Equal(with, again) {
			t.Errorf("%s: the second time made %q of %q", name, again, with)
		}
		if got := Sections(with); len(got) != 2 || got[0] != someSections[0] || got[1] != someSections[1] {
			t.Errorf("%s: %q", name, got)
		}
		if got := Sections([]byte(text)); got != nil {
			t.Errorf("%s: %q are not ours", name, got)
		}
		if crlf := strings.Contains(string(with), "\tuseHttpPath = true\r\n"); crlf != strings.HasSuffix(name, "CRLF") {
			t.Errorf("%s: the line ends are wrong: %q", name, with)
		}
	}
}

// What others do to the file in between stays.
func TestWithoutLeavesStrangers(t *testing.T) {
	const user = "[user]\n\tname = A\n"
	own := Block(someSections[:1])
	for name, test := range map[string]struct{ text, want string }{
		"after the block":          {user + own + "[core]\n\tx = y\n", user + "[core]\n\tx = y\n"},
		"after, once without end":  {string(With([]byte("[a]\n\tb = c"), someSections, nil)) + "[core]\n", "[a]\n\tb = c\n[core]\n"},
		"no end of the block":      {user + strings.TrimSuffix(own, "\n"), user},
		"two blocks":               {own + user + own, user},
		"git config --add":         {user + strings.Replace(own, "= true\n", "= true\n\tusername = x\n", 1), user + "[credential \"" + pattern + "\"]\n\tusername = x\n"},
		"git config, another":      {strings.Replace(own, "= true\n", "= true\n\thelper = store\n", 1), "[credential \"" + pattern + "\"]\n\thelper = store\n"},
		"a comment":                {strings.Replace(own, "\tuse", "\t# why\n\tuse", 1), "\t# why\n"},
		"another section":          {strings.Replace(own, endMark, user+"\thelper = mfa\n"+endMark, 1), user + "\thelper = mfa\n"},
		"begin lost":               {strings.TrimPrefix(own, beginMark+"\n") + user, user},
		"begin lost, theirs above": {"[credential]\n\thelper = mfa\n" + strings.TrimPrefix(own, beginMark+"\n"), "[credential]\n\thelper = mfa\n"},
		"end lost":                 {own[:strings.Index(own, endMark)] + user, user},
		"end lost, theirs below":   {own[:strings.Index(own, endMark)] + "[credential]\n\thelper = mfa\n", "[credential]\n\thelper = mfa\n"},
		"another program's name":   {user + strings.ReplaceAll(own, "/opt/"+program, "/opt/renamed"), user},
	} {
		if got := string(Without([]byte(test.text))); got != test.want {
			t.Errorf("%s: %q became %q, not %q", name, test.text, got, test.want)
		}
	}
}

func TestSectionsSkipsStrangers(t *testing.T) {
	text := strings.Replace(Block(someSections), "= true\n", "= true\n\thelper = store\n", 1)
	if got := Sections([]byte(text)); len(got) != 2 || got[0] != someSections[0] {
		t.Errorf("%q", got)
	}
}

func sections(want ...Section) func([]Section) ([]Section, error) {
	return func([]Section) ([]Section, error) { return want, nil }
}

// The same through the file system, with git reading what was written.
func TestInstallAndUninstall(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	ctx := context.Background()
	for name, text := range files {
		if name == "no end, CR" && runtime.GOOS == "windows" {
			continue
		}
		file := h.write(".gitconfig", text)
		if err := os.Chmod(file, 0o640); err != nil {
			t.Fatal(err)
		}
		if changed, err := h.git.Install(ctx, file, sections(Section{pattern, "mfa --profile x"})); !changed || err != nil {
			t.Errorf("%s: %v %v", name, changed, err)
		}
		if got := h.asked(repo); len(got) != 1 || got[0] != "mfa" {
			t.Errorf("%s: git asks %v", name, got)
		}
		before, _ := os.Stat(file)
		if changed, err := h.git.Install(ctx, file, sections(Section{pattern, "mfa --profile x"})); changed || err != nil {
			t.Errorf("%s: the second time: %v %v", name, changed, err)
		}
		after, _ := os.Stat(file)
		if !os.SameFile(before, after) || before.ModTime() != after.ModTime() {
			t.Errorf("%s: the second time wrote the file", name)
		}
		if runtime.GOOS != "windows" && after.Mode() != 0o640 {
			t.Errorf("%s: the mode became %v", name, after.Mode())
		}
		if changed, err := Uninstall(ctx, file); !changed || err != nil {
			t.Errorf("%s: %v %v", name, changed, err)
		}
		if got := h.read(".gitconfig"); got != text {
			t.Errorf("%s: %q came back as %q", name, text, got)
		}
		if changed, err := Uninstall(ctx, file); changed || err != nil {
			t.Errorf("%s: the second time: %v %v", name, changed, err)
		}
	}
}

// git's own commands work on the file with the block in it, and the block is
// still found after them.
func TestGitEditsAroundTheBlock(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	ctx := context.Background()
	file := h.write(".gitconfig", "[core]\n\tx = y\n[user]\n\tname = A\n")
	install := func() {
		t.Helper()
		if _, err := h.git.Install(ctx, file, sections(Section{pattern, "mfa"}, Section{repo, "mfa --profile x"})); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"--add", "credential." + pattern + ".username", "AKIA"}, {"user.email", "a@b"}, {"--remove-section", "user"},
		{"--add", "new.section", "z"}, {"--remove-section", "credential." + repo},
	} {
		install()
		if out, err := h.run("", append([]string{"config", "--global"}, args...)...); err != nil {
			t.Fatal(args, out)
		}
	}
	install()
	if got := h.asked(repo); len(got) != 1 || got[0] != "mfa" {
		t.Errorf("git asks %v:\n%s", got, h.read(".gitconfig"))
	}
	if _, err := Uninstall(ctx, file); err != nil {
		t.Fatal(err)
	}
	want := "[core]\n\tx = y\n[credential \"" + pattern + "\"]\n\tusername = AKIA\n[new]\n\tsection = z\n"
	if got := h.read(".gitconfig"); got != want {
		t.Errorf("%q, not %q", got, want)
	}
}

// A block as older versions wrote it, without proactiveAuth, is still ours: it
// is replaced as a whole, and taken out as a whole.
func TestOlderBlock(t *testing.T) {
	text := "[user]\n\tname = A\n"
	current := With([]byte(text), someSections, nil)
	var older []byte
	for line := range strings.Lines(string(current)) {
		if !strings.HasPrefix(line, "[http ") && !strings.Contains(line, "proactiveAuth") {
			older = append(older, line...)
		}
	}
	if len(older) == len(current) {
		t.Fatalf("no proactiveAuth in %q", current)
	}
	if got := With(older, Sections(older), nil); !bytes.Equal(got, current) {
		t.Errorf("%q became %q", older, got)
	}
	if got := Without(older); string(got) != text {
		t.Errorf("%q came back as %q", older, got)
	}
}

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
		"broken":         {full, "[credential]\n\thelper\n", "git does not accept the value of credential.helper"},
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

// TestPosition writes "@" for the block in a file, and for where it belongs.
func TestPosition(t *testing.T) {
	leads := func(path string) bool { return strings.HasPrefix(path, "client") }
	sections := []Section{{pattern, "/opt/git-credential-mfa"}}
	for name, c := range map[string][2]string{
		"nothing there":               {"", "@"},
		"a new block":                 {"[core]\n\ta = b\n", "[core]\n\ta = b\n@"},
		"a new one, and an include":   {"[core]\n\ta = b\n[includeIf \"gitdir:~/x/\"]\n\tpath = client.inc\n", "[core]\n\ta = b\n@[includeIf \"gitdir:~/x/\"]\n\tpath = client.inc\n"},
		"an include of other things":  {"[include]\n\tpath = colours\n", "[include]\n\tpath = colours\n@"},
		"it stays":                    {"@[core]\n\ta = b\n", "@[core]\n\ta = b\n"},
		"before an include":           {"@[includeIf \"gitdir:~/x/\"]\n\tpath = client.inc\n", "@[includeIf \"gitdir:~/x/\"]\n\tpath = client.inc\n"},
		"a helper behind it":          {"@[credential]\n\thelper = store\n", "[credential]\n\thelper = store\n@"},
		"a reset behind it":           {"@[credential]\n\thelper =\n[core]\n\ta = b\n", "[credential]\n\thelper =\n[core]\n\ta = b\n@"},
		"a helper for others":         {"@[credential \"https://github.com\"]\n\thelper = gh\n", "@[credential \"https://github.com\"]\n\thelper = gh\n"},
		"a helper before an include":  {"@[credential]\n\thelper = store\n[include]\n\tpath = client\n", "[credential]\n\thelper = store\n@[include]\n\tpath = client\n"},
		"two includes in one section": {"@[credential]\n\thelper = store\n[include]\n\tpath = colours\n\tpath = client\n", "[credential]\n\thelper = store\n@[include]\n\tpath = colours\n\tpath = client\n"},
	} {
		text := []byte(strings.Replace(c[0], "@", Block(sections), 1))
		if got := strings.Replace(string(With(text, sections, leads)), Block(sections), "@", 1); got != c[1] {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c[1])
		}
		if got, want := string(Without(With(text, sections, leads))), strings.Replace(c[0], "@", "", 1); got != want {
			t.Errorf("%s: got back\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestLeads follows includes as git does, and files that include each other no
// further.
func TestLeads(t *testing.T) {
	home := t.TempDir()
	for name, text := range map[string]string{
		"client":  "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper =\n\thelper = mfa\n",
		"outer":   "[include]\n\tpath = client\n",
		"circle":  "[include]\n\tpath = circle\n\tpath = circle\n",
		"store":   "[credential]\n\thelper = store\n",
		"emptied": "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper =\n",
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leads := Git{Env: []string{"HOME=" + home}}.leads(filepath.Join(home, ".gitconfig"), 1)
	for path, want := range map[string]bool{"client": true, "~/client": true, filepath.Join(home, "outer"): true, "outer": true,
		"circle": false, "store": false, "emptied": false, "missing": false, "~/": false} {
		if got := leads(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// TestInstallBeforeInclude has git itself say who is asked in a folder of its
// own profile, after a second configure.
func TestInstallBeforeInclude(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err) // as under Wine
	}
	home := t.TempDir()
	file := filepath.Join(home, ".gitconfig")
	g := Git{Env: append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1"), Dir: home}
	install := func(file, helper string) {
		t.Helper()
		if _, err := g.Install(context.Background(), file, func([]Section) ([]Section, error) { return []Section{{pattern, helper}}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	install(filepath.Join(home, "client.inc"), "/opt/git-credential-mfa --profile client")
	install(file, "/opt/git-credential-mfa")
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(text, "[include]\n\tpath = client.inc\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	install(file, "/opt/git-credential-mfa --duration 1h")
	entries, err := g.Entries(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	chain, err := Effective(entries, sample(pattern))
	if err != nil || len(chain.Helpers) != 1 || !strings.HasSuffix(chain.Helpers[0].Value, "--profile client") {
		t.Errorf("%v, %+v", err, chain)
	}
}
