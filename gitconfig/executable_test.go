package gitconfig

import (
	"os"
	"path/filepath"
	"testing"
)

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
