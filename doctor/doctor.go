// Package doctor finds out why CodeCommit answers 403, and how to fix it.
// Package probe collects the Evidence, plain values. Each of the Checks makes
// one Finding of it, and Examine makes a Report of the findings, which is
// written as text, JSON, Markdown or SARIF. This package reads no files and
// makes no calls.
package doctor

import (
	"cmp"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Level is the severity of a result.
type Level string

// The levels. Skipped is for a check that does not apply, or whose evidence is
// missing; the detail says why.
const (
	OK      Level = "ok"
	Info    Level = "info"
	Warning Level = "warning"
	Error   Level = "error"
	Skipped Level = "skipped"
)

// Group is what a check is about.
type Group string

// The groups. PolicyGroup is for checks of IAM policies; the others are part of a
// live run only.
const (
	GitGroup     Group = "git"
	AWSGroup     Group = "aws"
	MFAGroup     Group = "mfa"
	KeyringGroup Group = "keyring"
	SessionGroup Group = "session"
	PromptGroup  Group = "prompt"
	ClockGroup   Group = "clock"
	NetworkGroup Group = "network"
	PolicyGroup  Group = "policy"
)

// groups is the order of the report.
var groups = []Group{GitGroup, AWSGroup, MFAGroup, KeyringGroup, SessionGroup, PromptGroup, ClockGroup, NetworkGroup, PolicyGroup}

// Finding is the outcome of a check.
type Finding struct {
	// Level is OK, Skipped or a severity; "" means the level of the check.
	Level Level
	// Title replaces the title of the check, unless it is empty.
	Title      language.Text
	Detail     []string // why, a line each
	Fix        string   // a command, a unified diff, or an instruction; may be empty
	Statements []*policy.Statement
}

// found returns the finding that the problem is there.
func found(fix string, detail ...string) Finding { return Finding{Fix: fix, Detail: detail} }

// fine returns the finding that there is no problem.
func fine(detail ...string) Finding { return Finding{Level: OK, Detail: detail} }

// skipped returns the finding that the check did not apply.
func skipped(reason string) Finding { return Finding{Level: Skipped, Detail: []string{reason}} }

// Result is a finding with its check, ready to be shown.
type Result struct {
	Code   string
	Group  Group
	Level  Level
	Title  language.Text // one line
	Detail string        // why, in lines
	Fix    string
	URL    string // where the code is explained
	// Statements are those that decide. A Line of 0 means that there is no file, as
	// for a policy that IAM returned.
	Statements []*policy.Statement
	// Origins say for each statement which policy it is part of, and to whom the
	// policy is attached; "" if the statement's source says it.
	Origins []string

	usual   Level // of the code, when it is found
	symptom Symptom
	// broken is true if the check panicked.
	broken bool
}

// lowered reports whether a problem was found that needs no action, because it is
// intended or follows from another result.
func (r Result) lowered() bool { return r.Level == Info && r.usual != Info }

// cited names the statements with their origins.
func (r Result) cited() []string {
	names := make([]string, len(r.Statements))
	for i, s := range r.Statements {
		if names[i] = s.String(); r.origin(i) != "" {
			names[i] += ", in " + r.origin(i)
		}
	}
	return names
}

// origin of the i-th statement.
func (r Result) origin(i int) string {
	if i < len(r.Origins) {
		return r.Origins[i]
	}
	return ""
}

// Examine runs all checks in order and returns the report. Without a live run
// only the policies are judged.
func Examine(e *Evidence) Report {
	r := Report{Headings: make(map[Group][]string), Live: e.Live}
	for _, c := range Checks {
		if e.Live || c.Group == PolicyGroup {
			result := c.run(e)
			for _, s := range result.Statements {
				result.Origins = append(result.Origins, e.Policies.Origin(s))
			}
			r.Results = append(r.Results, result)
		}
	}
	if e.Live {
		believeGit(r.Results, e.Witness)
		demoteSymptoms(r.Results)
		r.Headings[GitGroup] = e.heading()
		r.Witness = e.Witness
		if git := e.Git.main(); git.Path != "" && git.Err == nil {
			r.Git = git.version()
		}
	}
	if len(e.Policies.Documents) > 0 {
		r.Source = e.Policies.Documents[0].Source
	}
	if e.Policies.Audit {
		auditResults(r.Results)
	}
	if e.notJudged() == "" {
		r.judge(&e.Policies)
	}
	return r
}

// judge adds the decisions of the policies. If it panics, the checks of the
// policies have reported the error.
func (r *Report) judge(c *PolicyEvidence) {
	defer func() { _ = recover() }()
	if c.Audit {
		audit := c.Case.Audit()
		r.Audit = &audit
	}
	r.AssumedAllow = c.AssumeAllow
	r.Headings[PolicyGroup] = c.Heading()
	r.Decisions = c.Decisions()
}

// Passwords returns the errors of the checks for passwords and addresses that git
// uses before it asks a helper.
func Passwords(e *Evidence) []Result {
	var found []Result
	for _, c := range Checks {
		if slices.Contains([]string{"CCM522", "CCM527", "CCM530", "CCM531", "CCM532"}, c.Code) {
			if r := c.run(e); r.Level == Error {
				found = append(found, r)
			}
		}
	}
	return found
}

// manual and japaneseManual explain the codes. GitHub's anchors are lower case.
const (
	manual         = "https://github.com/git-credential-mfa/git-credential-mfa/blob/main/docs/doctor.md#"
	japaneseManual = "https://github.com/git-credential-mfa/git-credential-mfa/blob/main/docs/ja/doctor.md#"
	// folder contains the pages. Its address is narrower than a terminal.
	folder = "https://github.com/git-credential-mfa/git-credential-mfa/tree/main/docs"
)

// brokenTitle is the title of a check that panicked.
var brokenTitle = language.Text{English: "this check failed, please report", Japanese: "この診断は失敗しました。報告をお願いします"}

// issues is where people report a broken check.
const issues = "https://github.com/git-credential-mfa/git-credential-mfa/issues"

// run returns the result of the check. A check that panics becomes an error with
// its code, and the report goes on.
func (c Check) run(e *Evidence) (r Result) {
	defer func() {
		if cause := recover(); cause != nil { // mutation: a broken check does not end the report
			r = c.result(Finding{Title: brokenTitle, Detail: []string{fmt.Sprint(cause), panicPlace()}, Fix: issues})
			r.Level, r.broken = Error, true
		}
	}()
	return c.result(c.look(e))
}

// panicPlace returns the file and line that panicked. It is called from a
// deferred function.
func panicPlace() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") || !more {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
	}
}

