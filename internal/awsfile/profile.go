package awsfile

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Profile is a profile as the SDK reads it: the values of both files, and its
// source_profile.
type Profile struct {
	// Name is the profile's name, without quotes.
	Name string
	// SDKName is the name by which the SDK finds the profile: with the quotes that
	// the AWS CLI writes into config.
	SDKName string
	// Source is the profile that source_profile names, or nil.
	Source *Profile

	values map[string]Value
}

// Value returns the value of a key, whose name is in lower case. If there is
// none, the Value is empty.
func (p *Profile) Value(key string) Value { return p.values[key] }

// Get returns the value of a key, or "".
func (p *Profile) Get(key string) string { return p.values[key].Text }

// Values returns the values of all keys.
func (p *Profile) Values() map[string]Value { return maps.Clone(p.values) }

// HasKeys reports whether the profile has a whole access key.
func (p *Profile) HasKeys() bool {
	return p.Get("aws_access_key_id") != "" && p.Get("aws_secret_access_key") != ""
}

// has reports whether one of the keys has a value.
func (p *Profile) has(keys ...string) bool {
	for _, key := range keys {
		if p.Get(key) != "" {
			return true
		}
	}
	return false
}

// Profile returns a profile and its source_profile, as the SDK combines them
// (setFromIniSections in config/shared_config.go). The error is a Problem.
func (f *Files) Profile(name string) (*Profile, error) {
	return f.profile(name, map[string]bool{})
}

func (f *Files) profile(name string, seen map[string]bool) (*Profile, error) {
	s, ok := f.sections[name]
	if !ok {
		return nil, f.noProfile(name)
	}
	p := &Profile{Name: name, SDKName: name, values: maps.Clone(s.values)}
	if quoted, ok := f.quoted[name]; ok && !f.inCredentials[name] {
		p.SDKName = quoted
	}
	if s.partial != nil {
		return p, Problem{Cause: PartialKey, Profile: name, Place: s.partial.Place}
	}
	if seen[name] {
		// A profile that is its own source supplies its credentials, not its role.
		p.clear("role_arn", "external_id", "mfa_serial", "role_session_name", "source_profile")
	} else if err := p.needsRole(); err != nil {
		return p, err
	}
	if len(seen) > 0 && p.HasKeys() {
		return p, nil
	}
	seen[name] = true
	if err := p.oneSource(); err != nil {
		return p, err
	}
	if err := f.addSource(p, seen); err != nil {
		return p, err
	}
	return p, f.checkSession(p)
}

func (p *Profile) clear(keys ...string) {
	for _, key := range keys {
		delete(p.values, key)
	}
}

// needsRole returns a Problem if the profile has a setting that only a role uses,
// but no role.
func (p *Profile) needsRole() error {
	for _, key := range []string{"source_profile", "credential_source", "web_identity_token_file"} {
		if v := p.Value(key); v.Text != "" {
			if p.has("role_arn") {
				return nil
			}
			return Problem{Cause: NoRole, Profile: p.Name, Key: key, Value: v.Text, Place: v.Place}
		}
	}
	return nil
}

// oneSource returns a Problem if the profile names several sources of
// credentials.
func (p *Profile) oneSource() error {
	var first Value
	firstKey := ""
	for _, key := range []string{"source_profile", "credential_source", "credential_process", "web_identity_token_file"} {
		v := p.Value(key)
		switch {
		case v.Text == "":
		case firstKey == "":
			first, firstKey = v, key
		default:
			return Problem{Cause: SeveralSources, Profile: p.Name, Key: key, Value: firstKey, Place: v.Place, Other: first.Place}
		}
	}
	return nil
}

// addSource follows source_profile. The profile's other credential settings then
// do not count.
func (f *Files) addSource(p *Profile, seen map[string]bool) error {
	v := p.Value("source_profile")
	if v.Text == "" {
		return nil
	}
	p.clear("credential_source", "credential_process", "web_identity_token_file", "aws_access_key_id", "aws_secret_access_key",
		"aws_session_token", "sso_account_id", "sso_region", "sso_role_name", "sso_start_url")
	source, err := f.profile(v.Text, seen)
	if problem, ok := err.(Problem); ok && problem.Cause == NoProfile && problem.Profile == v.Text && problem.Place.File == "" {
		problem.Place = v.Place
		err = problem
	}
	if err != nil {
		return fmt.Errorf("its source_profile %q: %w", v.Text, err)
	}
	p.Source = source
	if !source.hasCredentials() {
		return Problem{Cause: SourceWithoutCredentials, Profile: v.Text, Place: v.Place}
	}
	return nil
}

// hasCredentials reports whether the profile is a source of credentials. Unlike
// the SDK's reader, but like its providers and the AWS CLI, it counts
// login_session ("aws login").
func (p *Profile) hasCredentials() bool {
	return p.HasKeys() || p.has("source_profile", "credential_source", "credential_process", "web_identity_token_file",
		"sso_session", "sso_region", "sso_account_id", "sso_start_url", "sso_role_name", "login_session")
}

// checkSession returns a Problem if there is no section that sso_session names.
func (f *Files) checkSession(p *Profile) error {
	v := p.Value("sso_session")
	if _, ok := f.sections[sessionPrefix+strings.TrimSpace(v.Text)]; v.Text != "" && !ok {
		return Problem{Cause: NoSession, Profile: p.Name, Value: v.Text, Place: v.Place}
	}
	return nil
}

// Endpoint returns the address that settings name for a service instead of AWS's
// own, by the service's name in such settings ("sts"): AWS_ENDPOINT_URL_STS,
// AWS_ENDPOINT_URL, or endpoint_url in the profile's services section or in the
// profile itself. p may be nil.
func (f *Files) Endpoint(getenv func(string) string, p *Profile, service string) Value {
	ignore := getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
	if ignore == "" && p != nil {
		ignore = p.Get("ignore_configured_endpoint_urls")
	}
	if strings.EqualFold(ignore, "true") {
		return Value{}
	}
	for _, name := range []string{"AWS_ENDPOINT_URL_" + strings.ToUpper(service), "AWS_ENDPOINT_URL"} {
		if v := getenv(name); v != "" {
			return Value{v, Place{File: name}}
		}
	}
	if p == nil {
		return Value{}
	}
	if v := f.sections[servicesPrefix+p.Get("services")].nested[service]["endpoint_url"]; v.Text != "" {
		return v
	}
	return p.Value("endpoint_url")
}

// DurationSeconds returns duration_seconds, or 0 if the SDK reads no number in
// it.
func (p *Profile) DurationSeconds() int64 {
	n, err := strconv.ParseInt(p.Get("duration_seconds"), 0, 64)
	if err != nil {
		return 0
	}
	return n
}
