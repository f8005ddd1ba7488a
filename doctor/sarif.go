package doctor

import (
	"fmt"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// The parts of SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0) that code
// scanning reads.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string             `json:"id"`
		ShortDescription sarifMessage       `json:"shortDescription"`
		FullDescription  sarifMessage       `json:"fullDescription"` // code scanning requires it, and help
		Help             sarifMessage       `json:"help"`
		HelpURI          string             `json:"helpUri"`
		Configuration    sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifMessage `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI     string `json:"uri"`
		URIBase string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	// sourceRoot is the base of paths relative to the current folder, by the name
	// that code scanning knows.
	sourceRoot = "%SRCROOT%"
	homePage   = "https://github.com/git-credential-mfa/git-credential-mfa"
)

// sarifLevels are SARIF's words for the levels that are told.
var sarifLevels = map[Level]string{Error: "error", Warning: "warning", Info: "note"}

// SARIF writes what was found for code scanning.
func (r Report) SARIF(w io.Writer) error {
	return writeSARIF(w, r.Version, []Subject{{Report: r}})
}

// SARIF writes what was found for each subject.
func (s Subjects) SARIF(w io.Writer) error {
	all := make([]Subject, len(s.All))
	for i, one := range s.All {
		one.Home, one.Folders = s.Home, s.Folders
		all[i] = one
	}
	return writeSARIF(w, s.Version, all)
}

func writeSARIF(w io.Writer, version string, subjects []Subject) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "git-credential-mfa doctor", Version: version, InformationURI: homePage, Rules: []sarifRule{}}
	rules := make(map[string]int)
	seen := make(map[string]bool)
	for _, s := range subjects {
		for _, r := range s.Results {
			level := sarifLevels[r.Level]
			if level == "" {
				continue
			}
			if _, known := rules[r.Code]; !known {
				rules[r.Code] = len(run.Tool.Driver.Rules)
				run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(r))
			}
			result := s.sarif(r, rules[r.Code])
			// A policy that many have is at fault once.
			key := result.RuleID + result.Message.Text + locationKey(result)
			if !seen[key] {
				seen[key] = true
				run.Results = append(run.Results, result)
			}
		}
	}
	return printable.WriteJSON(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func locationKey(r sarifResult) string {
	if len(r.Locations) == 0 || r.Locations[0].Physical.Region == nil {
		return ""
	}
	at := r.Locations[0].Physical
	return fmt.Sprint(at.Artifact.URI, " ", at.Region.StartLine)
}

// ruleOf describes a code.
func ruleOf(r Result) sarifRule {
	level := sarifLevels[r.usual]
	if level == "" {
		level = "note"
	}
	title := r.Title.English
	for _, c := range Checks {
		if c.Code == r.Code {
			title = c.Found
		}
	}
	return sarifRule{ID: r.Code, ShortDescription: sarifMessage{title}, FullDescription: sarifMessage{title},
		Help: sarifMessage{"see " + r.URL}, HelpURI: r.URL, Configuration: sarifConfiguration{level}}
}

// sarif is one result, at the first of its statements. Code scanning shows none
// without a place, so one without statements stands at the head of the file.
func (s Subject) sarif(r Result, rule int) sarifResult {
	lines := []string{r.Title.English}
	if s.Name != "" && len(r.Statements) == 0 {
		lines[0] += " (" + s.Name + ")"
	}
	if r.Detail != "" {
		lines = append(lines, r.Detail)
	}
	if r.Fix != "" && !strings.Contains(r.Fix, "\n") {
		lines = append(lines, "Fix: "+r.Fix)
	}
	result := sarifResult{RuleID: r.Code, RuleIndex: rule, Level: sarifLevels[r.Level],
		Message: sarifMessage{printable.Text(s.conceal(strings.Join(lines, "\n")))}, Locations: []sarifLocation{}}
	for i, statement := range r.Statements {
		at := s.locationOf(statement)
		if i == 0 {
			result.Locations = append(result.Locations, at)
		} else if i <= 10*maxLines {
			at.Message = &sarifMessage{printable.Line(s.conceal(r.cited()[i]))}
			result.Related = append(result.Related, at)
		}
	}
	if len(result.Locations) == 0 && s.Source != "" {
		result.Locations = append(result.Locations, sarifLocation{Physical: sarifPhysical{s.artifactOf(s.Source), &sarifRegion{1}}})
	}
	return result
}

func (r Report) locationOf(s *policy.Statement) sarifLocation {
	at := sarifLocation{Physical: sarifPhysical{Artifact: r.artifactOf(s.Source)}}
	if s.Line > 0 {
		at.Physical.Region = &sarifRegion{s.Line}
	}
	return at
}

// artifactOf returns the place of a file. Code scanning shows only files below the
// current folder, by paths relative to it; others keep their path. A policy of IAM
// keeps its ARN.
func (r Report) artifactOf(source string) sarifArtifact {
	if strings.HasPrefix(source, "arn:") {
		return sarifArtifact{URI: source}
	}
	for _, folder := range r.Folders {
		if below, err := filepath.Rel(folder, source); filepath.IsAbs(source) && err == nil && filepath.IsLocal(below) {
			source = below
		}
	}
	slashed := filepath.ToSlash(source)
	switch {
	case filepath.IsAbs(source):
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(slashed, "/")}).String()}
	case filepath.IsLocal(source):
		return sarifArtifact{URI: (&url.URL{Path: path.Clean(slashed)}).String(), URIBase: sourceRoot}
	}
	return sarifArtifact{URI: (&url.URL{Path: path.Clean(slashed)}).String()}
}
