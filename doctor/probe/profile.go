package probe

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// profileKeys are those of which the report says where they stand. The values
// of the others are nobody's business.
var profileKeys = []string{
	"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "region", "mfa_serial", "role_arn", "source_profile",
	"credential_process", "credential_source", "sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "login_session",
	"web_identity_token_file", "ca_bundle", "mfa_process", "mfa_session_duration",
}

// shownKeys are those whose value may be shown.
var shownKeys = []string{"region", "mfa_serial", "role_arn", "source_profile", "credential_source", "mfa_session_duration"}

// places says where each value of the profile stands, and what shadows what.
func (s System) places(profile string) (places, shadows []string) {
	profile = cmp.Or(profile, "default")
	found := map[string]string{}
	for _, name := range []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE"} {
		if value := s.Getenv(name); value != "" {
			places = append(places, "environment: "+name+shownValue(strings.ToLower(name), value))
		}
	}
	files := []string{
		cmp.Or(s.Getenv("AWS_SHARED_CREDENTIALS_FILE"), filepath.Join(s.Home, ".aws", "credentials")),
		cmp.Or(s.Getenv("AWS_CONFIG_FILE"), filepath.Join(s.Home, ".aws", "config")),
	}
	for i, file := range files {
		for _, v := range readProfile(file, profile, i == 0) {
			at := fmt.Sprintf("%s:%d", file, v.line)
			places = append(places, at+": "+v.key+shownValue(v.key, v.value))
			if other, twice := found[v.key]; twice && strings.HasPrefix(v.key, "aws_") {
				shadows = append(shadows, at+": "+v.key+" is not used, as it stands in "+other+" too")
			}
			found[v.key] = at
		}
	}
	if s.Getenv("AWS_ACCESS_KEY_ID") != "" {
		for _, key := range []string{"aws_access_key_id", "role_arn", "sso_session", "sso_start_url", "credential_process"} {
			if at := found[key]; at != "" {
				shadows = append(shadows, at+": "+key+" of the profile is not used, as AWS_ACCESS_KEY_ID is set, unless --profile names the profile")
			}
		}
		if s.Getenv("AWS_PROFILE") != "" {
			shadows = append(shadows, "AWS_PROFILE is set, and AWS_ACCESS_KEY_ID goes before it")
		}
	} else if s.Getenv("AWS_SESSION_TOKEN") != "" {
		shadows = append(shadows, "AWS_SESSION_TOKEN is set without AWS_ACCESS_KEY_ID, and is not used")
	}
	return places, shadows
}

// shownValue is " = VALUE" for what may be shown; of a key id the end is left
// by Report.conceal.
func shownValue(key, value string) string {
	switch {
	case strings.HasSuffix(key, "access_key_id") && len(value) > 4:
		return " = …" + value[len(value)-4:]
	case slices.Contains(shownKeys, strings.TrimPrefix(strings.TrimPrefix(key, "aws_"), "default_")) || key == "aws_profile":
		return " = " + value
	}
	return ""
}

// profileValue is a key of a profile, where it stands.
type profileValue struct {
	key, value string
	line       int
}

// readProfile finds the keys of one profile in one of the AWS files. The SDK
// reads them for use; this is only about where they are.
func readProfile(file, profile string, credentials bool) []profileValue {
	text, err := regularfile.Read(context.Background(), file)
	if err != nil {
		return nil
	}
	var values []profileValue
	inside := false
	for n, line := range strings.Split(string(text), "\n") {
		line = strings.TrimRight(line, " \t\r")
		if section, ok := strings.CutPrefix(line, "["); ok {
			section, _, _ = strings.Cut(section, "]")
			name := strings.TrimSpace(section)
			if rest, ok := strings.CutPrefix(name, "profile "); ok && !credentials {
				name = strings.Trim(strings.TrimSpace(rest), `"'`)
			}
			inside = name == profile
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		if inside && ok && !strings.HasPrefix(line, " ") && slices.Contains(profileKeys, key) {
			values = append(values, profileValue{key, strings.TrimSpace(value), n + 1})
		}
	}
	return values
}
