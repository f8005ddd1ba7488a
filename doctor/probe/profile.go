package probe

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// variables are the environment variables that concern the profile.
var variables = []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
	"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"}

// shownKeys are keys whose values may be shown. Other values may be secrets.
var shownKeys = []string{"region", "mfa_serial", "role_arn", "source_profile", "credential_source", "mfa_session_duration"}

func unsetKeys() string {
	return shell.Here.Unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
}

// readProfile notes where each value of the profile comes from, and the problems of
// the AWS files and the environment.
func (p *Probe) readProfile(source session.Source) {
	a := &p.evidence.AWS
	for _, name := range variables {
		if value := p.Getenv(name); value != "" {
			a.Places = append(a.Places, "environment: "+name+shownValue(strings.ToLower(name), value))
		}
	}
	values := source.Values()
	for _, key := range slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		return strings.Compare(fmt.Sprintf("%s:%09d", values[a].File, values[a].Line), fmt.Sprintf("%s:%09d", values[b].File, values[b].Line))
	}) {
		a.Places = append(a.Places, values[key].String()+": "+key+shownValue(key, values[key].Text))
	}
	for _, problem := range source.Problems() {
		a.Shadows = append(a.Shadows, doctor.Problem{Text: problem.Error(), Fix: problem.Hint()})
	}
	for _, key := range []string{"aws_access_key_id", "role_arn", "sso_session", "sso_start_url", "credential_process"} {
		if v := source.Value(key); v.Text != "" && source.FromEnvironment() {
			a.Shadows = append(a.Shadows, doctor.Problem{
				Text: fmt.Sprintf("%s: %s is not used, as AWS_ACCESS_KEY_ID is set, unless --profile names the profile", v, key), Fix: unsetKeys()})
		}
	}
	if source.Warning != "" {
		a.Shadows = append(a.Shadows, doctor.Problem{Text: source.Warning, Fix: unsetKeys()})
	}
	a.Unset = source.Unset
	for _, service := range []string{"sts", "iam"} {
		if at := source.Endpoint(service); at.Text != "" && a.Endpoint.Text == "" {
			a.Endpoint = doctor.Problem{Text: fmt.Sprintf("%s: %s is used instead of AWS", at, printable.Line(at.Text)), Fix: awssource.AskAWS(at)}
		}
	}
	if err := source.CheckRegion(); err != nil {
		a.Region = doctor.Problem{Text: err.Error(), Fix: source.RegionHint()}
	}
}

// shownValue returns " = VALUE" for a value that may be shown, and of an access key
// id the end.
func shownValue(key, value string) string {
	switch {
	case strings.HasSuffix(key, "access_key_id") && len(value) > 4:
		return " = …" + value[len(value)-4:]
	case slices.Contains(shownKeys, strings.TrimPrefix(strings.TrimPrefix(key, "aws_"), "default_")) || key == "aws_profile":
		return " = " + value
	}
	return ""
}
