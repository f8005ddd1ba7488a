// Package stored finds out what other credential helpers have stored for
// CodeCommit, and has them forget it. It asks as git would, but only helpers
// of git's own and of its vendors, with every question to a person switched
// off, and recognises an answer by its shape. No password is kept or returned.
package stored

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// Kind is what a stored credential is. "" is none.
type Kind string

// The kinds: the 15-minute password that AWS's signature makes, an HTTPS Git
// credential of IAM, and one of another shape.
const (
	Signed        Kind = "signed"
	GitCredential Kind = "git credential"
	Other         Kind = "other"
)

// Credential is what a helper has stored, without its secrets.
type Credential struct {
	Kind Kind
	// SignedAt is the time in a signature, Key the last characters of its
	// access key, Account that of a Git credential.
	SignedAt     time.Time
	Key, Account string
	// Temporary is true for a signature made with a session token.
	Temporary bool
	// Reason says why the helper was not run, or did not answer.
	Reason string
}

// Asker asks helpers in the place of a git.
type Asker struct {
	git     gitconfig.Git
	folders []string
	home    string
	// keychain is asked in the place of git-credential-osxkeychain; nil where
	// there is no keychain.
	keychain *keychainPasswords
}

// NewAsker returns an Asker in the place of a git program, which is run in a
// folder, with the environment and the home folder of a person.
func NewAsker(ctx context.Context, program, dir, home string, environ []string) *Asker {
	git := gitconfig.Git{Program: program, Dir: dir, Env: gitconfig.Inert(environ)}
	return &Asker{git: git, folders: git.ProgramFolders(ctx), home: home, keychain: openKeychain(ctx)}
}

// Request is what git asks helpers: about a host, and a path and a username
// unless they are "".
type Request struct{ Host, Path, Username string }

// String is the request in git's language (git-credential(1)).
func (r Request) String() string {
	text := "protocol=https\nhost=" + r.Host + "\n" // mutation: passwords of other hosts are left
	if r.Path != "" {
		text += "path=" + r.Path + "\n"
	}
	if r.Username != "" && !strings.ContainsAny(r.Username, "\n\x00") {
		text += "username=" + r.Username + "\n"
	}
	return text + "\n"
}

// askable are the helpers that only look into their store when every prompt is
// off. No other program is run: a line of configuration can be anybody's.
var askable = []string{"osxkeychain", "manager", "wincred", "libsecret", "store", "cache"}

// Refused says why a helper is not run, or "".
func Refused(h gitconfig.Helper) string {
	words, err := shell.Split(h.Value)
	switch {
	case h.Own(): // mutation: no helper of a repository is asked
		return "not run: it stands in the repository's own configuration"
	case h.Kind != gitconfig.Name:
		return "not run: it is a " + strings.Replace(h.Kind.String(), "path", "program by its path", 1)
	case err != nil || len(words) == 0 || !slices.Contains(askable, words[0]):
		return "not run: only " + strings.Join(askable, ", ") + " are"
	case strings.ContainsAny(h.Value, "|&;<>()$`*?[#%\n"):
		return "not run: its arguments are for a shell"
	}
	return ""
}

// Ask asks a helper what it has stored, unless it is refused.
func (a *Asker) Ask(ctx context.Context, h gitconfig.Helper, request Request) Credential {
	if reason := Refused(h); reason != "" {
		return Credential{Reason: reason}
	}
	if a.keychain != nil && strings.HasPrefix(h.Value, osxkeychain) { // mutation: osxkeychain is not run
		return a.keychain.ask(request)
	}
	out, err := a.run(ctx, h, "get", request)
	if err != nil {
		return Credential{Reason: err.Error()}
	}
	return recognise(out)
}

// limit bounds a helper.
const limit = 5 * time.Second

// run runs an operation of a helper, from a folder that is nobody's repository,
// and returns what it printed. Its stderr is thrown away: it can hold what it
// was asked for.
func (a *Asker) run(ctx context.Context, h gitconfig.Helper, operation string, request Request) ([]byte, error) {
	words, err := shell.Split(h.Value)
	if err != nil {
		return nil, err
	}
	path := gitexec.Find("git-credential-"+words[0], a.folders)
	if path == "" {
		return nil, fmt.Errorf("not run: there is no git-credential-%s", words[0])
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append(a.withHome(words[1:]), operation)...)
	cmd.Dir = filepath.VolumeName(a.git.Dir) + string(filepath.Separator)
	cmd.Env = outsideRepositories(a.git.Env)
	cmd.Stdin = strings.NewReader(request.String())
	out := &bounded{}
	cmd.Stdout, cmd.Stderr = out, io.Discard
	cmd.WaitDelay = time.Second // a child of its own can hold the pipe open
	gitexec.Hide(cmd)
	err = cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("no answer within %v", limit)
	case err != nil:
		return nil, fmt.Errorf("no answer: %w", cmp.Or(ctx.Err(), err))
	}
	return out.Bytes(), nil
}

// withHome does to a helper's arguments what the shell would do to "~".
func (a *Asker) withHome(args []string) []string {
	for i, arg := range args {
		if name, rest, _ := strings.Cut(arg, "~/"); rest != "" && (name == "" || strings.HasSuffix(name, "=")) {
			args[i] = name + filepath.Join(a.home, rest)
		}
	}
	return args
}

// outsideRepositories leaves out what says which repository git is in, and what
// makes helpers write secrets to their stderr.
func outsideRepositories(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_TRACE", "GIT_CURL_VERBOSE", "GCM_TRACE_SECRETS"}, name)
	})
}

// maxAnswer bounds what a helper may print: more is no answer.
const maxAnswer = 1 << 20

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

var errTooMuch = errors.New("it printed more than an answer")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxAnswer {
		return 0, errTooMuch
	}
	return b.Buffer.Write(p)
}

// answer is what a helper answered. It is never kept.
type answer struct{ username, password string }

func answerOf(output []byte) (a answer) {
	for line := range strings.Lines(string(output)) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		switch key {
		case "username":
			a.username = value
		case "password":
			a.password = value
		}
	}
	return a
}

// Compiled when they are needed: this package is in the program that answers
// git.
var (
	gitCredential = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^.+-at-([0-9]{12})$`) })
	signature     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9]{8}T[0-9]{6})Z[0-9a-f]{64}$`) })
)

// recognise tells an answer by its shape.
func recognise(output []byte) Credential {
	a := answerOf(output)
	if a.username == "" || a.password == "" {
		return Credential{}
	}
	c := recogniseUsername(a.username)
	signed := signature().FindStringSubmatch(a.password)
	switch {
	case (c.Kind == Signed) != (signed != nil):
		return Credential{Kind: Other}
	case signed != nil:
		c.SignedAt, _ = time.Parse("20060102T150405", signed[1])
	}
	return c
}

// recogniseUsername tells a stored credential by its username, without the time
// of a signature.
func recogniseUsername(username string) Credential {
	if strings.ContainsFunc(username, unicode.IsControl) { // mutation: no second host in the name of a password to forget
		return Credential{Kind: Other} // git never wrote it; in erase a carriage return is a new line to some helpers (CVE-2024-50338)
	}
	if key, ours := codecommit.AccessKeyID(username); ours {
		return Credential{Kind: Signed, Key: "…" + key[len(key)-min(4, len(key)):], Temporary: key != username}
	}
	if user := gitCredential().FindStringSubmatch(username); user != nil {
		return Credential{Kind: GitCredential, Account: user[1]}
	}
	return Credential{Kind: Other}
}
