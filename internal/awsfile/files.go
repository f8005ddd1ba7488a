package awsfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// Place is the place of a value.
type Place struct {
	// File is the file's name, as in the environment or by default, or the name of
	// an environment variable.
	File string
	// Line counts from 1; 0 is the whole file.
	Line int
}

// String returns "FILE:LINE", or only the file.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Value is the value of a key, with its place.
type Value struct {
	Text string
	Place
}

// section is a section of one file, or a profile from both.
type section struct {
	values map[string]Value
	nested map[string]map[string]Value
	// partial is the half of an access key that has no other half, in the file
	// that was read last, or nil.
	partial *Value
}

// Files holds the two AWS files and their profiles.
type Files struct {
	// ConfigFile and CredentialsFile are the names of the files, which need not
	// exist.
	ConfigFile, CredentialsFile string

	config, credentials document
	// sections are the merged sections of both files, by the SDK's names: profiles
	// without the prefix.
	sections map[string]section
	// quoted maps profiles whose names are in quotes in config to the SDK's names
	// for them.
	quoted map[string]string
	// inCredentials are the profiles with a section in credentials.
	inCredentials map[string]bool
	problems      []Problem
}

// Read reads the two files that the environment names, or those in the home
// directory. A file that does not exist, or that the user may not read, counts
// as empty, as it does for the SDK; Problems lists it. The error is a Problem
// where the SDK fails too, or ctx's. Only regular files are read.
func Read(ctx context.Context, getenv func(string) string) (*Files, error) {
	f := &Files{ConfigFile: Name(getenv, Config), CredentialsFile: Name(getenv, Credentials)}
	var err error
	if f.config, err = f.read(ctx, Config, f.ConfigFile, getenv(variables[Config]) != ""); err != nil {
		return f, err
	}
	if f.credentials, err = f.read(ctx, Credentials, f.CredentialsFile, getenv(variables[Credentials]) != ""); err != nil {
		return f, err
	}
	f.putTogether()
	return f, nil
}

// variables are the environment variables that name the files, and names are
// the names of the files in ~/.aws.
var (
	variables = [...]string{Config: "AWS_CONFIG_FILE", Credentials: "AWS_SHARED_CREDENTIALS_FILE"}
	names     = [...]string{Config: "config", Credentials: "credentials"}
)

// Name returns the name of a file, unchanged from the environment, or that of
// the one in the home directory.
func Name(getenv func(string) string, kind Kind) string {
	if file := getenv(variables[kind]); file != "" {
		return file
	}
	home, _ := os.UserHomeDir() // the SDK goes on without a home, too
	return filepath.Join(home, ".aws", names[kind])
}

func (f *Files) read(ctx context.Context, kind Kind, file string, named bool) (document, error) {
	text, err := regularfile.Read(ctx, file)
	at := Place{File: file}
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && literally(file) != "": // on Windows a name with quotes is an error of another kind
		f.problems = append(f.problems, missing(kind, file, named)...)
		return parse(""), nil
	case errors.Is(err, fs.ErrPermission):
		f.problems = append(f.problems, Problem{Cause: Unreadable, Place: at, err: err})
		return parse(""), nil
	case ctx.Err() != nil:
		return document{}, ctx.Err()
	case err != nil: // mutation: fault: a pipe for an AWS file
		return document{}, Problem{Cause: NotAFile, Place: at, err: err}
	}
	d := parse(string(text))
	if cause := foreign(text); cause != 0 {
		f.problems = append(f.problems, Problem{Cause: cause, Place: at})
		d.unread = nil // not text
	}
	if d.loneQuote >= 0 { // mutation: awsfile: a lone quote is not handed to the SDK
		return document{}, Problem{Cause: LoneQuote, Place: Place{file, d.loneQuote + 1}}
	}
	return d, nil
}

// sections returns the sections of one file. Sections of the same name are
// merged, and the last of equal keys wins.
func (d document) sections(file string) map[string]section {
	all := map[string]section{}
	for _, h := range d.headers {
		if _, ok := all[h.section]; !ok && h.section != "" {
			all[h.section] = section{values: map[string]Value{}, nested: map[string]map[string]Value{}}
		}
	}
	for _, p := range d.properties {
		s := all[p.section]
		s.values[p.key] = Value{p.text, Place{file, p.start + 1}}
		delete(s.nested, p.key)
		for key, value := range p.nested {
			if s.nested[p.key] == nil {
				s.nested[p.key] = map[string]Value{}
			}
			s.nested[p.key][key] = Value{value, Place{file, p.start + 1}}
		}
	}
	for name, s := range all {
		id, hasID := s.values["aws_access_key_id"]
		secret, hasSecret := s.values["aws_secret_access_key"]
		switch {
		case hasID && !hasSecret:
			s.partial = &id
		case hasSecret && !hasID:
			s.partial = &secret
		}
		all[name] = s
	}
	return all
}

