package gitconfig

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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
