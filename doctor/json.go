package doctor

import (
	"io"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// jsonReport is the output of --json; the order of the keys is fixed. Keys may be
// added, but none changes its meaning while schema is 1 (docs/doctor.schema.json).
type jsonReport struct {
	Schema       int            `json:"schema"`
	OK           bool           `json:"ok"`
	Summary      Summary        `json:"summary"`
	AssumedAllow bool           `json:"assumed_allow,omitempty"`
	Checks       []jsonCheck    `json:"checks"`
	Decisions    []jsonDecision `json:"decisions"`
	// Audit is set with --audit.
	Audit    *policies.Audit `json:"audit,omitempty"`
	Version  string          `json:"version,omitempty"`
	System   string          `json:"system,omitempty"`
	Git      string          `json:"git,omitempty"` // its version
	Target   string          `json:"target,omitempty"`
	Subjects []jsonSubject   `json:"subjects,omitempty"`
}

// jsonSubject is one of several users or documents.
type jsonSubject struct {
	Name string `json:"name"`
	jsonReport
}

type jsonCheck struct {
	Code       string          `json:"code"`
	Group      Group           `json:"group"`
	Level      Level           `json:"level"`
	Title      string          `json:"title"`
	Detail     string          `json:"detail"`
	Fix        string          `json:"fix"`
	URL        string          `json:"url"`
	Statements []jsonStatement `json:"statements"`
}

type jsonStatement struct {
	Source string `json:"source"`
	Line   *int   `json:"line"` // null if there is no file
	Index  int    `json:"index"`
	Sid    string `json:"sid"`
	Effect string `json:"effect"`
	Origin string `json:"origin"`
}

type jsonDecision struct {
	Credentials policies.Credentials `json:"credentials"`
	Via         policies.Via         `json:"via"`
	Action      string               `json:"action"`
	Resource    string               `json:"resource"`
	Decision    policy.Outcome       `json:"decision"`
	DependsOn   []string             `json:"depends_on"`
	Statements  []jsonDecidingBy     `json:"statements"`
}

type jsonDecidingBy struct {
	Source string `json:"source"`
	Index  int    `json:"index"`
	Sid    string `json:"sid"`
}

// JSON writes the report as one object.
func (r Report) JSON(w io.Writer) error { return printable.WriteJSON(w, r.json()) }

func (r Report) json() jsonReport {
	out := jsonReport{
		Schema: 1, OK: r.Status() == Passed, Summary: r.Summary(), AssumedAllow: r.AssumedAllow,
		Checks: []jsonCheck{}, Decisions: []jsonDecision{}, Audit: r.Audit,
		Version: r.Version, System: r.System, Git: r.Git, Target: r.conceal(r.Target),
	}
	for _, result := range r.Results {
		out.Checks = append(out.Checks, r.jsonCheck(result))
	}
	for _, d := range r.Decisions {
		out.Decisions = append(out.Decisions, r.jsonDecision(d))
	}
	return out
}

// JSON writes the reports as one object, with an array of the subjects.
func (s Subjects) JSON(w io.Writer) error {
	out := jsonReport{Schema: 1, OK: s.Status() == Passed, Summary: s.Summary(), Checks: []jsonCheck{}, Decisions: []jsonDecision{},
		Version: s.Version, Target: s.Target}
	for _, one := range s.All {
		one.Home = s.Home
		out.Subjects = append(out.Subjects, jsonSubject{one.conceal(one.Name), one.json()})
	}
	return printable.WriteJSON(w, out)
}

func (r Report) jsonCheck(result Result) jsonCheck {
	c := jsonCheck{
		Code: result.Code, Group: result.Group, Level: result.Level, Title: r.conceal(result.Title.English),
		Detail: r.conceal(result.Detail), Fix: r.conceal(result.Fix), URL: result.URL,
		Statements: []jsonStatement{},
	}
	for i, s := range result.Statements {
		statement := jsonStatement{Source: r.conceal(s.Source), Index: s.Index, Sid: r.conceal(s.Sid), Effect: s.Effect, Origin: r.conceal(result.origin(i))}
		if s.Line > 0 {
			statement.Line = &s.Line
		}
		c.Statements = append(c.Statements, statement)
	}
	return c
}

func (r Report) jsonDecision(d policies.Decision) jsonDecision {
	out := jsonDecision{
		Credentials: d.Credentials, Via: d.Via, Action: d.Action, Resource: d.Resource, Decision: d.Outcome,
		DependsOn: append([]string{}, d.DependsOn...), Statements: []jsonDecidingBy{},
	}
	for _, s := range d.Statements {
		out.Statements = append(out.Statements, jsonDecidingBy{Source: r.conceal(s.Source), Index: s.Index, Sid: r.conceal(s.Sid)})
	}
	return out
}
