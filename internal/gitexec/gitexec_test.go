package gitexec

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes a program of a name in a folder, which may be missing.
func write(t *testing.T, path, text string) string {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Every layout of Git for Windows is known by its folder of own programs or by
// git.exe, as a shim has it in another folder.
func TestInstallation(t *testing.T) {
	for _, c := range []struct{ system, git, execPath string }{
		{"mingw64", "cmd/git.exe", "mingw64/libexec/git-core"},
		{"mingw64", "cmd/git.exe", ""},
		{"mingw64", "bin/git.exe", ""},
		{"mingw64", "mingw64/bin/git.exe", ""},
		{"ucrt64", "../shims/git.exe", "ucrt64/libexec/git-core"},
		{"clangarm64", "CMD/git.exe", ""},
		{"mingw32", "mingw32/bin/git.exe", "mingw32/libexec/git-core"},
	} {
		root := filepath.Join(t.TempDir(), "Git x")
		bin := filepath.Join(root, c.system, "bin")
		if err := os.MkdirAll(bin, 0o700); err != nil {
			t.Fatal(err)
		}
		execPath := c.execPath
		if execPath != "" {
			execPath = filepath.ToSlash(filepath.Join(root, execPath))
		}
		want := []string{bin, filepath.Join(root, "usr", "bin")}
		if got := installation(filepath.Join(root, c.git), execPath); !slices.Equal(got, want) {
			t.Errorf("%v: %q", c, got)
		}
	}
	if got := installation("git", ""); got != nil {
		t.Error(got)
	}
}

// Relative folders of PATH are no place to look in; git's own come first.
func TestFolders(t *testing.T) {
	root := t.TempDir()
	bin := filepath.Join(root, "mingw64", "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	home, other, core := filepath.Join(root, "home"), filepath.Join(root, "other"), filepath.Join(root, "mingw64", "libexec", "git-core")
	environ := []string{"HOME=" + home, "PATH=" + strings.Join([]string{".", "", "rel", other}, string(filepath.ListSeparator))}
	git := filepath.Join(root, "cmd", "git.exe")
	want := []string{core, other}
	if onWindows {
		want = []string{core, filepath.Join(home, "bin"), bin, filepath.Join(root, "usr", "bin"), other}
	}
	if got := Folders(git, core, environ); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := Folders(git, core, append(environ, "MSYSTEM=MINGW64")); !slices.Equal(got, []string{core, other}) {
		t.Errorf("in a shell of MSYS: %q", got)
	}
}

// HOME as git.exe has it.
func TestHome(t *testing.T) {
	dir := t.TempDir()
	drive, path := filepath.VolumeName(dir), strings.TrimPrefix(dir, filepath.VolumeName(dir))
	system32 := filepath.Join(os.Getenv("SystemRoot"), "System32")
	for _, c := range []struct {
		name    string
		environ []string
		windows string
	}{
		{"none", nil, ""},
		{"USERPROFILE alone", []string{"USERPROFILE=P"}, "P"},
		{"HOMEDRIVE and HOMEPATH", []string{"USERPROFILE=P", "HOMEDRIVE=" + drive, "HOMEPATH=" + path}, dir},
		{"HOMEPATH alone", []string{"USERPROFILE=P", "HOMEPATH=" + path}, "P"},
		{"HOMEDRIVE alone", []string{"USERPROFILE=P", "HOMEDRIVE=" + drive}, "P"},
		{"a share that is not connected", []string{"USERPROFILE=P", "HOMEDRIVE=" + drive, "HOMEPATH=" + path + "x"}, "P"},
		{"System32", []string{"USERPROFILE=P", "HOMEDRIVE=" + filepath.VolumeName(system32), "HOMEPATH=" + strings.TrimPrefix(system32, filepath.VolumeName(system32))}, "P"},
	} {
		want := ""
		if onWindows {
			want = c.windows
		}
		if got := Home(c.environ); got != want {
			t.Errorf("%s: %q", c.name, got)
		}
		if got := Home(append(c.environ, "HOME=H")); got != "H" {
			t.Errorf("%s, HOME set: %q", c.name, got)
		}
		if got := Home(append(c.environ, "HOME=")); got != "" {
			t.Errorf("%s, HOME empty: %q", c.name, got)
		}
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "1"), filepath.Join(dir, "2")
	script := write(t, filepath.Join(first, "ask"), "#!/bin/sh\n")
	program := write(t, filepath.Join(second, "tool.exe"), "MZ")
	if err := os.MkdirAll(filepath.Join(first, "tool"), 0o700); err != nil { // a folder is no program
		t.Fatal(err)
	}
	folders := []string{first, second}
	if got := Find("ask", folders); got != script {
		t.Error(got)
	}
	want := ""
	if onWindows {
		want = program
	}
	if got := Find("tool", folders); got != want {
		t.Error(got)
	}
	if got := Find(filepath.ToSlash(strings.TrimSuffix(program, ".exe")), nil); got != want {
		t.Error(got)
	}
	if got := Find("none", folders); got != "" {
		t.Error(got)
	}
	if _, err := Command(folders, "none"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
