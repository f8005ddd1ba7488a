package gitconfig

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// For each state of a home, the file that "git config --global" writes, and
// the one that we say.
func TestGlobalFileIsGits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files []string
		env   []string
		want  string
	}{
		"nothing":           {nil, nil, ".gitconfig"},
		"own":               {[]string{".gitconfig"}, nil, ".gitconfig"},
		"XDG":               {[]string{".config/git/config"}, nil, ".config/git/config"},
		"both":              {[]string{".config/git/config", ".gitconfig"}, nil, ".gitconfig"},
		"XDG_CONFIG_HOME":   {[]string{"x/git/config", ".config/git/config"}, []string{"XDG_CONFIG_HOME=@/x"}, "x/git/config"},
		"empty XDG":         {[]string{".config/git/config"}, []string{"XDG_CONFIG_HOME="}, ".config/git/config"},
		"GIT_CONFIG_GLOBAL": {[]string{".gitconfig"}, []string{"GIT_CONFIG_GLOBAL=@/other"}, "other"},
	} {
		h := newHome(t)
		for _, file := range test.files {
			h.write(file, "")
		}
		for _, pair := range test.env {
			h.setenv(strings.ReplaceAll(pair, "@", h.dir))
		}
		file, err := h.git.File(context.Background(), Global)
		if err != nil || file != h.path(test.want) {
			t.Errorf("%s: %s, not %s: %v", name, file, h.path(test.want), err)
		}
		if out, err := h.run("", "config", "--global", "a.b", "c"); err != nil {
			t.Fatal(out)
		}
		if h.read(test.want) == "" {
			t.Errorf("%s: git does not write %s", name, test.want)
		}
	}
	for _, env := range []string{"GIT_CONFIG_GLOBAL=", "HOME="} {
		if runtime.GOOS == "windows" && env == "HOME=" {
			continue
		}
		h := newHome(t)
		h.setenv(env)
		if file, err := h.git.File(context.Background(), Global); !errors.Is(err, ErrNoFile) {
			t.Errorf("%s: %s %v", env, file, err)
		}
	}
}

func TestSystemAndLocalFile(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	ctx := context.Background()
	if file, err := h.git.File(ctx, System); err != nil || file != h.path("system") {
		t.Error(file, err)
	}
	h.write("work/below/file", "")
	h.git.Dir = h.path("work/below")
	if file, err := h.git.File(ctx, Local); err != nil || file != h.path("work/.git/config") {
		t.Error(file, err)
	}
	h.git.Dir = h.path("work")
	for _, args := range [][]string{{"-c", "user.name=A", "-c", "user.email=a", "commit", "-q", "--allow-empty", "-m", "x"}, {"worktree", "add", "-q", "../tree"}} {
		if out, err := h.run("", args...); err != nil {
			t.Fatal(out)
		}
	}
	h.git.Dir = h.path("tree")
	if file, err := h.git.File(ctx, Local); err != nil || filepath.Clean(file) != h.path("work/.git/config") {
		t.Error(file, err)
	}
	h.git.Dir = h.dir
	if file, err := h.git.File(ctx, Local); !errors.Is(err, ErrNoRepository) {
		t.Error(file, err)
	}
}

// The system file that is compiled in, as git tells an editor.
func TestCompiledInSystemFile(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.git.Env = slices.DeleteFunc(h.git.Env, func(pair string) bool { return strings.HasPrefix(pair, "GIT_CONFIG_SYSTEM=") })
	file, err := h.git.File(context.Background(), System)
	if err != nil || !filepath.IsAbs(file) || !strings.HasSuffix(file, "gitconfig") {
		t.Errorf("%q %v", file, err)
	}
}

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]Version{"git version 2.39.5 (Apple Git-154)\n": {2, 39}, "git version 2.47.1.windows.2": {2, 47}, "git version 2.25.0-rc1": {2, 25}} {
		if got, err := parseVersion(text); got != want || err != nil {
			t.Error(text, got, err)
		}
	}
	if _, err := parseVersion("hub version 1"); err == nil {
		t.Error("that is no git")
	}
	if !(Version{2, 25}).Less(Wildcards) || (Version{2, 26}).Less(Wildcards) || (Version{3, 0}).Less(Wildcards) || !(Version{1, 99}).Less(Wildcards) {
		t.Error("versions are compared wrongly")
	}
}
