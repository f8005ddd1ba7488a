package gitconfig

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// Folders and options as people have them, run by real git.
func TestCommandIsRunByGit(t *testing.T) {
	t.Parallel()
	folders := []string{"plain", "sp ace (x86)", "two  blanks ", "b\u00fcro \u65e5\u672c", "semi;colon#hash", "q'uote", "$HOME`x`&a", "[a]{b}!~^%=,+@"}
	if runtime.GOOS != "windows" {
		folders = append(folders, `double"quote`, `back\slash\n`, "st*r?<>|:")
	}
	args := []string{"--profile", "my profile", "--mfa-serial", "arn:aws:iam::123456789012:mfa/a.b+c=d,e@f", "--mfa-process", `op 'item' "get" $x \n # ; é`, "--keyring", ""}
	for _, folder := range folders {
		h := newHome(t)
		path := h.write(folder+"/git-credential-mfa", "#!/bin/sh\nfor word; do printf '= %s\\n' \"$word\"; done >>\"$LOG\"\n")
		value, err := Command(path, args...)
		if err != nil {
			t.Fatal(folder, err)
		}
		if !Ours(value) || kindOf(value) != Path || Program(value) != filepath.ToSlash(path) {
			t.Errorf("%s: %q is not recognised: %q", folder, value, Program(value))
		}
		if words := shell.Words(value); !slices.Equal(words[1:], args) {
			t.Errorf("%s: %q", folder, words)
		}
		if _, err := h.git.Install(context.Background(), h.path(".gitconfig"), sections(Section{pattern, value})); err != nil {
			t.Fatal(folder, err)
		}
		if got := h.chain(repo); len(got.Helpers) != 1 || got.Helpers[0].Value != value || !got.UseHTTPPath {
			t.Errorf("%s: %+v", folder, got)
		}
		_, _ = h.run("url="+repo+"\n", "credential", "fill")
		want := "= " + strings.Join(append(slices.Clone(args), "get"), "\n= ") + "\n"
		if got := h.read("log"); got != want {
			t.Errorf("%s: %q was run with %q, not %q", folder, value, got, want)
		}
	}
}

func TestCommandText(t *testing.T) {
	for _, test := range []struct {
		windows      bool
		path, want   string
		inFile, args string
	}{
		{false, "/usr/bin/git-credential-mfa", "/usr/bin/git-credential-mfa", "/usr/bin/git-credential-mfa", ""},
		{true, `C:\Program Files (x86)\mfa\git-credential-mfa.exe`, `C:/Program\ Files\ \(x86\)/mfa/git-credential-mfa.exe`, `C:/Program\\ Files\\ \\(x86\\)/mfa/git-credential-mfa.exe`, ""},
		{true, `\\server\share\mfa.exe`, `//server/share/mfa.exe`, `//server/share/mfa.exe`, ""},
		{false, `/a\b`, `/a\\b`, `/a\\\\b`, ""},
		{false, "/a;b", `/a\;b`, `"/a\\;b"`, ""},
		{false, "/x", `/x 'a "b" c'`, `/x 'a \"b\" c'`, `a "b" c`},
	} {
		var args []string
		if test.args != "" {
			args = []string{test.args}
		}
		got, err := command(test.windows, test.path, args)
		if err != nil || got != test.want || escapeValue(got) != test.inFile {
			t.Errorf("%q: %q %q %v", test.path, got, escapeValue(got), err)
		}
	}
	for _, path := range []string{"/a\nb", "/a\tb", "/a\x00", "/a\x7f"} {
		if got, err := Command(path); err == nil {
			t.Errorf("%q: %q", path, got)
		}
	}
	if escapeValue(" x") != `" x"` || escapeValue("x ") != `"x "` || escapeValue("a#b") != `"a#b"` {
		t.Error("blanks at the ends and comment signs need quotes")
	}
}

