package probe

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
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// otherHelper is another helper than this program, and what it has stored.
type otherHelper struct {
	doctor.StoredCredential
	line gitconfig.Helper
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

// storedCredentials asks the other helpers of the chain what they would answer.
func (p *Probe) storedCredentials(ctx context.Context) []doctor.StoredCredential {
	var all []doctor.StoredCredential
	before := true
	for _, line := range p.chain.Helpers {
		if line.Ours {
			before = false
			continue
		}
		h := otherHelper{doctor.StoredCredential{Helper: plainHelper(line), Before: before}, line}
		if h.Reason = refuse(line); h.Reason == "" {
			h = p.ask(ctx, p.execPath, h, p.question())
		}
		all = append(all, h.StoredCredential)
	}
	return all
}

// refuse says why a helper is not run, or "".
func refuse(h gitconfig.Helper) string {
	words := strings.Fields(h.Value)
	switch {
	case own(h):
		return "not run: it stands in the repository's own configuration"
	case h.Kind != gitconfig.Name:
		return "not run: it is a " + strings.Replace(h.Kind.String(), "path", "program by its path", 1)
	case len(words) == 0 || !slices.Contains(askable, words[0]):
		return "not run: only " + strings.Join(askable, ", ") + " are"
	case strings.ContainsAny(h.Value, "|&;<>()$`\\\"'*?[#%\n"):
		return "not run: its arguments are for a shell"
	}
	return ""
}

// ask asks a helper as git would, and judges the answer, which is not kept.
func (s System) ask(ctx context.Context, execPath string, h otherHelper, question string) otherHelper {
	out, err := s.tellHelper(ctx, execPath, &h, "get", question)
	if err != nil {
		h.Reason = "no answer: " + wording(err)
	}
	h.judge(out)
	return h
}

// tellHelper runs an operation of a helper, from a folder that is nobody's
// repository. It notes whether there is such a program.
func (s System) tellHelper(ctx context.Context, execPath string, h *otherHelper, operation, request string) ([]byte, error) {
	words := strings.Fields(h.line.Value)
	path := find("git-credential-"+words[0], append(pathFolders(execPath), pathFolders(s.Getenv("PATH"))...))
	if path == "" {
		h.Reason = "not run: there is no git-credential-" + words[0]
		return nil, nil
	}
	for i, word := range words {
		if name, rest, _ := strings.Cut(word, "~/"); rest != "" && (name == "" || strings.HasSuffix(name, "=")) {
			words[i] = name + filepath.Join(s.Home, rest) // what the shell would do
		}
	}
	return command{path: path, dir: filepath.VolumeName(s.Dir) + string(filepath.Separator),
		env: s.helperEnv(), stdin: request, args: append(words[1:], operation)}.run(ctx)
}

// helperEnv leaves out what says which repository git is in.
func (s System) helperEnv() []string {
	var kept []string
	for _, pair := range inertEnv(s.Environ) {
		name, _, _ := strings.Cut(pair, "=")
		if !slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_TRACE", "GIT_CURL_VERBOSE", "GCM_TRACE_SECRETS"}, name) {
			kept = append(kept, pair)
		}
	}
	return kept
}

// question is what git would ask.
func (p *Probe) question() string {
	chain, e := p.chain, p.evidence
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
func (h *otherHelper) judge(output []byte) {
	a := answerOf(output)
	if a.username == "" || a.password == "" {
		return
	}
	h.Kind = doctor.OtherPassword
	if strings.ContainsFunc(a.username, unicode.IsControl) { // mutation: no second host in the name of a password to forget
		return // git never wrote it; in erase a carriage return is a new line to some helpers (CVE-2024-50338)
	}
	_, isOurs := codecommit.AccessKeyID(a.username)
	signed := signature().FindStringSubmatch(a.password)
	if m := staticName().FindStringSubmatch(a.username); m != nil && signed == nil {
		h.Kind, h.Account = doctor.GitCredential, m[1]
	}
	if signed != nil && isOurs {
		key, _, _ := strings.Cut(a.username, "%")
		h.Kind, h.Key = doctor.SignedPassword, "…"+key[len(key)-min(4, len(key)):]
		h.Signed, _ = time.Parse("20060102T150405", signed[1])
	}
}
