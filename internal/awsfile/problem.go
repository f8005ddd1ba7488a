package awsfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// Cause is a kind of Problem. errors.Is(err, NoProfile) reports whether an error
// is of that kind.
type Cause int

// Causes that a file is not read, or only in part.
const (
	// ByteOrderMark is for a file that begins with one: the SDK then misses the
	// first section.
	ByteOrderMark Cause = iota + 1
	// UTF16 is for a file in an encoding that the SDK does not know.
	UTF16
	// Unreadable is for a file without permission to read.
	Unreadable
	// NotAFile is for a folder or a pipe, and for a file that could not be read in
	// time.
	NotAFile
	// LoneQuote is for a value that is a single quote character. The SDK's reader
	// panics at it.
	LoneQuote
	// NoSuchFile is for a file that the environment names and that does not exist.
	NoSuchFile
	// TextSuffix is for credentials.txt, as Notepad saves it, instead of
	// credentials.
	TextSuffix
)

// Causes that a line does not mean what its author intended.
const (
	// NotAProfile is for [work] in config, which must be [profile work].
	NotAProfile Cause = iota + 100
	// ProfileInCredentials is for [profile work] in credentials, which must be
	// [work].
	ProfileInCredentials
	// NotAHeader is for a line that begins with "[" but is not a header. The lines
	// below it belong to the section above.
	NotAHeader
	// Unused is for a value that another one overrides.
	Unused
	// QuotedName is for [profile 'my team'], the AWS CLI's spelling. The SDK treats
	// the quotes as part of the name.
	QuotedName
)

// Causes that a profile can't be used.
const (
	// NoProfile is for a profile that is in neither file.
	NoProfile Cause = iota + 200
	// PartialKey is for an access key id without its secret, or a secret without its
	// id.
	PartialKey
	// NoRole is for a setting that only a role uses (source_profile, say) in a
	// profile without role_arn.
	NoRole
	// SeveralSources is for a profile that names two sources of credentials.
	SeveralSources
	// SourceWithoutCredentials is for a source_profile without credentials.
	SourceWithoutCredentials
	// NoSession is for an sso_session without its section.
	NoSession
)

// Error returns the cause as a number. Problem.Error has the text.
func (c Cause) Error() string { return fmt.Sprintf("problem %d of the AWS files", int(c)) }

// Problem is something in the AWS files that the SDK can't read, or reads
// differently from what the author intended.
type Problem struct {
	Cause Cause
	// Place is where the problem is.
	Place Place
	// Profile is the profile with the problem, or "".
	Profile string
	// Key and Value are the setting with the problem. Value is never a secret.
	Key, Value string
	// Other is a second place that matters, such as that of the value in force.
	Other Place

	err     error
	because []Problem // for NoProfile: problems that may be the reason
}

// Is lets errors.Is compare a Problem with a Cause.
func (p Problem) Is(target error) bool { cause, ok := target.(Cause); return ok && cause == p.Cause }

// Unwrap returns the system's error, or nil.
func (p Problem) Unwrap() error { return p.err }

// About returns the problems that may be why a profile, or a value in it, is not
// found.
func (f *Files) About(profile string) []Problem {
	var about []Problem
	for _, p := range append(slices.Clone(f.problems), f.headers()...) {
		if p.Cause != QuotedName && (p.Profile == "" || strings.EqualFold(p.Profile, profile)) {
			about = append(about, p)
		}
	}
	return about
}

// Missing reports whether something does not exist, and nothing in the files
// looks like a misspelling of it.
func (p Problem) Missing() bool {
	return p.Cause == SourceWithoutCredentials || p.Cause == NoProfile && len(p.because) == 0 && p.Value == ""
}

