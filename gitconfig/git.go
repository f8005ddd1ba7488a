// Package gitconfig reads git's configuration as git does, and edits the block that
// makes git ask this helper.
package gitconfig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// Git is a git program, and the folder in which it runs, whose repository may have
// settings. The zero value is the git on PATH, in the current folder.
type Git struct {
	// Program is a path, or a name to be found on PATH; git if empty.
	Program string
	// Dir is the current folder if empty.
	Dir string
	// Env is this process's environment if nil.
	Env []string
}

// Version is the version of a git program.
type Version struct{ Major, Minor int }

// Wildcards is the first version that understands
// [credential "https://*.example"] (git's release notes, 2.26.0).
var Wildcards = Version{2, 26}

// Less reports whether v came before w.
func (v Version) Less(w Version) bool {
	return v.Major < w.Major || v.Major == w.Major && v.Minor < w.Minor
}

// String returns the version in the usual form, "2.39".
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// Version asks git for its version.
func (g Git) Version(ctx context.Context) (Version, error) {
	out, err := g.run(ctx, "version")
	if err != nil {
		return Version{}, fmt.Errorf("asking git for its version: %w", err)
	}
	return parseVersion(string(out))
}

// versionText is the part that vendors do not change: "git version 2.39.5 (Apple
// Git-154)", "git version 2.47.1.windows.2".
var versionText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^git version ([0-9]{1,4})\.([0-9]{1,4})`) })

func parseVersion(text string) (Version, error) {
	m := versionText().FindStringSubmatch(text)
	if m == nil {
		return Version{}, fmt.Errorf("reading git's version: %q", strings.TrimSpace(text))
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	return Version{major, minor}, nil
}

// usage is git's exit status for options that it does not know.
const usage = 129

// Entries returns the settings of all of git's configuration files and of its
// environment, in the order in which git reads them.
func (g Git) Entries(ctx context.Context) ([]Entry, error) {
	out, err := g.run(ctx, "config", "--show-origin", "--show-scope", "--null", "--list")
	scopes := exitStatus(err) != usage
	if !scopes { // --show-scope came with 2.26, --show-origin with 2.8
		out, err = g.run(ctx, "config", "--show-origin", "--null", "--list")
	}
	if err != nil {
		return nil, fmt.Errorf("reading git's configuration: %w", err)
	}
	entries, err := ParseEntries(out, scopes)
	if err != nil {
		return nil, err
	}
	g.locate(entries)
	return entries, nil
}

var (
	// ErrNoGit means that there is no git on PATH.
	ErrNoGit = errors.New("there is no git")
	// ErrHangs means that git did not end within the time limit.
	ErrHangs = errors.New("it does not answer")
)

// run returns git's output. The error contains the first line of git's message.
func (g Git) run(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	program := g.Program
	if program == "" {
		program = "git"
	}
	if err := noGitBehind(program); err != nil { // mutation: no window offers to install git
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = g.Dir
	cmd.WaitDelay = time.Second // a child of git may keep the pipe open
	cmd.Env = g.environment()
	gitexec.Hide(cmd)
	out, err := cmd.Output()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("git %s: %w", args[0], g.whyItHangs())
	case ctx.Err() != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w: %w", ErrNoGit, err)
	}
	var status *exec.ExitError
	if errors.As(err, &status) {
		return out, gitError{status, firstLine(status.Stderr)}
	}
	return out, err
}

// whyItHangs returns ErrHangs and, if git waits for the user's file, which may be a
// named pipe, an error that names the file.
func (g Git) whyItHangs() error {
	file, err := g.globalFile()
	if err == nil {
		err = regularfile.Check(context.Background(), file)
	}
	if errors.Is(err, regularfile.ErrNotRegular) || errors.Is(err, regularfile.ErrTimeout) {
		return fmt.Errorf("%w: %w", ErrHangs, err)
	}
	return ErrHangs
}

// environment returns git's environment without GIT_CONFIG. That variable makes
// "git config" read a single file; other git commands ignore it
// (git-config(1)).
func (g Git) environment() []string {
	env := g.Env
	if env == nil {
		env = os.Environ()
	}
	var kept []string
	for _, pair := range env {
		if !strings.HasPrefix(pair, "GIT_CONFIG=") {
			kept = append(kept, pair)
		}
	}
	return kept
}

// gitError is the exit status of git, with the first line of its message.
type gitError struct {
	status *exec.ExitError
	text   string
}

func (e gitError) Unwrap() error { return e.status }
func (e gitError) Error() string {
	if e.text == "" {
		return "git: " + e.status.Error()
	}
	return "git: " + e.text
}

func exitStatus(err error) int {
	var status *exec.ExitError
	if errors.As(err, &status) {
		return status.ExitCode()
	}
	return 0
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return strings.ToValidUTF8(line, "?")
}

// limit bounds every call of git, since its configuration may be on a network drive
// that does not answer.
const limit = 5 * time.Second

// URLValues returns the values of a section for a URL, as git resolves
// sections such as [http "https://*.example"]: the keys are in lower case,
// with the section, "http.proxy". The result is empty if git can't be run or
// no setting applies. Settings given to git by -c count, since git hands
// them to its helpers (GIT_CONFIG_PARAMETERS). With personal, a repository's
// own settings do not count, since whoever sent the repository may have written
// its .git/config. "~/" at the beginning of a value is expanded.
func (g Git) URLValues(ctx context.Context, section, url string, personal bool) map[string]string {
	values := map[string]string{}
	if personal {
		if entries, err := g.personalEntries(ctx, section); err == nil {
			for key, all := range ForURL(entries, section, url) {
				values[section+"."+key] = all[len(all)-1].Value
			}
			return values
		}
	}
	for record := range strings.SplitSeq(g.value(ctx, personal, "config", "--type=path", "--null", "--get-urlmatch", section, url), "\x00") {
		if key, value, _ := strings.Cut(record, "\n"); key != "" {
			values[key] = value
		}
	}
	return values
}

// personalEntries returns the settings of a section, except those of the
// repository. git is asked in the repository, because an includeIf of the user may
// depend on it. The error is for git before 2.26, which does not know scopes, and
// for a setting without a value, which git can't take for a path.
func (g Git) personalEntries(ctx context.Context, section string) ([]Entry, error) {
	out, err := g.run(ctx, "config", "--show-origin", "--show-scope", "--type=path", "--null", "--get-regexp", "^"+section+`\.`)
	if exitStatus(err) == 1 { // none is set
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := ParseEntries(out, true)
	return slices.DeleteFunc(entries, Entry.Own), err // mutation: what a repository sets is not personal
}

// URLValues is Git.URLValues for the git on PATH, in the current folder.
func URLValues(ctx context.Context, section, url string, personal bool) map[string]string {
	return Git{}.URLValues(ctx, section, url, personal)
}

// Value returns the last value of a key, or "". personal is as in URLValues.
func Value(ctx context.Context, key string, personal bool) string {
	return strings.TrimSuffix(Git{}.value(ctx, personal, "config", "--type=path", "--get", key), "\n")
}

// value returns git's output, or "" if git fails, as it does if a key is not set.
func (g Git) value(ctx context.Context, personal bool, args ...string) string {
	if personal {
		// Outside of a repository there is no repository's configuration.
		g.Dir = filepath.VolumeName(os.TempDir()) + string(filepath.Separator)
		g.Env = slices.DeleteFunc(slices.Clone(g.environment()), func(v string) bool {
			name, _, _ := strings.Cut(v, "=")
			return name == "GIT_DIR" || name == "GIT_WORK_TREE" || name == "GIT_COMMON_DIR"
		})
	}
	out, err := g.run(ctx, args...)
	if err != nil {
		return ""
	}
	return string(out)
}

// ProgramFolders returns where git looks for the programs that it runs, such as
// helpers and an askpass, in its order. If git does not answer, its own folder is
// missing.
func (g Git) ProgramFolders(ctx context.Context) []string {
	env := g.environment()
	execPath := g.getenv("GIT_EXEC_PATH") // which git sets for what it runs
	if execPath == "" {
		out, _ := g.run(ctx, "--exec-path")
		execPath = strings.TrimSpace(string(out))
	}
	program := cmp.Or(g.Program, "git")
	if found, err := exec.LookPath(program); err == nil {
		program = found
	}
	return gitexec.Folders(program, execPath, env)
}

// inert are settings with which git runs no program that a repository's own
// configuration names, and ignores a bare repository inside another one:
// whoever sent the repository may have written them (CVE-2022-24765;
// git-config(1), safe.bareRepository, core.fsmonitor). Besides, only commands
// that read the configuration are run.
var inert = [][2]string{
	{"core.fsmonitor", "false"}, {"core.hooksPath", os.DevNull}, {"safe.bareRepository", "explicit"},
	{"core.pager", "cat"}, {"core.sshCommand", "false"}, {"core.askPass", ""},
}

// silent turns off every question of git and its helpers.
var silent = []string{
	"GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_OPTIONAL_LOCKS=0",
	"GIT_PAGER=cat", "GIT_EDITOR=:",
}

// Inert returns an environment in which git runs no program that a repository
// brings, and neither git nor a helper asks the user.
func Inert(environ []string) []string { return append(WithSettings(environ, inert), silent...) }

// WithSettings returns an environment with additional git settings. They follow
// those that GIT_CONFIG_COUNT already has.
func WithSettings(environ []string, settings [][2]string) []string {
	n := 0
	var kept []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if name == "GIT_CONFIG_COUNT" {
			count, err := strconv.Atoi(value)
			if err != nil || count < 0 {
				return environ[:len(environ):len(environ)] // git reports the error
			}
			n = count
			continue
		}
		kept = append(kept, pair)
	}
	for _, setting := range settings {
		kept = append(kept, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, setting[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, setting[1]))
		n++
	}
	return append(kept, "GIT_CONFIG_COUNT="+strconv.Itoa(n))
}
