package awsfile

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// lab is a folder with the two files.
type lab struct {
	dir string
	env map[string]string
}

func newLab(t *testing.T, config, credentials string) lab {
	t.Helper()
	l := lab{dir: t.TempDir()}
	l.env = map[string]string{"AWS_CONFIG_FILE": l.path("config"), "AWS_SHARED_CREDENTIALS_FILE": l.path("credentials")}
	l.write(t, "config", config)
	l.write(t, "credentials", credentials)
	return l
}

func (l lab) path(name string) string { return filepath.Join(l.dir, name) }

func (l lab) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(l.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (l lab) read() (*Files, error) {
	return Read(context.Background(), func(name string) string { return l.env[name] })
}

// mustRead reads files that the SDK reads, too.
func (l lab) mustRead(t *testing.T) *Files {
	t.Helper()
	f, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const keys = "aws_access_key_id = AKIA\naws_secret_access_key = s\n"

func TestPlaces(t *testing.T) {
	l := newLab(t, "[default]\nregion = one\n[profile work]\nregion = two\nmfa_process = a b # c\n[default]\nregion = three\n", "[work]\n"+keys+"REGION: four\n")
	f := l.mustRead(t)
	p, err := f.Profile("default")
	if v := p.Value("region"); err != nil || v.Text != "three" || v.String() != l.path("config")+":7" {
		t.Errorf("%+v %v", v, err)
	}
	p, err = f.Profile("work")
	if v := p.Value("region"); err != nil || v.Text != "four" || v.String() != l.path("credentials")+":4" {
		t.Errorf("%+v %v", v, err)
	}
	if p.Get("mfa_process") != "a b" || p.Value("mfa_process").Line != 5 || p.Value("nothing").String() != "" {
		t.Errorf("%+v", p.Values())
	}
	if got := f.Names(); !slices.Equal(got, []string{"default", "work"}) {
		t.Error(got)
	}
}

// This program's own keys are read as the SDK's.
func TestOwnKeys(t *testing.T) {
	f := newLab(t, "[profile a]\nregion = x\n mfa_process = one\n\tmfa_session_duration: 1h\n[profile b]\ns3 =\n  mfa_process = nested\n[profile c]\nmfa_process = first\n",
		"[c]\nmfa_process: 'of credentials'\n[d]\nmfa_process = d\n").mustRead(t)
	for profile, want := range map[string]string{"a": "one", "b": "", "c": "of credentials", "d": "d"} {
		if p, err := f.Profile(profile); err != nil || p.Get("mfa_process") != want {
			t.Errorf("%s: %q, %v", profile, p.Get("mfa_process"), err)
		}
	}
	if p, _ := f.Profile("a"); p.Get("mfa_session_duration") != "1h" {
		t.Error(p.Values())
	}
}

// The AWS CLI writes a name with a blank in quotes, which the SDK takes for a
// part of it.
func TestQuotedNames(t *testing.T) {
	f := newLab(t, "[profile 'my team']\nregion = x\n[profile \"b c\"]\nregion = y\n[profile 'd']\nregion = quoted\n[profile d]\nregion = plain\n[profile r]\nrole_arn = r\nsource_profile = my team\n",
		"[my team]\n"+keys).mustRead(t)
	for profile, want := range map[string][3]string{"my team": {"x", "my team", "AKIA"}, "b c": {"y", `"b c"`, ""}, "d": {"plain", "d", ""}, "'d'": {"quoted", "'d'", ""}} {
		p, err := f.Profile(profile)
		if err != nil || [3]string{p.Get("region"), p.SDKName, p.Get("aws_access_key_id")} != want {
			t.Errorf("%s: %+v, %v", profile, p, err)
		}
	}
	if p, err := f.Profile("r"); err != nil || p.Source.Get("region") != "x" || !p.Source.HasKeys() {
		t.Error(p, err)
	}
	if got := f.Names(); !slices.Equal(got, []string{"'d'", "b c", "d", "my team", "r"}) {
		t.Error(got)
	}
}

// problem is the only one of the lab, of its files or of a profile.
func (l lab) problem(t *testing.T, profile string) Problem {
	t.Helper()
	f, err := l.read()
	if err == nil && profile != "" {
		_, err = f.Profile(profile)
	}
	var p Problem
	if errors.As(err, &p) {
		return p
	}
	if all := f.Problems(); len(all) == 1 && err == nil {
		return all[0]
	}
	t.Fatal(err, f.Problems())
	return p
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		name, config, credentials, profile string
		cause                              Cause
		text, hint                         string
	}{
		{"BOM", "", "\xef\xbb\xbf[default]\n" + keys, "", ByteOrderMark, "credentials begins with a byte order mark (BOM)", "save it as UTF-8 without BOM: "},
		{"UTF-16", "\xff\xfe[\x00", "", "", UTF16, "config is UTF-16", "save it as UTF-8 without BOM: "},
		{"UTF-16 without a mark", "[\x00d\x00", "", "", UTF16, "config is UTF-16", "save it as UTF-8"},
		{"lone quote", "[default]\nregion = '\n", "", "", LoneQuote, "config:2: the value is a single quote", "remove the quote"},
		{"[work] in config", "[work]\nregion = x\n", "", "", NotAProfile, "config:1: [work] is not read: in this file a profile's section is [profile work]", ""},
		{"[Profile work]", "[Profile work]\n", "", "", NotAProfile, "in this file a profile's section is [profile work]", ""},
		{"[profile work] in credentials", "", "\n[profile work]\n" + keys, "", ProfileInCredentials, "credentials:2: [profile work] is not read: in this file a profile's section is [work]", ""},
		{"no header", "[default] x\nregion = x\n", "", "", NotAHeader, "config:1: the AWS SDK reads no section header here", "only a comment"},
		{"the earlier of two", "[default]\nregion = x\n[default]\nregion = y\n", "", "", Unused, "config:2: region is not used: ", "remove the line"},
		{"of config", "[profile a]\nregion = x\n", "[a]\nregion = y\n", "", Unused, "credentials:2 overrides it", "remove the line"},
		{"quoted", "[profile 'my team']\n", "", "my team", QuotedName, "config:1: the AWS SDK, and with it Terraform,", "without spaces"},
		{"no profile", "[default]\n", "", "work", NoProfile, "there is no such profile", "aws configure list-profiles"},
		{"another case", "[profile Work]\n", "", "work", NoProfile, "there is no such profile", "--profile Work"},
		{"no profile, and why", "[work]\n", "", "work", NoProfile, "there is no such profile; ", "[profile work]"},
		{"half a key", "", "[a]\naws_access_key_id = x\n", "a", PartialKey, "credentials:2: half of an access key", "aws configure --profile a"},
		{"no role", "[profile a]\nsource_profile = b\n[profile b]\n" + keys, "", "a", NoRole, "config:2: source_profile is for profiles with role_arn", "--profile b;"},
		{"no role of a machine", "[profile a]\ncredential_source = Environment\n", "", "a", NoRole, "config:2: credential_source is for profiles with role_arn", "aws configure set role_arn ARN --profile a"},
		{"two sources", "[profile a]\nrole_arn = r\nsource_profile = b\ncredential_process = p\n", "", "a", SeveralSources, "config:4: credential_process conflicts with source_profile at ", "one of the two"},
		{"a source without keys", "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\n", "", "a", SourceWithoutCredentials, `config:3: its source_profile "b" has no credentials`, "aws configure --profile b"},
		{"a source that is not there", "[profile a]\nrole_arn = r\nsource_profile = b\n", "", "a", NoProfile, "there is no such profile", "list-profiles"},
		{"no session", "[profile a]\nsso_session = s\n", "", "a", NoSession, "config:2: there is no section [sso-session s]", "aws configure sso-session"},
	} {
		p := newLab(t, c.config, c.credentials).problem(t, c.profile)
		if !errors.Is(p, c.cause) || !strings.Contains(p.Error(), c.text) || !strings.Contains(p.Hint(), c.hint) || p.Hint() == "" {
			t.Errorf("%s: %d: %v (%s)", c.name, p.Cause, p, p.Hint())
		}
	}
}

func TestProblemsOfFiles(t *testing.T) {
	l := newLab(t, "", "")
	l.env["AWS_CONFIG_FILE"] = "~/aws/config"
	if p := l.problem(t, ""); !errors.Is(p, NoSuchFile) || !strings.Contains(p.Error(), `which AWS_CONFIG_FILE names: the AWS SDK does not expand "~"`) || !strings.HasPrefix(p.Hint(), "write the path in full: ") || runtime.GOOS != "windows" && p.Hint() != `write the path in full: export AWS_CONFIG_FILE="$HOME/aws/config"` {
		t.Error(p, p.Hint())
	}
	l.env["AWS_CONFIG_FILE"] = `"` + l.path("config") + `"`
	if p := l.problem(t, ""); !errors.Is(p, NoSuchFile) || !strings.Contains(p.Error(), "treats the quotes as part of the name") {
		t.Error(p)
	}
	l.env["AWS_CONFIG_FILE"] = l.dir
	if p := l.problem(t, ""); !errors.Is(p, NotAFile) || !strings.Contains(p.Error(), "not a regular file") {
		t.Error(p)
	}
	l.env["AWS_CONFIG_FILE"] = l.path("config")
	l.env["HOME"] = l.dir
	if err := os.Rename(l.path("credentials"), l.path("credentials.txt")); err != nil {
		t.Fatal(err)
	}
	f := l.mustRead(t)
	if p := f.Problems(); len(p) != 2 || !errors.Is(p[1], TextSuffix) || !strings.Contains(p[1].Error(), "credentials.txt is not read") || !strings.HasPrefix(p[1].Hint(), "mv ") && runtime.GOOS != "windows" {
		t.Error(p)
	}
}

// A hint that is a command fixes it.
func TestHintsMend(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a POSIX shell")
	}
	utf16 := []byte{0xff, 0xfe}
	for _, c := range []byte("[work]\n" + keys) {
		utf16 = append(utf16, c, 0)
	}
	for name, l := range map[string]lab{
		"BOM": newLab(t, "", "\xef\xbb\xbf[work]\n"+keys), "UTF-16": newLab(t, "", string(utf16)),
		"section": newLab(t, "[default]\n\n[work]\nregion = x\n", ""), "credentials": newLab(t, "", "[profile work]\n"+keys),
	} {
		p := l.problem(t, "work")
		_, command, ok := strings.Cut(p.Hint(), "BOM: ")
		if !ok {
			command = p.Hint()
		}
		if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
			t.Fatalf("%s: %s: %v: %s", name, command, err, out)
		}
		if f := l.mustRead(t); !f.Has("work") || len(f.Problems()) > 0 {
			t.Error(name, command, f.Problems())
		}
	}
}

func TestEndpoint(t *testing.T) {
	l := newLab(t, "[profile a]\nendpoint_url = http://a\nservices = v\n[profile b]\nendpoint_url = http://b\n[services v]\nsts =\n  endpoint_url = http://v\n", "")
	for _, c := range []struct {
		profile, service string
		env              map[string]string
		want             string
	}{
		{"a", "sts", nil, "http://v"}, {"a", "iam", nil, "http://a"}, {"b", "sts", nil, "http://b"},
		{"a", "sts", map[string]string{"AWS_ENDPOINT_URL": "http://e"}, "http://e"},
		{"a", "sts", map[string]string{"AWS_ENDPOINT_URL": "http://e", "AWS_ENDPOINT_URL_STS": "http://s"}, "http://s"},
		{"a", "sts", map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": "http://e"}, ""},
	} {
		f := l.mustRead(t)
		p, err := f.Profile(c.profile)
		if got := f.Endpoint(func(name string) string { return c.env[name] }, p, c.service); err != nil || got.Text != c.want {
			t.Errorf("%+v: %+v %v", c, got, err)
		}
	}
}