// Error returns what is wrong, and where.
func (p Problem) Error() string {
	switch p.Cause {
	case ByteOrderMark:
		return fmt.Sprintf("%s begins with a byte order mark (BOM), so that the AWS SDK does not see its first section", p.Place)
	case UTF16:
		return fmt.Sprintf("%s is UTF-16, and the AWS SDK reads UTF-8 only", p.Place)
	case Unreadable, NotAFile:
		return fmt.Sprintf("%s: %v", p.Place, systemError(p.err))
	case LoneQuote:
		return fmt.Sprintf("%s: the value is a single quote, which the AWS SDK can't read", p.Place)
	case NoSuchFile:
		return fmt.Sprintf("there is no file %s, which %s names%s", p.Place, p.Key, literally(p.Value))
	case TextSuffix:
		return fmt.Sprintf("%s is not read: the name must be %s", p.Place, p.Other)
	case NotAProfile:
		return fmt.Sprintf("%s: [%s] is not read: in this file a profile's section is [profile %s]", p.Place, p.Value, p.Profile)
	case ProfileInCredentials:
		return fmt.Sprintf("%s: [%s] is not read: in this file a profile's section is [%s]", p.Place, p.Value, p.Profile)
	case NotAHeader:
		return fmt.Sprintf("%s: the AWS SDK reads no section header here, so the lines below belong to the section above", p.Place)
	case Unused:
		return fmt.Sprintf("%s: %s is not used: %s overrides it", p.Place, p.Key, p.Other)
	case QuotedName:
		return fmt.Sprintf("%s: the AWS SDK, and with it Terraform, treats the quotes as part of the name; this program and the AWS CLI do not", p.Place)
	}
	return p.profileError()
}

func (p Problem) profileError() string {
	switch p.Cause {
	case PartialKey:
		return fmt.Sprintf("%s: half of an access key: aws_access_key_id and aws_secret_access_key must be in the same file", p.Place)
	case NoRole:
		return fmt.Sprintf("%s: %s is for profiles with role_arn, and there is none", p.Place, p.Key)
	case SeveralSources:
		return fmt.Sprintf("%s: %s conflicts with %s at %s: a profile has one source of credentials", p.Place, p.Key, p.Value, p.Other)
	case SourceWithoutCredentials:
		return fmt.Sprintf("%s: its source_profile %q has no credentials", p.Place, p.Profile)
	case NoSession:
		return fmt.Sprintf("%s: there is no section [sso-session %s]", p.Place, p.Value)
	}
	text := "there is no such profile"
	for _, other := range p.because {
		text += "; " + other.Error()
	}
	return text
}

// Literally returns why a file of this name is not found, if the reason is that
// no shell has expanded it: ` (the AWS SDK does not expand "~")`. Otherwise it
// returns "".
func (v Value) Literally() string {
	if text := literally(v.Text); text != "" {
		return " (" + strings.TrimPrefix(text, ": ") + ")"
	}
	return ""
}

// literally returns why a name that a shell would have changed is not found.
func literally(name string) string {
	switch {
	case strings.HasPrefix(name, "~"):
		return `: the AWS SDK does not expand "~"`
	case strings.Trim(name, `"'`) != name:
		return ": the AWS SDK treats the quotes as part of the name"
	}
	return ""
}

func systemError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// missing returns the problems with a file that does not exist. That alone is a
// problem only if the environment names the file.
func missing(kind Kind, file string, named bool) []Problem {
	var problems []Problem
	if named {
		problems = append(problems, Problem{Cause: NoSuchFile, Place: Place{File: file}, Key: variables[kind], Value: file})
	}
	if info, err := os.Stat(file + ".txt"); err == nil && info.Mode().IsRegular() {
		problems = append(problems, Problem{Cause: TextSuffix, Place: Place{File: file + ".txt"}, Other: Place{File: file}})
	}
	return problems
}

// foreign returns the cause for a text in another encoding, or 0.
func foreign(text []byte) Cause {
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return ByteOrderMark
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return UTF16
	case len(text) > 1 && (text[0] == 0) != (text[1] == 0):
		return UTF16 // without a byte order mark
	}
	return 0
}