func (c Check) result(f Finding) Result {
	r := Result{Code: c.Code, Group: c.Group, Level: cmp.Or(f.Level, c.Level), Title: cmp.Or(f.Title, language.Text{English: c.Found, Japanese: c.FoundInJapanese}),
		Detail: lines(f.Detail), Fix: f.Fix, URL: manual + strings.ToLower(c.Code), Statements: f.Statements}
	if r.Level == OK || r.Level == Skipped {
		r.Title = cmp.Or(f.Title, language.Text{English: c.Fine, Japanese: c.FineInJapanese})
		return r
	}
	r.usual, r.symptom = c.Level, c.Symptom
	return r
}

// heading names the repository of a live run.
func (e *Evidence) heading() []string {
	switch {
	case e.Target.Remote != "":
		return []string{"For " + e.Target.URL + ", remote " + e.Target.Remote}
	case e.Target.Known:
		return []string{"For " + e.Target.URL}
	}
	return []string{"For CodeCommit in " + e.Target.Host.Region + ": no repository is known, run doctor in a clone, or with its URL"}
}

// lines joins lines. A line may quote a file, whose line breaks must not forge
// lines of the report.
func lines(detail []string) string {
	joined := make([]string, len(detail))
	for i, line := range detail {
		joined[i] = oneLine(line) // mutation: a line break forges no line of the report
	}
	return strings.Join(joined, "\n")
}
