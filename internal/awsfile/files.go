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

// Place is where a value stands.
type Place struct {
	// File is the file's name, as the environment or the default has it, or the
	// name of an environment variable.
	File string
	// Line counts from 1; 0 is the file as a whole.
	Line int
}

// String is "FILE:LINE", or the file alone.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Value is a value of a key, and where it stands.
type Value struct {
	Text string
	Place
}

// section is a section of one file, or a profile out of both.
type section struct {
	values map[string]Value
	nested map[string]map[string]Value
	// partial is where half of an access key stands, in the file that was read last.
	partial *Value
}

// Files are the two AWS files as they were read, and the profiles in them.
type Files struct {
	// ConfigFile and CredentialsFile are their names; they need not exist.
	ConfigFile, CredentialsFile string

	config, credentials document
	// sections are those of both files put together, by the names that the SDK has
	// for them: profiles by their name alone.
	sections map[string]section
	// quoted are the profiles that stand in config in quotes, with the name that
	// the SDK has for each.
	quoted map[string]string
	// inCredentials are the profiles with a section in credentials.
	inCredentials map[string]bool
	problems      []Problem
}

// Read reads the two files that the environment names, or those in the home
// directory. A file that is not there, or that the user may not read, is empty,
// as it is for the SDK; Problems tells. The error is a Problem for what the SDK
// fails at altogether: a folder, say. What is no regular file is not read at
// all.
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

// variables name the files; names are theirs in ~/.aws.
var (
	variables = [...]string{Config: "AWS_CONFIG_FILE", Credentials: "AWS_SHARED_CREDENTIALS_FILE"}
	names     = [...]string{Config: "config", Credentials: "credentials"}
)

// Name returns the name of one of the files: what the environment says, as it
// is written there, or the one in the home directory.
func Name(getenv func(string) string, kind Kind) string {
	if file := getenv(variables[kind]); file != "" {
		return file
	}
	home, _ := os.UserHomeDir() // without one the SDK goes on, too
	return filepath.Join(home, ".aws", names[kind])
}

func (f *Files) read(ctx context.Context, kind Kind, file string, named bool) (document, error) {
	text, err := regularfile.Read(ctx, file)
	at := Place{File: file}
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && literally(file) != "": // quotes make no name on Windows
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
		d.unread = nil // of what is no text
	}
	if d.loneQuote >= 0 { // mutation: awsfile: a lone quote is not handed to the SDK
		return document{}, Problem{Cause: LoneQuote, Place: Place{file, d.loneQuote + 1}}
	}
	return d, nil
}

// sections are the sections of one file. Sections of the same name are one; of
// equal keys the last one counts.
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

// putTogether makes the profiles out of the sections of both files.
func (f *Files) putTogether() {
	config := f.config.sections(f.ConfigFile)
	f.sections, f.quoted, f.inCredentials = map[string]section{}, map[string]string{}, map[string]bool{}
	for name, s := range config {
		if strings.HasPrefix(name, sessionPrefix) || strings.HasPrefix(name, servicesPrefix) || strings.EqualFold(name, DefaultProfile) {
			f.sections[name] = s
		}
	}
	profiles := slices.Sorted(maps.Keys(config))
	for _, name := range profiles { // they win over sections of that name, [default] mostly
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

// merged are the keys of a profile that are taken from credentials where config
// has the profile, too: the SDK's (mergeSections in config/shared_config.go),
// and our own. Others count in config only then.
var merged = []string{
	"role_arn", "source_profile", "credential_source", "external_id", "mfa_serial", "role_session_name", "region",
	"endpoint_discovery_enabled", "credential_process", "web_identity_token_file", "s3_use_arn_region",
	"s3_disable_multiregion_access_points", "ec2_metadata_service_endpoint_mode", "ec2_metadata_service_endpoint",
	"ec2_metadata_v1_disabled", "use_dualstack_endpoint", "use_fips_endpoint", "defaults_mode", "retry_mode", "ca_bundle",
	"duration_seconds", "max_attempts", "sso_session", "sso_account_id", "sso_region", "sso_role_name", "sso_start_url",
	"auth_scheme_preference", "login_session",
	"mfa_process", "mfa_session_duration", "mfa_access_key_id",
}

// with is a section of config with what credentials says beside it.
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
		take("aws_session_token") // without one, that of config stays
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

// Value returns the value of a key of a profile, and where it stands, without a
// look at its source_profile.
func (f *Files) Value(profile, key string) Value { return f.sections[profile].values[key] }

// In returns the value of a profile's key as one of the files alone has it.
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