// Problems returns all problems of the files, except those that Profile returns
// because they make one profile unusable.
func (f *Files) Problems() []Problem {
	problems := slices.Clone(f.problems)
	problems = append(problems, f.headers()...)
	return append(problems, f.unused()...)
}

// headers returns the problems with the lines that begin sections.
func (f *Files) headers() []Problem {
	var problems []Problem
	for _, h := range f.config.headers {
		at := Place{f.ConfigFile, h.line + 1}
		word, rest, _ := strings.Cut(h.section, " ")
		switch {
		case strings.HasPrefix(h.section, profilePrefix):
			if profile := unquoted(rest); f.quoted[profile] == rest {
				problems = append(problems, Problem{Cause: QuotedName, Place: at, Profile: profile})
			}
		case strings.HasPrefix(h.section, sessionPrefix), strings.HasPrefix(h.section, servicesPrefix), strings.EqualFold(h.section, DefaultProfile):
		case h.section == "plugins", h.section == "preview": // the AWS CLI's own
		case strings.EqualFold(word+" ", profilePrefix) && rest != "":
			problems = append(problems, Problem{Cause: NotAProfile, Place: at, Profile: rest, Value: h.section})
		default:
			problems = append(problems, Problem{Cause: NotAProfile, Place: at, Profile: h.section, Value: h.section})
		}
	}
	for _, h := range f.credentials.headers {
		if profile, ok := strings.CutPrefix(h.section, profilePrefix); ok {
			problems = append(problems, Problem{Cause: ProfileInCredentials, Place: Place{f.CredentialsFile, h.line + 1}, Profile: unquoted(profile), Value: h.section})
		}
	}
	for _, line := range f.config.unread {
		problems = append(problems, Problem{Cause: NotAHeader, Place: Place{f.ConfigFile, line + 1}})
	}
	for _, line := range f.credentials.unread {
		problems = append(problems, Problem{Cause: NotAHeader, Place: Place{f.CredentialsFile, line + 1}})
	}
	return problems
}

// unused returns the values that others override.
func (f *Files) unused() []Problem {
	var problems []Problem
	look := func(d document, file string, profileOf func(string) (string, bool)) {
		for _, p := range d.properties {
			profile, ok := profileOf(p.section)
			v := f.sections[profile].values[p.key]
			at := Place{file, p.start + 1}
			if ok && v.Line != 0 && v.Place != at {
				problems = append(problems, Problem{Cause: Unused, Place: at, Profile: profile, Key: p.key, Other: v.Place})
			}
		}
	}
	look(f.config, f.ConfigFile, func(section string) (string, bool) {
		if profile, ok := strings.CutPrefix(section, profilePrefix); ok {
			profile = unquoted(profile)
			return profile, true
		}
		return section, strings.EqualFold(section, DefaultProfile)
	})
	look(f.credentials, f.CredentialsFile, func(section string) (string, bool) {
		return section, !strings.HasPrefix(section, profilePrefix)
	})
	return problems
}

// noProfile returns the Problem of a profile that does not exist, with the
// problems that may be the reason.
func (f *Files) noProfile(name string) Problem {
	p := Problem{Cause: NoProfile, Profile: name, because: f.About(name)}
	for _, other := range f.Names() {
		if strings.EqualFold(other, name) {
			p.Value = other
		}
	}
	return p
}

