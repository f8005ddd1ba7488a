package policies

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Finding is the answer to one question about a Case.
type Finding struct {
	// Found is true if there is a problem. If not, Detail may qualify that.
	Found bool
	// Skipped says why the question can't be answered, or is "".
	Skipped string
	// Title replaces the usual title, if that says too much.
	Title  language.Text
	Detail []string // the reasons, one a line
	Fix    string   // a command, a unified diff, or words; may be empty
	// Statements are those that decide.
	Statements []*policy.Statement
}

func finding(detail []string, fix string, statements []*policy.Statement) Finding {
	return Finding{Found: true, Detail: detail, Fix: fix, Statements: statements}
}

func fine(detail ...string) Finding { return Finding{Detail: detail} }

func skipped(reason string) Finding { return Finding{Skipped: reason} }

// configure is the fix for a denial for lack of MFA.
const configure = "git-credential-mfa configure"

// maxLines bounds lists in texts for people. JSON has all statements.
const maxLines = 5

// count returns a number of things in words: "1 file", "2 files".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// join joins words with commas.
func join(words []string) string { return strings.Join(words, ", ") }

// some is join for the first maxLines words.
func some(words []string) string {
	if len(words) > maxLines {
		return fmt.Sprintf("%s and %d more", join(words[:maxLines]), len(words)-maxLines)
	}
	return join(words)
}
