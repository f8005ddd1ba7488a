package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keychain is a storage helper of the machine, as Apple's git and Git for
// Windows bring one: it answers for every host with what it has been told to
// store, and keeps a journal.
const keychain = `#!/bin/sh
dir=$(dirname "$0")
input=$(cat)
host=$(printf '%s\n' "$input" | sed -n 's/^host=//p')
echo "$1 $host" >>"$dir/keychain.journal"
case $1 in
get) cat "$dir/stored.$host" 2>/dev/null ;;
store) printf '%s\n' "$input" | grep -e '^username=' -e '^password=' >"$dir/stored.$host" ;;
esac
exit 0
`

// newConfigureLab is a lab in which nobody has configured git yet, but for
// the machine's storage helper.
func newConfigureLab(t *testing.T) *lab {
	t.Helper()
	l := newLab(t)
	helper := filepath.ToSlash(l.write("machine/keychain", keychain))
	l.setenv("GIT_CONFIG_NOSYSTEM", "0")
	l.setenv("GIT_CONFIG_SYSTEM", l.write("machine/gitconfig", "[credential]\n\thelper = "+helper+"\n"))
	l.write(".gitconfig", "[user]\n\tname = Alice")
	l.askpass()
	l.phone()
	return l
}

func (l *lab) journal() string {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.home, "machine/keychain.journal"))
	if err != nil && !os.IsNotExist(err) {
		l.t.Fatal(err)
	}
	return string(text)
}

// must runs programs that have to work.
func (l *lab) must(commands ...[]string) string {
	l.t.Helper()
	var said strings.Builder
	for _, args := range commands {
		r := l.run("", args[0], args[1:]...)
		if r.status != 0 {
			l.t.Fatal(args, r)
		}
		said.WriteString(r.stderr)
	}
	return said.String()
}

// After configure the machine's storage helper is not asked for CodeCommit,
// and told nothing of it; for other hosts it works as before.
func TestConfigureKeepsOthersOut(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	said := l.must([]string{"git-credential-mfa", "configure"})
	if strings.Contains(said, "comes after") || strings.Contains(said, "does not ask") {
		t.Error(said)
	}
	l.must([]string{"git", "clone", "--quiet", l.url, "work"},
		[]string{"git", "-C", "work", "commit", "--quiet", "--allow-empty", "-m", "more"},
		[]string{"git", "-C", "work", "push", "--quiet"})
	if journal := l.journal(); journal != "" {
		t.Errorf("the machine's helper was run:\n%s", journal)
	}
	if stored, _ := filepath.Glob(filepath.Join(l.home, "machine/stored.*")); len(stored) > 0 {
		t.Errorf("the machine's helper holds %v", stored)
	}
	l.write("machine/stored.github.com", "username=alice\npassword=hers\n")
	r := l.run("url=https://github.com/o/r.git\n", "git", "credential", "fill")
	if r.status != 0 || !strings.Contains(r.stdout, "password=hers") || l.journal() != "get github.com\n" {
		t.Error(r, l.journal())
	}
	if l.questions() != 1 {
		t.Errorf("%d questions", l.questions())
	}
}

// Without the empty helper in the block, the machine's helper would hold the
// session token: the test above can fail.
func TestKeychainIsToldWithoutConfigure(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	l.write(".gitconfig", "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper = mfa\n\tuseHttpPath = true\n")
	l.must([]string{"git", "clone", "--quiet", l.url, "work"})
	if !strings.Contains(l.journal(), "store "+host) {
		t.Errorf("the machine's helper was not told:\n%s", l.journal())
	}
}

func TestConfigureAndBack(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	file := filepath.Join(l.home, ".gitconfig")
	read := func() string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := read()
	dry := l.run("", "git-credential-mfa", "configure", "--dry-run", "--profile", "default")
	if dry.status != 0 || read() != before || !strings.Contains(dry.stdout, "\thelper =\n\thelper = ") {
		t.Error(dry)
	}
	said := l.must([]string{"git-credential-mfa", "configure", "--profile", "default"})
	after := read()
	if !strings.Contains(said, "the profile is default") || !strings.Contains(after, " --profile default\n") {
		t.Error(said, after)
	}
	said = l.must([]string{"git-credential-mfa", "--profile", "default", "configure"})
	if read() != after || !strings.Contains(said, "nothing to change") {
		t.Error(said, read())
	}
	l.must([]string{"git", "clone", "--quiet", l.url, "work"}, []string{"git-credential-mfa", "unconfigure"})
	if read() != before {
		t.Errorf("%q came back as %q", before, read())
	}
}

// One host, two accounts: the repository's own section wins, and the option
// behind the URL counts.
func TestConfigureRepository(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	if err := l.user.WriteAWSFiles(l.home, "work account", map[string]string{"region": region, "mfa_serial": serial}); err != nil {
		t.Fatal(err)
	}
	const others = "git does not ask this helper for other repositories of " + host
	if said := l.must([]string{"git-credential-mfa", "configure", l.url, "--profile", "default"}); !strings.Contains(said, others) {
		t.Error(said)
	}
	if said := l.must([]string{"git-credential-mfa", "configure", "--profile", "missing", "--yes"}); strings.Contains(said, others) || !strings.Contains(said, `warning: reading the AWS profile "missing": there is no such profile`) {
		t.Error(said)
	}
	l.must([]string{"git-credential-mfa", "configure", l.url, "--profile", "work account"},
		[]string{"git", "clone", "--quiet", l.url, "work"})
	r := l.run("", "git-credential-mfa", "status")
	if !strings.Contains(r.stdout, "work account") || l.journal() != "" {
		t.Error(r, l.journal())
	}
}

