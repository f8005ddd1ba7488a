package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	host    = "git-codecommit.us-east-1.amazonaws.com"
	repo    = "https://" + host + "/v1/repos/demo"
	pattern = "https://git-codecommit.*.amazonaws.com"
	block   = "[credential \"" + pattern + "\"]\n\thelper =\n\thelper = mfa\n\tuseHttpPath = true\n"
)

// home is a user with a git of their own, and helpers that note that they were
// asked.
type home struct {
	t   *testing.T
	dir string
	git Git
}

// names of helpers that the home has.
var recorders = []string{"mfa", "manager", "osxkeychain", "wincred", "libsecret"}

func newHome(t *testing.T) *home {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // git shows real paths
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t: t, dir: dir}
	for _, name := range recorders {
		h.write("bin/git-credential-"+name, "#!/bin/sh\n{ echo \"= $1 "+name+"\"; cat; } >>\"$LOG\"\n")
	}
	h.git.Dir = filepath.Join(dir, "work")
	h.git.Env = []string{
		"PATH=" + filepath.Join(dir, "bin") + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + dir, "LOG=" + filepath.Join(dir, "log"), "LC_ALL=C",
		"GIT_CONFIG_SYSTEM=" + filepath.Join(dir, "system"),
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", // git gives up when no helper answers
		"SystemRoot=" + os.Getenv("SystemRoot"),
	}
	h.write("system", "")
	if err := os.Mkdir(h.git.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if version, err := h.git.Version(context.Background()); err != nil || version.Less(Version{2, 32}) {
		t.Skipf("git %v knows no GIT_CONFIG_SYSTEM: %v", version, err)
	}
	h.run("", "init", "--quiet", ".")
	return h
}

func (h *home) path(name string) string { return filepath.Join(h.dir, filepath.FromSlash(name)) }

func (h *home) write(name, text string) string {
	h.t.Helper()
	err := os.MkdirAll(filepath.Dir(h.path(name)), 0o755)
	if err == nil {
		err = os.WriteFile(h.path(name), []byte(text), 0o755)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return h.path(name)
}

func (h *home) append(name, text string) {
	h.t.Helper()
	old, _ := os.ReadFile(h.path(name))
	h.write(name, string(old)+text)
}

func (h *home) read(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(h.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *home) setenv(pairs ...string) { h.git.Env = append(h.git.Env, pairs...) }

// run runs git and returns what it printed, on either stream.
func (h *home) run(stdin string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = h.git.Dir, h.git.Env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// call is one time that a helper was asked.
type call struct {
	helper         string
	path, username string
	hasUser        bool
}

// calls runs an operation of git credential and returns what real git asked.
func (h *home) calls(operation, input string) []call {
	h.t.Helper()
	h.write("log", "")
	out, err := h.run(input, "credential", operation)
	if operation != "fill" && err != nil {
		h.t.Fatalf("git credential %s: %v\n%s", operation, err, out)
	}
	var calls []call
	for line := range strings.Lines(h.read("log")) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "":
			calls = append(calls, call{helper: value[strings.LastIndexByte(value, ' ')+1:]})
		case "path":
			calls[len(calls)-1].path = value
		case "username":
			calls[len(calls)-1].username, calls[len(calls)-1].hasUser = value, true
		}
	}
	return calls
}

// asked returns the helpers that real git asks for a URL. That it tells the
// same ones to store is checked along the way.
func (h *home) asked(url string) []string {
	h.t.Helper()
	asked := helperNames(h.calls("fill", "url="+url+"\n"))
	told := helperNames(h.calls("approve", "url="+url+"\nusername=u\npassword=p\n"))
	if !slices.Equal(asked, told) {
		h.t.Errorf("git asks %v, and tells %v to store", asked, told)
	}
	return asked
}

func helperNames(calls []call) []string {
	var names []string
	for _, c := range calls {
		names = append(names, c.helper)
	}
	return names
}

func (h *home) entries() []Entry {
	h.t.Helper()
	entries, err := h.git.Entries(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return entries
}

// chain is what we work out for a URL.
func (h *home) chain(url string) Chain {
	h.t.Helper()
	chain, err := Effective(h.entries(), url)
	if err != nil {
		h.t.Fatal(err)
	}
	return chain
}

func values(helpers []Helper) []string {
	var values []string
	for _, h := range helpers {
		values = append(values, h.Value)
	}
	return values
}

// checkLines finds each entry where it says that it stands.
func checkLines(t *testing.T, entries []Entry) {
	t.Helper()
	for _, e := range entries {
		if e.Origin == CommandLine || e.Section == "user" { // whose value is not written as git prints it
			continue
		}
		text, err := os.ReadFile(e.Origin)
		if err != nil {
			t.Errorf("%+v: %v", e, err)
			continue
		}
		lines := bytes.Split(text, []byte("\n"))
		if e.Line < 1 || e.Line > len(lines) {
			t.Errorf("%+v: no such line", e)
			continue
		}
		line := strings.ToLower(string(lines[e.Line-1]))
		if !strings.Contains(line, e.Key) || !strings.Contains(line, strings.ToLower(escapeValue(e.Value))) {
			t.Errorf("%+v: the line is %q", e, line)
		}
	}
}
