package main

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// A report is what is pasted into an issue.
type report struct {
	version string
	body    strings.Builder
	section string
	rows    int // that could be tried
	tried   int
}

// add asks how a row went and notes the answer. shown is what was run and what
// it printed, empty for a row that the person tried.
func (r *report) add(who *person, row row, shown string) error {
	answer, err := who.ask("As expected? [y = yes, n = no, Enter = not tried]")
	if err != nil {
		return err
	}
	verdict, note := "", ""
	switch strings.ToLower(answer) {
	case "y":
		verdict = "as expected"
	case "n":
		verdict = "**not as expected**"
		if note, err = who.ask("What happened instead?"); err != nil {
			return err
		}
	default:
		if shown == "" {
			return nil
		}
		verdict = "not judged"
	}
	r.tried++
	if row.section != r.section {
		r.section = row.section
		fmt.Fprintf(&r.body, "\n### %s\n\n", row.section)
	}
	fmt.Fprintf(&r.body, "- %s: %s\n", row.what, strings.TrimSpace(verdict+" "+note))
	if shown != "" {
		fmt.Fprintf(&r.body, "\n```text\n%s```\n", shown)
	}
	return nil
}

// hand writes the report, without what nobody else should see, and shows it.
func (r *report) hand(who *person, g *ground) error {
	names, err := who.agrees("\nMay the report show your account number, user and repository names?")
	if err != nil {
		names = false
	}
	text := fmt.Sprintf("## What was tried of docs/unproven.md\n\n```text\n%s\n```\n%s\n%d of %d rows were tried.\n",
		r.version, r.body.String(), r.tried, r.rows)
	text = redact(text, g, names)
	if err := os.WriteFile(reportFile, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	fmt.Fprintf(who.out, "\n%s\nThe report is in %s. Read it, then paste it into\nhttps://github.com/git-credential-mfa/git-credential-mfa/issues/new/choose\n", text, reportFile)
	return nil
}

var (
	code     = regexp.MustCompile(`\b[0-9]{6}\b`)
	account  = regexp.MustCompile(`\b[0-9]{12}\b`)
	identity = regexp.MustCompile(`:(?:user|mfa|u2f|role|assumed-role)/([\w+=.@/-]+)`)
)

// redact takes out secrets, codes and home folders, and with names false also
// account numbers and the names of users, devices, roles and the repository,
// wherever they stand.
func redact(text string, g *ground, names bool) string {
	home := doctor.NewHome(gitexec.Homes(os.Environ())...)
	private := []string{regexp.QuoteMeta(path.Base(g.url))}
	for _, match := range identity.FindAllStringSubmatch(text, -1) {
		private = append(private, regexp.QuoteMeta(match[1]))
	}
	name := regexp.MustCompile(`\b(?:` + strings.Join(private, "|") + `)\b`)
	var safe strings.Builder
	for line := range strings.Lines(text) {
		line = printable.Line(strings.TrimRight(line, "\r\n"))
		line = strings.ReplaceAll(line, g.dir, "TEMPORARY")
		line = home.Hide(gittrace.Redact(line))
		line = code.ReplaceAllString(line, "CODE")
		if !names {
			line = account.ReplaceAllString(line, "ACCOUNT") // mutation: prove's report has no account number
			line = name.ReplaceAllString(line, "NAME")
		}
		safe.WriteString(line + "\n")
	}
	return safe.String()
}