// TestConfigureRefusesAProfile writes nothing for a profile that is a typing
// error, unless a person insists, by the command that the hint says.
func TestConfigureRefusesAProfile(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	before := l.read(".gitconfig")
	r := l.run("", "git-credential-mfa", "configure", "--profile", "missing")
	_, hint, _ := strings.Cut(r.stderr, "to write it anyway: ")
	hint, _, _ = strings.Cut(hint, "\n")
	if r.status != 1 || l.read(".gitconfig") != before || !strings.Contains(r.stderr, `error: reading the AWS profile "missing": there is no such profile`) {
		t.Error(r)
	}
	if r := l.run("", "sh", "-c", hint); r.status != 0 || !strings.Contains(l.read(".gitconfig"), "--profile missing") || !strings.HasSuffix(r.stderr, "next: aws configure --profile missing\n") {
		t.Error(hint, r)
	}
}

// TestConfigureNext follows the last line, and then git gets its answer.
func TestConfigureNext(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	said := l.must([]string{"git-credential-mfa", "configure"})
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if next := lines[len(lines)-1]; next != "next: git-credential-mfa login" {
		t.Error(said)
	}
	l.must([]string{"git-credential-mfa", "login"}, []string{"git", "clone", "--quiet", l.url, "work"})
}

// TestConfigureFile says that git does not read a file, and how it does.
func TestConfigureFile(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	said := l.must([]string{"git-credential-mfa", "configure", "--file", "client.inc"})
	_, hint, _ := strings.Cut(said, "to have it read everywhere: ")
	hint, _, _ = strings.Cut(hint, "\n")
	if !strings.Contains(said, "git does not read client.inc here") {
		t.Error(said)
	}
	l.must([]string{"sh", "-c", hint})
	notUnderWine(t, "git of Linux does not find the file that a path of Windows names")
	if said := l.must([]string{"git-credential-mfa", "configure", "--file", "client.inc"}); strings.Contains(said, "does not read") {
		t.Error(said)
	}
	l.must([]string{"git", "clone", "--quiet", l.url, "work"})
}

// TestConfigureAddresses takes the other forms of an address for the URL that
// git is to be given.
func TestConfigureAddresses(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	for _, address := range []string{"ssh://APKAEIBAERJR2EXAMPLE@" + host + "/v1/repos/demo", "codecommit::us-east-1://demo", "codecommit://demo"} {
		r := l.run("", "git-credential-mfa", "configure", "--dry-run", address)
		if r.status != 0 || !strings.Contains(r.stdout, "[credential \""+l.url+"\"]") || !strings.Contains(r.stderr, "stands for "+l.url) || strings.Contains(r.stderr, "APKA") {
			t.Error(address, r)
		}
		d := l.run("", "git-credential-mfa", "doctor", "--offline", address)
		if !strings.Contains(d.stdout, "For "+l.url) || !strings.Contains(d.stderr, "stands for "+l.url) {
			t.Error(address, d)
		}
	}
}

// What still gets in the way is named, file and line.
func TestConfigureWarns(t *testing.T) {
	t.Parallel()
	l := newConfigureLab(t)
	later := filepath.ToSlash(l.write("later", "[user]\n\temail = a\n[credential]\n\thelper = store\n"))
	l.setenv("GIT_CONFIG_COUNT", "1")
	l.setenv("GIT_CONFIG_KEY_0", "include.path")
	l.setenv("GIT_CONFIG_VALUE_0", later)
	said := l.must([]string{"git-credential-mfa", "configure"})
	if !strings.Contains(said, "warning: "+later+":4: credential.helper = store comes after this helper") {
		t.Error(said)
	}
	if said = l.must([]string{"git-credential-mfa", "configure", "--system"}); !strings.Contains(said, filepath.Join("machine", "gitconfig")) {
		t.Error(said)
	}
	for _, args := range [][]string{{"--global", "--system"}, {"--region", "moon-1"}, {"https://github.com/o/r"}, {"https://" + host + "/demo"}, {"--keyring", "nothing"}, {l.url, "--nothing"}, {"--file", ""}} {
		if r := l.run("", "git-credential-mfa", append([]string{"configure"}, args...)...); r.status != 2 {
			t.Error(args, r)
		}
	}
	if r := l.run("", "git-credential-mfa", "configure", "--local"); r.status != 1 || !strings.Contains(r.stderr, "not in a git repository") {
		t.Error(r)
	}
}

// TestConfigureWarnsOfPasswords: what git takes before it asks any helper is named
// by doctor's own checks.
func TestConfigureWarnsOfPasswords(t *testing.T) {
	t.Parallel()
	base := newConfigureLab(t)
	for code, set := range map[string]func(*lab){
		"CCM531": func(l *lab) { l.write(".netrc", "default login bob password pa55word\n") },
		"CCM530": gitSettings("\n[http]\n\textraHeader = Authorization: Basic cGE1NXdvcmQ=\n"),
		"CCM532": gitSettings("\n[http]\n\temptyAuth = true\n"),
		"CCM522": gitSettings("\n[url \"https://bob@" + host + "/\"]\n\tinsteadOf = https://" + host + "/\n"),
		"":       func(*lab) {},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			l := base.household(t)
			set(l)
			said := l.must([]string{"git-credential-mfa", "configure"})
			if named := strings.Contains(said, "(CCM5"); named != (code != "") || !strings.Contains(said, code) || strings.Contains(said, "pa55word") || strings.Contains(said, "cGE1NXdvcmQ") {
				t.Error(said)
			}
		})
	}
}