// Hint returns what fixes the problem: a command where one exists.
func (p Problem) Hint() string {
	file := shell.Here.Quote(p.Place.File)
	switch p.Cause {
	case ByteOrderMark, UTF16:
		return "save it as UTF-8 without BOM: " + recode(p.Cause, p.Place.File)
	case Unreadable:
		return unreadableHint(file)
	case NotAFile:
		if errors.Is(p.err, regularfile.ErrTimeout) {
			return "check that its drive answers: ls -lL " + file
		}
		return "put a text file there, or set another one: " + variableOf(p.Place.File)
	case LoneQuote:
		return "remove the quote or the line: " + p.Place.String()
	case NoSuchFile:
		if strings.HasPrefix(p.Value, "~/") {
			return "write the path in full: " + homeVariable(p.Key, p.Value[2:])
		}
		return "set it to a file that exists, or: " + shell.Here.Unset(p.Key)
	case TextSuffix:
		return shell.Here.Move(p.Place.File, p.Other.File)
	case NotAProfile:
		return p.rewrite("[profile " + p.Profile + "]")
	case ProfileInCredentials:
		return p.rewrite("[" + p.Profile + "]")
	case NotAHeader:
		return "only a comment may follow the ]: " + p.Place.String()
	case Unused:
		return "remove the line that you do not need: " + p.Place.String()
	case QuotedName:
		return "for Terraform and other programs that use the SDK, choose a name without spaces"
	}
	return p.profileHint()
}

func (p Problem) profileHint() string {
	profile := shell.Here.Quote(p.Profile)
	switch p.Cause {
	case PartialKey:
		return "enter the key pair again: aws configure --profile " + profile
	case NoRole:
		if p.Key == "source_profile" {
			return fmt.Sprintf("use the profile with the key: --profile %s; or name the role: aws configure set role_arn ARN --profile %s", shell.Here.Quote(p.Value), profile)
		}
		return "name the role: aws configure set role_arn ARN --profile " + profile
	case SeveralSources:
		return "remove one of the two lines"
	case SourceWithoutCredentials:
		return "store its access key: aws configure --profile " + profile
	case NoSession:
		return "create it: aws configure sso-session"
	}
	if p.Value != "" {
		return "profile names are case-sensitive: --profile " + shell.Here.Quote(p.Value)
	}
	for _, other := range p.because {
		return other.Hint()
	}
	return "to list your profiles: aws configure list-profiles"
}

func unreadableHint(file string) string {
	if shell.Here == shell.Windows {
		return "give yourself permission to read it: Properties, Security; to see who may: icacls " + file
	}
	return "give yourself permission to read it: chmod u+r " + file
}

// homeVariable returns the command that sets a variable to a path below the home
// folder.
func homeVariable(name, path string) string {
	if shell.Here == shell.Windows {
		return shell.Here.Set(name, `%UserProfile%\`+strings.ReplaceAll(path, "/", `\`))
	}
	return shell.Here.Set(name, `"$HOME/`+path+`"`)
}

// rewrite returns the command that replaces the line of the problem.
func (p Problem) rewrite(text string) string {
	if strings.ContainsAny(text, `'\/$@"&`) || shell.Here == shell.Windows {
		return fmt.Sprintf("replace this line with %s: %s", text, p.Place)
	}
	return fmt.Sprintf("perl -pi -e 's/.*/%s/ if $. == %d' %s", text, p.Place.Line, shell.Here.Quote(p.Place.File))
}

func recode(cause Cause, file string) string {
	switch {
	case shell.Here == shell.Windows:
		name := shell.QuotePowerShell(file)
		return fmt.Sprintf("in PowerShell: [IO.File]::WriteAllText(%s, [IO.File]::ReadAllText(%s))", name, name)
	case cause == ByteOrderMark:
		return `perl -pi -e 's/^\xef\xbb\xbf//' ` + shell.Here.Quote(file)
	}
	name := shell.Here.Quote(file)
	return fmt.Sprintf("iconv -f UTF-16 -t UTF-8 %s >%s && cat %s >%s && rm %s", name, shell.Here.Quote(file+".new"), shell.Here.Quote(file+".new"), name, shell.Here.Quote(file+".new"))
}

// variableOf returns the variable that names another file instead.
func variableOf(file string) string {
	if filepath.Base(file) == names[Credentials] {
		return variables[Credentials]
	}
	return variables[Config]
}