// putTogether merges the sections of both files into profiles.
func (f *Files) putTogether() {
	config := f.config.sections(f.ConfigFile)
	f.sections, f.quoted, f.inCredentials = map[string]section{}, map[string]string{}, map[string]bool{}
	for name, s := range config {
		if strings.HasPrefix(name, sessionPrefix) || strings.HasPrefix(name, servicesPrefix) || strings.EqualFold(name, DefaultProfile) {
			f.sections[name] = s
		}
	}
	profiles := slices.Sorted(maps.Keys(config))
	for _, name := range profiles { // [profile default] wins over [default]
		if profile, ok := strings.CutPrefix(name, profilePrefix); ok {
			f.sections[profile] = config[name]
		}
	}
	for _, name := range profiles {
		quoted, ok := strings.CutPrefix(name, profilePrefix)
		profile := unquoted(quoted)
		if _, taken := f.sections[profile]; ok && !taken {
			f.sections[profile], f.quoted[profile] = config[name].copied(), quoted
		}
	}
	for name, s := range f.credentials.sections(f.CredentialsFile) {
		if strings.HasPrefix(name, profilePrefix) {
			continue
		}
		f.inCredentials[name] = true
		if of, ok := f.sections[name]; ok {
			s = of.with(s)
		}
		f.sections[name] = s
	}
}

func (s section) copied() section {
	return section{values: maps.Clone(s.values), nested: maps.Clone(s.nested), partial: s.partial}
}

// merged are the keys that are taken from credentials for a profile that is in
// both files: the SDK's (mergeSections in config/shared_config.go), and our own.
// All other keys then count in config only.
var merged = []string{
	"role_arn", "source_profile", "credential_source", "external_id", "mfa_serial", "role_session_name", "region",
	"endpoint_discovery_enabled", "credential_process", "web_identity_token_file", "s3_use_arn_region",
	"s3_disable_multiregion_access_points", "ec2_metadata_service_endpoint_mode", "ec2_metadata_service_endpoint",
	"ec2_metadata_v1_disabled", "use_dualstack_endpoint", "use_fips_endpoint", "defaults_mode", "retry_mode", "ca_bundle",
	"duration_seconds", "max_attempts", "sso_session", "sso_account_id", "sso_region", "sso_role_name", "sso_start_url",
	"auth_scheme_preference", "login_session",
	"mfa_process", "mfa_session_duration", "mfa_access_key_id",
}

// with returns a section of config merged with that of credentials.
func (s section) with(credentials section) section {
	s = s.copied()
	take := func(key string) {
		if v, ok := credentials.values[key]; ok {
			s.values[key] = v
			delete(s.nested, key)
		}
	}
	s.partial = credentials.partial
	_, hasID := credentials.values["aws_access_key_id"]
	_, hasSecret := credentials.values["aws_secret_access_key"]
	if hasID && hasSecret {
		take("aws_access_key_id")
		take("aws_secret_access_key")
		take("aws_session_token") // if there is none, that of config stays
	}
	for _, key := range merged {
		take(key)
	}
	return s
}

// Names returns the names of all profiles, sorted.
func (f *Files) Names() []string {
	var names []string
	quoted := slices.Collect(maps.Values(f.quoted))
	for name := range f.sections {
		isSession := strings.HasPrefix(name, sessionPrefix) || strings.HasPrefix(name, servicesPrefix)
		if !slices.Contains(quoted, name) && (!isSession || f.inCredentials[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Value returns the value of a profile's own key. Its source_profile does not
// count.
func (f *Files) Value(profile, key string) Value { return f.sections[profile].values[key] }

// In returns the value of a profile's key in one of the files.
func (f *Files) In(kind Kind, profile, key string) Value {
	d, file := f.config, f.ConfigFile
	if kind == Credentials {
		d, file = f.credentials, f.CredentialsFile
	}
	return d.sections(file)[d.sectionFor(kind, profile)].values[key]
}

// Has reports whether there is a profile of that name.
func (f *Files) Has(profile string) bool {
	_, ok := f.sections[profile]
	return ok
}
