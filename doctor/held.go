package doctor

import (
	"cmp"
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// heldKind is what another helper holds for the target.
type heldKind int

const (
	heldNothing   heldKind = iota
	heldSignature          // AWS's 15-minute password
	heldStatic             // an HTTPS Git credential of IAM
	heldOther              // of another shape
)

// Held is what is known of another helper of the chain.
type Held struct {
	Helper gitconfig.Helper
	// Before is true if git asks it before this program.
	Before bool
	// Asked is false for a helper that is not run here; Reason says why, or
	// why it did not answer.
	Asked  bool
	Reason string
	Kind   heldKind
	// Signed is the time in a signature, Key the last characters of its key,
	// Account that of a Git credential.
	Signed       time.Time
	Key, Account string
}

// own reports whether the helper stands in the repository's configuration.
func (h Held) own() bool { return h.Helper.Scope == "local" || h.Helper.Scope == "worktree" }

// label names the helper without its text, which may hold a password.
func (h Held) label() string {
	what := h.Helper.Value
	switch program := gitconfig.Program(h.Helper.Value); {
	case h.Helper.Kind == gitconfig.Name:
		what, _, _ = strings.Cut(what, " ")
	case h.Helper.Kind == gitconfig.Shell:
		what = "a shell command, " + cmp.Or(filepath.Base(program), "?") + " …"
	default:
		what = program
	}
	return h.Helper.Place() + ": " + h.Helper.Name() + " = " + what
}

// askable are helpers of git's own and of its vendors that only look into
// their store when every prompt is off. No other program is run: a line of
// configuration can be anybody's.
var askable = []string{"osxkeychain", "manager", "wincred", "libsecret", "store", "cache"}

// Compiled when they are needed: this package is in the program that answers
// git.
var (
	staticName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^.+-at-([0-9]{12})$`) })
	signature  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9]{8}T[0-9]{6})Z[0-9a-f]{64}$`) })
)

func isOwnName(username string) bool {
	_, ok := codecommit.AccessKeyID(username)
	return ok
}

// held asks the other helpers of the chain what they would answer.
func (l Live) held(ctx context.Context, e *Evidence) []Held {
	git := e.Git.main()
	first := len(before(git.Chain))
	var all []Held
	for i, helper := range git.Chain.Helpers {
		if helper.Ours {
			continue
		}
		h := Held{Helper: helper, Before: i < first}
		if h.Reason = l.refuse(h); h.Reason == "" {
			h = l.ask(ctx, e.Git.execPath, h, e.question())
		}
		all = append(all, h)
	}
	return all
}

// refuse says why a helper is not run, or "".
func (l Live) refuse(h Held) string {
	words := strings.Fields(h.Helper.Value)
	switch {
	case h.own():
		return "not run: it stands in the repository's own configuration"
	case h.Helper.Kind != gitconfig.Name:
		return "not run: it is a " + strings.Replace(h.Helper.Kind.String(), "path", "program by its path", 1)
	case len(words) == 0 || !slices.Contains(askable, words[0]):
		return "not run: only " + strings.Join(askable, ", ") + " are"
	case strings.ContainsAny(h.Helper.Value, "|&;<>()$`\\\"'*?[#%\n"):
		return "not run: its arguments are for a shell"
	}
	return ""
}

// ask asks a helper as git would, and judges the answer, which is not kept.
func (l Live) ask(ctx context.Context, execPath string, h Held, question string) Held {
	out, err := l.tellHelper(ctx, execPath, &h, "get", question)
	if err != nil {
		h.Reason = "no answer: " + wording(err)
	}
	h.judge(out)
	return h
}

// tellHelper runs an operation of a helper, from a folder that is nobody's
// repository. It notes whether there is such a program.
func (l Live) tellHelper(ctx context.Context, execPath string, h *Held, operation, request string) ([]byte, error) {
	words := strings.Fields(h.Helper.Value)
	path := find("git-credential-"+words[0], append(pathFolders(execPath), pathFolders(l.Getenv("PATH"))...))
	if path == "" {
		h.Reason = "not run: there is no git-credential-" + words[0]
		return nil, nil
	}
	for i, word := range words {
		if name, rest, _ := strings.Cut(word, "~/"); rest != "" && (name == "" || strings.HasSuffix(name, "=")) {
			words[i] = name + filepath.Join(l.Home, rest) // what the shell would do
		}
	}
	h.Asked = true
	return command{path: path, dir: filepath.VolumeName(l.Dir) + string(filepath.Separator),
		env: l.helperEnv(), stdin: request, args: append(words[1:], operation)}.run(ctx)
}

// helperEnv leaves out what says which repository git is in.
func (l Live) helperEnv() []string {
	var kept []string
	for _, pair := range inertEnv(l.Environ) {
		name, _, _ := strings.Cut(pair, "=")
		if !slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_TRACE", "GIT_CURL_VERBOSE", "GCM_TRACE_SECRETS"}, name) {
			kept = append(kept, pair)
		}
	}
	return kept
}

// question is what git would ask.
func (e *Evidence) question() string {
	chain := e.Git.main().Chain
	text := "protocol=https\nhost=" + e.Target.Host.Name + "\n"
	if chain.UseHTTPPath {
		text += "path=v1/repos/" + cmp.Or(e.Target.Name, policies.PlaceholderName) + "\n"
	}
	if chain.Username != nil && !strings.ContainsAny(chain.Username.Value, "\n\x00") {
		text += "username=" + chain.Username.Value + "\n"
	}
	return text + "\n"
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

// judge recognises an answer by its shape. The answer itself is not kept.
func (h *Held) judge(output []byte) {
	a := answerOf(output)
	if a.username == "" || a.password == "" {
		return
	}
	h.Kind = heldOther
	if strings.ContainsFunc(a.username, unicode.IsControl) { // mutation: no second host in the name of a password to forget
		return // git never wrote it; in erase a carriage return is a new line to some helpers (CVE-2024-50338)
	}
	signed := signature().FindStringSubmatch(a.password)
	if m := staticName().FindStringSubmatch(a.username); m != nil && signed == nil {
		h.Kind, h.Account = heldStatic, m[1]
	}
	if signed != nil && isOwnName(a.username) {
		key, _, _ := strings.Cut(a.username, "%")
		h.Kind, h.Key = heldSignature, "…"+key[len(key)-min(4, len(key)):]
		h.Signed, _ = time.Parse("20060102T150405", signed[1])
	}
}