func TestOurs(t *testing.T) {
	for value, want := range map[string]string{
		"mfa": program, "mfa --profile x": program, "/opt/x/git-credential-mfa": "/opt/x/git-credential-mfa",
		"!git-credential-mfa": program, "!git credential-mfa --profile x $@": program, "!'/a b/git-credential-mfa' x": "/a b/git-credential-mfa",
		`!"/a b/git-credential-mfa.exe"`: "/a b/git-credential-mfa.exe", "!AWS_PROFILE=x /bin/git-credential-mfa": "/bin/git-credential-mfa",
		`/a\ b/Git-Credential-MFA.EXE get`: "/a b/Git-Credential-MFA.EXE", "!/usr/bin/git credential-mfa": program,
	} {
		if !Ours(value) || Program(value) != want {
			t.Errorf("%q: %v %q", value, Ours(value), Program(value))
		}
	}
	for value, want := range map[string]string{
		"": "git-credential-", "store": "git-credential-store", "mfa-other": "git-credential-mfa-other", "store --file git-credential-mfa": "git-credential-store",
		"!aws codecommit credential-helper $@": "aws", "!f() { git-credential-mfa; }; f": "f", "!": "", "!A=b": "",
		"/usr/bin/gh auth git-credential": "/usr/bin/gh", "!git": "git", `!"unfinished`: "unfinished", `!'unfinished`: "unfinished", `!x\`: `x\`,
	} {
		if Ours(value) || Program(value) != want {
			t.Errorf("%q: %v %q", value, Ours(value), Program(value))
		}
	}
}

func TestWithProgram(t *testing.T) {
	for value, want := range map[string]string{`/old/x --profile 'a b'`: `/new\ one/x --profile 'a b'`, "mfa": `/new\ one/x`, "/old": `/new\ one/x`} {
		if got, err := withProgram(value, "/new one/x"); got != want || err != nil {
			t.Errorf("%q: %q, not %q: %v", value, got, want, err)
		}
	}
}

// What configure writes, doctor reads again.
func TestOptions(t *testing.T) {
	value, err := Command("/a b/x", "--profile", "it's a", "--mfa-process", `op "get"`, "--keyring=file")
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{value, "!" + value, "mfa" + strings.TrimPrefix(value, `/a\ b/x`)} {
		want := map[string]string{"profile": "it's a", "mfa-process": `op "get"`, "keyring": "file"}
		if got := Options(value); !maps.Equal(got, want) {
			t.Errorf("%q: %q", value, got)
		}
	}
	if got := Options("mfa --verbose --profile x get"); got["verbose"] != "" || got["profile"] != "x" || len(got) != 2 {
		t.Errorf("%q", got)
	}
}

// The links that package managers make stay; what they point to does not.
func TestStable(t *testing.T) {
	dir := t.TempDir()
	make := func(name string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	real := make("brew/Cellar/mfa/1.2.3/bin/git-credential-mfa")
	other := make("other/git-credential-mfa")
	for _, file := range []string{real, other} {
		if err := os.WriteFile(file, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := stable(real, []string{filepath.Dir(other), "relative"}); got != real {
		t.Error(got)
	}
	opt, link := make("brew/opt/mfa/bin/git-credential-mfa"), make("bin/git-credential-mfa")
	if err := os.Symlink(real, opt); err != nil {
		t.Skip(err)
	}
	if _, err := os.Stat(opt); err != nil {
		t.Skip("links are made that do not work, as under Wine: ", err)
	}
	if got := stable(real, nil); got != opt {
		t.Error(got)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if got := stable(real, []string{filepath.Dir(other), filepath.Dir(link)}); got != link {
		t.Error(got)
	}
	renamed := make("mfa-1.2.3")
	if err := os.Symlink(real, renamed); err != nil {
		t.Fatal(err)
	}
	if got := stable(renamed, []string{filepath.Dir(link)}); got != link {
		t.Error(got)
	}
}

// Homebrew's two prefixes on a Mac, and Linux's, whatever PATH says: git runs
// the helper by this path after the next upgrade too.
func TestStableByHomebrew(t *testing.T) {
	for _, prefix := range []string{"opt/homebrew", "usr/local", "home/linuxbrew/.linuxbrew"} {
		prefix := filepath.Join(t.TempDir(), filepath.FromSlash(prefix))
		cellar := filepath.Join(prefix, "Cellar", "git-credential-mfa", "1.2.3", "bin")
		for _, folder := range []string{cellar, filepath.Join(prefix, "bin"), filepath.Join(prefix, "opt")} {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		real, link := filepath.Join(cellar, program), filepath.Join(prefix, "bin", program)
		if err := os.WriteFile(real, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("..", "Cellar", "git-credential-mfa", "1.2.3", "bin", program), link); err != nil {
			t.Skip(err)
		}
		if _, err := os.Stat(link); err != nil {
			t.Skip("links are made that do not work, as under Wine: ", err)
		}
		if err := os.Symlink(filepath.Dir(cellar), filepath.Join(prefix, "opt", "git-credential-mfa")); err != nil {
			t.Fatal(err)
		}
		for name, path := range map[string][]string{
			"a shell's PATH": {"/usr/bin", filepath.Join(prefix, "bin")},
			"an editor's":    {"/usr/bin", "/bin"},
			"the Cellar's":   {cellar, filepath.Join(prefix, "bin")},
		} {
			for _, running := range []string{real, link} {
				if got := stable(running, path); got != link {
					t.Errorf("%s PATH, running %s: %s", name, running, got)
				}
			}
		}
	}
}

func TestTemporary(t *testing.T) {
	for _, path := range []string{filepath.Join(os.TempDir(), "x", program), filepath.FromSlash("/home/a/.cache/go-build123/b001/exe/" + program)} {
		if !Temporary(path) {
			t.Errorf("%s is temporary", path)
		}
	}
	for _, path := range []string{"/usr/bin/" + program, "/tmpfiles/" + program} {
		if Temporary(filepath.FromSlash(path)) {
			t.Errorf("%s is not temporary", path)
		}
	}
}
