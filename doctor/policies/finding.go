package policies

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Finding is what one question about a Case came to.
type Finding struct {
	// Found says that there is what was looked for; else all is well, and
	// Detail may say how far.
	Found bool
	// Skipped says why the question can't be answered, or is "".
	Skipped string
	// Title is for a finding of which the usual one says too much, else empty.
	Title  language.Text
	Detail []string // why, a line each
	Fix    string   // a command, a unified diff, or else words; may be empty
	// Statements are those that decide.
	Statements []*policy.Statement
}

func finding(detail []string, fix string, statements []*policy.Statement) Finding {
	return Finding{Found: true, Detail: detail, Fix: fix, Statements: statements}
}

func fine(detail ...string) Finding { return Finding{Detail: detail} }

func skipped(reason string) Finding { return Finding{Skipped: reason} }

// configure is what mends a denial for lack of MFA.
const configure = "git-credential-mfa configure"

// maxLines bounds lists in texts for people. The JSON's statements are all
// there.
const maxLines = 5

// count words a number of things: "1 file", "2 files".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// join joins words with commas.
func join(words []string) string { return strings.Join(words, ", ") }

// some is join, cut short.
func some(words []string) string {
	if len(words) > maxLines {
		return fmt.Sprintf("%s and %d more", join(words[:maxLines]), len(words)-maxLines)
	}
	return join(words)
}
