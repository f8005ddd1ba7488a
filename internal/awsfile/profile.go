package awsfile

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Profile is a profile as the SDK has it: the values of both files, and its
// source_profile.
type Profile struct {
	// Name is the profile's name.
	Name string
	// SDKName is the name by which the SDK finds it: with quotes, where it stands
	// in config in the AWS CLI's spelling.
	SDKName string
	// Source is the profile that source_profile names, or nil.
	Source *Profile

	values map[string]Value
}

// Value returns the value of a key, by its name in lower case, and where it
// stands. Without one, all of it is empty.
func (p *Profile) Value(key string) Value { return p.values[key] }

// Get returns the value of a key, or "".
func (p *Profile) Get(key string) string { return p.values[key].Text }

// Values returns the values of all keys.
func (p *Profile) Values() map[string]Value { return maps.Clone(p.values) }

// HasKeys reports whether the profile has a whole access key.
func (p *Profile) HasKeys() bool {
	return p.Get("aws_access_key_id") != "" && p.Get("aws_secret_access_key") != ""
}

// Has reports whether one of some keys has a value.
func (p *Profile) has(keys ...string) bool {
	for _, key := range keys {
		if p.Get(key) != "" {
			return true
		}
	}
	return false
}

// Profile returns a profile with all that it gets from its source_profile, as
// the SDK puts them together (setFromIniSections in config/shared_config.go).
// The error is a Problem.
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
		// A profile that is its own source gives its credentials, and no role.
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

// needsRole is an error for a source of credentials that is of use to a role only.
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

// oneSource is an error for a profile that names several sources of credentials.
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

// addSource follows source_profile. What else the profile has for credentials
// does not count then.
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

// hasCredentials reports whether the profile is a source of credentials. The
// SDK's reader does not count login_session ("aws login"), which its own
// providers and the AWS CLI do.
func (p *Profile) hasCredentials() bool {
	return p.HasKeys() || p.has("source_profile", "credential_source", "credential_process", "web_identity_token_file",
		"sso_session", "sso_region", "sso_account_id", "sso_start_url", "sso_role_name", "login_session")
}

// checkSession looks for the section that sso_session names.
func (f *Files) checkSession(p *Profile) error {
	v := p.Value("sso_session")
	if _, ok := f.sections[sessionPrefix+strings.TrimSpace(v.Text)]; v.Text != "" && !ok {
		return Problem{Cause: NoSession, Profile: p.Name, Value: v.Text, Place: v.Place}
	}
	return nil
}

// Endpoint returns the address at which a service is asked instead of AWS's
// own, and what says so, for a service by its name in such settings ("sts"):
// AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, endpoint_url in the services section
// of the profile or in the profile itself. p may be nil.
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

// DurationSeconds is duration_seconds, or 0 where the SDK reads none out of it.
func (p *Profile) DurationSeconds() int64 {
	n, err := strconv.ParseInt(p.Get("duration_seconds"), 0, 64)
	if err != nil {
		return 0
	}
	return n
}
