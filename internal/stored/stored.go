// Package stored finds what other credential helpers have stored for CodeCommit,
// and has them erase it. It runs them as git does, but only helpers that come
// with git, and with all prompts switched off. It recognises a credential by the
// form of its username and password, and returns neither.
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

// Kind is the kind of a stored credential, or "" if there is none.
type Kind string

// The kinds: a password made of AWS's signature, which is valid for 15 minutes;
// an HTTPS Git credential of IAM; and any other.
const (
	Signed        Kind = "signed"
	GitCredential Kind = "git credential"
	Other         Kind = "other"
)

// Credential is what a helper has stored, without its secrets.
type Credential struct {
	Kind Kind
	// SignedAt is the time of a signature, Key the end of its access key id, and
	// Account the account of a Git credential.
	SignedAt     time.Time
	Key, Account string
	// Temporary is true if a session token was used to sign.
	Temporary bool
	// Reason says why the helper was not run, or did not answer.
	Reason string
}

// Asker asks helpers as git does.
type Asker struct {
	git     gitconfig.Git
	folders []string
	home    string
	// keychain is asked instead of git-credential-osxkeychain. It is nil where
	// there is no keychain.
	keychain *keychainPasswords
}

// NewAsker returns an Asker for a git program, as it runs in the folder dir with
// the given home folder and environment.
func NewAsker(ctx context.Context, program, dir, home string, environ []string) *Asker {
	git := gitconfig.Git{Program: program, Dir: dir, Env: gitconfig.Inert(environ)}
	return &Asker{git: git, folders: git.ProgramFolders(ctx), home: home, keychain: openKeychain(ctx)}
}

// Request is what git asks a helper for. Path and Username may be empty.
type Request struct{ Host, Path, Username string }

// String returns the request in the format of git-credential(1).
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

// askable are the helpers that only read their store when all prompts are off.
// No other program is run, because somebody else may have written the line.
var askable = []string{"osxkeychain", "manager", "wincred", "libsecret", "store", "cache"}

// Refused returns the reason why a helper is not run, or "" if it is.
func Refused(h gitconfig.Helper) string {
	words, err := shell.Split(h.Value)
	switch {
	case h.Own(): // mutation: no helper of a repository is asked
		return "not run: the repository's own configuration names it"
	case h.Kind != gitconfig.Name:
		return "not run: it is a " + strings.Replace(h.Kind.String(), "path", "program given by its path", 1)
	case err != nil || len(words) == 0 || !slices.Contains(askable, words[0]):
		return "not run: it is not one of " + strings.Join(askable, ", ")
	case strings.ContainsAny(h.Value, "|&;<>()$`*?[#%\n"):
		return "not run: its arguments need a shell"
	}
	return ""
}

// nameOf returns the name of a helper that is not refused.
func nameOf(h gitconfig.Helper) string {
	return strings.TrimPrefix(gitconfig.Program(h.Value), "git-credential-")
}

// asksKeychain reports whether the keychain is asked instead of a helper.
func (a *Asker) asksKeychain(h gitconfig.Helper) bool {
	return a.keychain != nil && nameOf(h) == osxkeychain
}

// Ask returns what a helper has stored, unless it is refused.
func (a *Asker) Ask(ctx context.Context, h gitconfig.Helper, request Request) Credential {
	if reason := Refused(h); reason != "" {
		return Credential{Reason: reason}
	}
	if a.asksKeychain(h) { // mutation: osxkeychain is not run
		return a.keychain.ask(request)
	}
	out, err := a.run(ctx, h, "get", request)
	if err != nil {
		return Credential{Reason: err.Error()}
	}
	return recognise(out)
}

// limit is how long one run of a helper may take.
const limit = 5 * time.Second

// run runs an operation of a helper, in the root folder, which is in no
// repository, and returns its output. It drops stderr, which may hold secrets.
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
	cmd.WaitDelay = time.Second // its children may keep the pipe open
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

// withHome expands "~/" at the beginning of arguments, as git's shell does. That
// shell does not expand it after "--file=".
func (a *Asker) withHome(args []string) []string {
	for i, arg := range args {
		if rest, ok := strings.CutPrefix(arg, "~/"); ok {
			args[i] = filepath.Join(a.home, rest)
		}
	}
	return args
}

// outsideRepositories removes the variables that name git's repository, and
// those that make helpers write secrets to stderr.
func outsideRepositories(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_TRACE", "GIT_CURL_VERBOSE", "GCM_TRACE_SECRETS"}, name)
	})
}

// maxAnswer is the most that a helper may print, in bytes.
const maxAnswer = 1 << 20

// bounded is a buffer that refuses more than maxAnswer bytes.
type bounded struct{ bytes.Buffer }

var errTooMuch = errors.New("it printed more than 1 MiB")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxAnswer {
		return 0, errTooMuch
	}
	return b.Buffer.Write(p)
}

// answer is what a helper answered. It never leaves this package.
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

// Compiled on first use, because every start of the program would pay for it.
var (
	gitCredential = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^.+-at-([0-9]{12})$`) })
	signature     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9]{8}T[0-9]{6})Z[0-9a-f]{64}$`) })
)

// recognise returns the credential in a helper's output.
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

// recogniseUsername returns the credential of a username, without SignedAt.
func recogniseUsername(username string) Credential {
	if strings.ContainsFunc(username, unicode.IsControl) { // mutation: no second host in the name of a password to forget
		// git did not write it. Some helpers read a carriage return in the username to
		// erase as a new line (CVE-2024-50338).
		return Credential{Kind: Other}
	}
	if key, ours := codecommit.AccessKeyID(username); ours {
		return Credential{Kind: Signed, Key: "…" + key[len(key)-min(4, len(key)):], Temporary: key != username}
	}
	if user := gitCredential().FindStringSubmatch(username); user != nil {
		return Credential{Kind: GitCredential, Account: user[1]}
	}
	return Credential{Kind: Other}
}
