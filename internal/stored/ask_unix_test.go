//go:build unix

package stored

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// newHelper puts a helper into a PATH of its own, and returns an Asker that
// finds it there.
func newHelper(t *testing.T, name, script string) (a *Asker, folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "git-credential-"+name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	environ := []string{"PATH=" + folder + ":" + os.Getenv("PATH"), "HOME=" + folder, "GIT_DIR=/nowhere", "GIT_EXEC_PATH=" + folder, "GIT_CONFIG_NOSYSTEM=1"}
	return NewAsker(context.Background(), "git", folder, "/home/al", environ), folder
}

func helper(value string) gitconfig.Helper {
	kind := gitconfig.Name
	if strings.HasPrefix(value, "!") {
		kind = gitconfig.Shell
	}
	return gitconfig.Helper{Entry: gitconfig.Entry{Key: "helper", Value: value, Scope: "global"}, Kind: kind}
}

// TestAsk: a helper gets git's question, its own arguments, no terminal and no
// repository.
func TestAsk(t *testing.T) {
	a, folder := newHelper(t, "store", `{ echo "$@"; cat; env; } >`+"\"$HOME/seen\"\necho username=bob-at-123456789012; echo password=p")
	got := a.Ask(context.Background(), helper("store --file ~/.keep --x=~/y"), Request{Host: "h", Path: "v1/repos/x", Username: "a\nb"})
	if got.Kind != GitCredential || got.Account != "123456789012" || got.Reason != "" {
		t.Errorf("%+v", got)
	}
	text, err := os.ReadFile(filepath.Join(folder, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	seen := string(text)
	if !strings.HasPrefix(seen, "--file /home/al/.keep --x=~/y get\nprotocol=https\nhost=h\npath=v1/repos/x\n\n") {
		t.Errorf("%s", seen)
	}
	for _, want := range []string{"GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ASKPASS=\n"} {
		if !strings.Contains(seen, want) {
			t.Errorf("no %s in\n%s", want, seen)
		}
	}
	if strings.Contains(seen, "GIT_DIR=") {
		t.Errorf("it is told of a repository\n%s", seen)
	}
}

// TestRefused: no line of configuration runs anything else.
func TestRefused(t *testing.T) {
	a, folder := newHelper(t, "other", `touch "$HOME/ran"`)
	own := helper("store")
	own.Scope = "local"
	for reason, h := range map[string]gitconfig.Helper{
		"its arguments need a shell":             helper("store --file=x; touch $HOME/ran"),
		"shell command":                          helper("!touch ran"),
		"not one of osxkeychain":                 helper("other"),
		"the repository's own":                   own,
		"there is no git-credential-osxkeychain": helper("osxkeychain"),
	} {
		if got := a.Ask(context.Background(), h, Request{Host: "h"}); got.Kind != "" || !strings.Contains(got.Reason, reason) {
			t.Errorf("%s: %+v, want %s", h.Value, got, reason)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "ran")); err == nil {
		t.Error("it was run")
	}
}

// TestForget: each password by its name, until none is left; a helper that
// forgets nothing ends it.
func TestForget(t *testing.T) {
	signed := "20260101T000000Z" + strings.Repeat("0f", 32)
	const store = `case $1 in
get) test -s "$HOME/names" && { echo "username=$(head -n1 "$HOME/names")"; echo password=` + "SIGNED" + `; } ;;
erase) grep username= | sed s/username=// >>"$HOME/erased"; sed 1d "$HOME/names" >"$HOME/rest"; mv "$HOME/rest" "$HOME/names" ;;
esac
exit 0`
	a, folder := newHelper(t, "store", strings.ReplaceAll(store, "SIGNED", signed))
	if err := os.WriteFile(filepath.Join(folder, "names"), []byte("ASIAONE%a\nASIATWO%b\nASIATHREE%c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.Forget(context.Background(), Leftover{Helper: helper("store"), Host: "h"}); err != nil {
		t.Error(err)
	}
	if erased, _ := os.ReadFile(filepath.Join(folder, "erased")); string(erased) != "ASIAONE%a\nASIATWO%b\nASIATHREE%c\n" {
		t.Errorf("%q", erased)
	}
	b, _ := newHelper(t, "store", "echo username=ASIAONE%a; echo password="+signed)
	if err := b.Forget(context.Background(), Leftover{Helper: helper("store"), Host: "h"}); err == nil || !strings.Contains(err.Error(), "still holds") {
		t.Error(err)
	}
}
