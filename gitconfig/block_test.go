package gitconfig

import (
	"bytes"
	"context"
	"os"
	"runtime"
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
