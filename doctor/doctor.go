// Package doctor says why CodeCommit answers 403, and what mends it. Each check
// is a function from a Case, which is what is known, to Results, which are
// values: nothing here prints, asks or changes anything. Report renders them as
// text for people and as JSON for programs.
package doctor

import (
	"context"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Level is how bad a result is.
type Level string

// The levels. Skipped is for a check that had nothing to look at; its detail
// says why.
const (
	OK      Level = "ok"
	Info    Level = "info"
	Warning Level = "warning"
	Error   Level = "error"
	Skipped Level = "skipped"
)

// Group is what a check is about.
type Group string

// PolicyGroup is for checks of IAM policies.
const PolicyGroup Group = "policy"

// groups is the order of the report.
var groups = []Group{GitGroup, AWSGroup, MFAGroup, KeyringGroup, SessionGroup, PromptGroup, ClockGroup, NetworkGroup, PolicyGroup}

// Result is what a check found.
type Result struct {
	Code   string // such as CCM101; it never changes its meaning
	Group  Group
	Level  Level
	Title  string // one line
	Detail string // why, in lines
	Fix    string // a command, a unified diff, or else words; may be empty
	URL    string // where the code is explained
	// Statements are those that decide. A Line of 0 means that there is none,
	// as for a policy that was asked of IAM.
	Statements []*policy.Statement

	usual Level // of the code, when it is found
}

// lowered reports whether it was found and is no trouble: it is as it should
// be, or follows from another result.
func (r Result) lowered() bool { return r.Level == Info && r.usual != Info }

// Check looks at one thing and returns at least one Result.
type Check func(context.Context, *Case) []Result

// Examine runs the checks in order. A result never keeps the next check from
// running.
func Examine(ctx context.Context, c *Case, checks []Check) Report {
	r := Report{Headings: make(map[Group][]string)}
	for _, check := range checks {
		r.Results = append(r.Results, check(ctx, c)...)
	}
	if r.Live = c.Live != nil; r.Live {
		settle(r.Results)
		r.Headings[GitGroup] = c.Live.heading()
	}
	if c.judged() {
		r.Decisions = c.Decisions()
		r.AssumedAllow = c.AssumeAllow
		r.Origin = c.Origin
		r.Headings[PolicyGroup] = c.Heading()
	}
	return r
}

// manual explains the codes. Anchors are GitHub's: lower case.
const manual = "https://github.com/git-credential-mfa/git-credential-mfa/blob/main/docs/doctor.md#"

// code is a stable code with its level, the title when it is found, and the
// title when all is well.
type code struct {
	name        string
	group       Group
	level       Level
	found, fine string
}

func (c code) result(level Level, title string) Result {
	return Result{Code: c.name, Group: c.group, Level: level, Title: title, URL: manual + strings.ToLower(c.name)}
}

// is returns the result for what was found.
func (c code) is(detail []string, fix string, statements []*policy.Statement) []Result {
	r := c.result(c.level, c.found)
	r.Detail, r.Fix, r.Statements, r.usual = lines(detail), fix, statements, c.level
	return []Result{r}
}

// isNot returns the result when all is well.
func (c code) isNot(detail ...string) []Result {
	r := c.result(OK, c.fine)
	r.Detail = lines(detail)
	return []Result{r}
}

// lines joins lines. What files say stands in some of them, and a line break in
// it must not make a line that looks like doctor's own.
func lines(detail []string) string {
	joined := make([]string, len(detail))
	for i, line := range detail {
		joined[i] = oneLine(line) // mutation: a line break forges no line of the report
	}
	return strings.Join(joined, "\n")
}

func (c code) skip(reason string) []Result {
	r := c.result(Skipped, c.fine)
	r.Detail = reason
	return []Result{r}
}
