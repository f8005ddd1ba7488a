package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// keys runs an action of keys, which must be done.
func (l *lab) keys(args ...string) result {
	l.t.Helper()
	r := l.run("", "git-credential-mfa", append([]string{"keys"}, args...)...)
	if r.status != 0 {
		l.t.Fatal(r)
	}
	return r
}

// inTheClear returns the files below the lab's folder that hold a text.
func (l *lab) inTheClear(secret string) (files []string) {
	l.t.Helper()
	out, err := exec.Command("grep", "-rlF", "--", secret, l.dir).Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
		l.t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// odd is a credentials file as people have them.
func odd(u *sandbox.User) string {
	return "# my keys\r\n[other]\r\nregion=us-west-2\r\n\r\n[default]\r\noutput = json\r\naws_access_key_id=" + u.AccessKeyID +
		"\r\nregion = " + region + "\r\naws_secret_access_key  =  " + u.SecretAccessKey + "\r\n[last]\r\nregion=eu-west-1"
}

// After import the secret is in no file, git and SDKs go on with the profile,
// with one code, and export gives back the files to the byte.
func TestKeysImport(t *testing.T) {
	for _, keyring := range []string{"file", "secret-service"} {
		t.Run(keyring, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			if keyring == "secret-service" {
				l.secretService()
			}
			l.importAndBack()
		})
	}
}

func (l *lab) importAndBack() {
	t := l.t
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", l.write("trace", ""))
	l.askpass()
	l.phone()
	l.write(".aws/credentials", odd(l.user))
	config := "[default]\nmfa_serial = " + serial + "\nregion = " + region + "\n; the end"
	l.write(".aws/config", config)
	if r := l.get(); !answered(r) {
		t.Fatal(r)
	}
	r := l.keys("import", "--yes")
	if !strings.Contains(r.stderr, "hint: it was in the clear until now, perhaps in backups too; to replace it: git-credential-mfa keys rotate") {
		t.Error(r)
	}
	if files := l.inTheClear(l.user.SecretAccessKey); len(files) > 0 {
		t.Errorf("the secret is in %v", files)
	}
	processProgram := `"` + filepath.Join(built, programFile) + `"`
	if runtime.GOOS == "windows" { // SDKs for Go can't have quotes run there
		processProgram = filepath.Join(built, programFile)
	}
	if want := "mfa_access_key_id = " + l.user.AccessKeyID + "\ncredential_process = " + processProgram + " --profile default credential-process\n"; !strings.Contains(l.note(".aws/config"), want) {
		t.Errorf("%s", l.note(".aws/config"))
	}
	for _, args := range [][]string{{"get"}, {"login"}, {"credential-process"}} {
		if r := l.run(request("https", host, "v1/repos/demo"), "git-credential-mfa", args...); r.status != 0 {
			t.Error(args, r)
		}
	}
	if r := l.run("", "git", "clone", "-q", l.url, filepath.Join(l.home, "cloned")); r.status != 0 {
		t.Error(r)
	}
	if l.questions() != 1 || l.sessions() != 1 {
		t.Errorf("%d questions, %d sessions", l.questions(), l.sessions())
	}
	l.otherCode()
	if r := l.run("", "git-credential-mfa", "login", "--refresh"); r.status != 0 || l.sessions() != 2 { // with the key from the keyring
		t.Error(r)
	}
	if r := l.keys("import", "--yes"); !strings.Contains(r.stderr, "is already in the keyring") {
		t.Error(r)
	}
	list := l.keys("list")
	if !strings.Contains(list.stdout, "default  …"+l.user.AccessKeyID[16:]+"  today  keyring (") || strings.Contains(list.stdout, l.user.AccessKeyID) {
		t.Error(list)
	}
	l.keys("export", "--yes")
	if l.note(".aws/credentials") != odd(l.user) || l.note(".aws/config") != config {
		t.Errorf("not as it was:\n%q\n%q", l.note(".aws/credentials"), l.note(".aws/config"))
	}
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
	if list := l.keys("list"); !strings.Contains(filepath.ToSlash(list.stdout), "~/.aws/credentials:9, in the clear") || strings.Contains(list.stdout, "keyring") {
		t.Error(list)
	}
}

// What was added since the import stays, on the way back.
func TestKeysExportKeepsWhatCameSince(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.write(".aws/credentials", odd(l.user))
	old := l.note(".aws/config")
	l.keys("import", "--yes")
	l.write(".aws/credentials", "[new]\nregion = eu-west-2\n"+l.note(".aws/credentials"))
	l.awsConfig("[profile new]\nregion = eu-west-1\n")
	l.keys("export", "--yes")
	if got, want := l.note(".aws/credentials"), "[new]\nregion = eu-west-2\n"+odd(l.user); got != want {
		t.Errorf("%q\n%q", got, want)
	}
	if got, want := l.note(".aws/config"), old+"[profile new]\nregion = eu-west-1\n"; got != want {
		t.Errorf("%q\n%q", got, want)
	}
}

// A key that stands in the config file, and a profile that has no section there.
func TestKeysImportFromOtherPlaces(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][2]string{
		"config only":      {"[default]\nregion = " + region + "\naws_access_key_id = ID\naws_secret_access_key = SECRET\n", ""},
		"no config at all": {"", "[default]\naws_access_key_id = ID\naws_secret_access_key = SECRET\nregion = " + region + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			keys := strings.NewReplacer("ID", l.user.AccessKeyID, "SECRET", l.user.SecretAccessKey)
			for i, file := range []string{".aws/config", ".aws/credentials"} {
				os.Remove(filepath.Join(l.home, file))
				if files[i] != "" {
					l.write(file, keys.Replace(files[i]))
				}
			}
			l.keys("import", "--yes")
			if files := l.inTheClear(l.user.SecretAccessKey); len(files) > 0 {
				t.Errorf("the secret is in %v", files)
			}
			l.login()
			if r := l.get(); !answered(r) {
				t.Error(r)
			}
			l.keys("export", "--yes")
			for i, file := range []string{".aws/config", ".aws/credentials"} {
				text, err := os.ReadFile(filepath.Join(l.home, file))
				if string(text) != keys.Replace(files[i]) || os.IsNotExist(err) != (files[i] == "") {
					t.Errorf("%s: %q, %v", file, text, err)
				}
			}
		})
	}
}

// The Go SDK and the AWS CLI go on with the same profile, now with MFA.
func TestKeysImportForSDKs(t *testing.T) {
	l := newLab(t)
	l.askpass()
	l.phone()
	l.keys("import", "--yes")
	for _, variable := range l.env {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	proxy := func(tr *http.Transport) { tr.Proxy = l.world.HTTPClient().Transport.(*http.Transport).Proxy }
	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile("default"),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(proxy)),
		config.WithSharedConfigFiles([]string{l.home + "/.aws/config"}), config.WithSharedCredentialsFiles([]string{l.home + "/.aws/credentials"}))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil || !strings.HasPrefix(keys.AccessKeyID, "ASIA") {
		t.Fatal(keys.AccessKeyID, err)
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != user {
		t.Error(who, err)
	}
	if aws, err := exec.LookPath("aws"); err == nil && exec.Command(aws, "--version").Run() == nil {
		r := l.run("", aws, "--profile", "default", "sts", "get-caller-identity", "--output", "json")
		if r.status != 0 || !strings.Contains(r.stdout, user) {
			t.Error(r)
		}
	} else {
		t.Log("without the AWS CLI, which is not installed")
	}
	if r := l.run("", "git", "clone", "-q", l.url, filepath.Join(l.home, "cloned")); r.status != 0 {
		t.Error(r)
	}
	if l.questions() != 1 || l.sessions() != 1 {
		t.Errorf("%d questions, %d sessions", l.questions(), l.sessions())
	}
}

// A role below which the key is goes on: its source_profile is served by this
// program, for SDKs too.
func TestKeysImportBelowARole(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	l.role("arn:aws:iam::123456789012:role/deploy", user, `"Bool": {"aws:MultiFactorAuthPresent": "true"}`)
	l.awsConfig("[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = default\nregion = " + region + "\n")
	l.keys("import", "--yes")
	if r := l.get("--profile", "deploy"); !answered(r) {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "--profile", "deploy", "keys", "import", "--yes"); r.status != 1 || !strings.Contains(r.stderr, `profile "deploy": it assumes a role, and the access key is in another profile: default`) {
		t.Error(r)
	}
}

// What can't be imported is told with how to fix it, and nothing is changed.
func TestKeysImportRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*lab)
		args   []string
		says   string
		hint   string
	}{
		"nobody to ask": {func(*lab) {}, nil, "there is no terminal to ask for confirmation", "git-credential-mfa keys import --yes"},
		"keyctl":        {func(l *lab) { l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "keyctl") }, []string{"--yes"}, "this keyring can't hold an access key: keyctl", "--keyring file"},
		"none":          {func(l *lab) { l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "none") }, []string{"--yes"}, "this keyring can't hold an access key: none", "--keyring file"},
		"no passphrase": {func(l *lab) { l.setenv("GIT_CREDENTIAL_MFA_PASSPHRASE", "") }, []string{"--yes"}, "the file keyring needs GIT_CREDENTIAL_MFA_PASSPHRASE", ""},
		"a session": {func(l *lab) { l.writeAWSFiles(map[string]string{"aws_session_token": "t"}) }, []string{"--yes"},
			"the credentials are temporary", ""},
		"no key":          {func(l *lab) { l.write(".aws/credentials", "") }, []string{"--yes"}, "no AWS credentials", ""},
		"another process": {func(l *lab) { l.awsConfig("credential_process = cat /x\n") }, []string{"--yes"}, "it has another source of credentials, which would be used instead: ~/.aws/config:4", "keep the access key in a profile of its own"},
		"SSO too":         {func(l *lab) { l.awsConfig("sso_start_url = https://x\n") }, []string{"--yes"}, "it has another source of credentials, which would be used instead: sso_start_url, ~/.aws/config:4", ""},
		"two keys": {func(l *lab) { l.awsConfig("aws_access_key_id = AKIAANOTHERONE000000\naws_secret_access_key = other\n") }, []string{"--yes"},
			"it has two different access keys: ~/.aws/credentials:2 and ~/.aws/config:4", "remove the one that is not needed from its file"},
		"an unknown action": {func(*lab) {}, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "keyctl" {
				notOnWindows(t, "keyctl is Linux's")
			}
			l := newLab(t)
			c.change(l)
			credentials, config := l.note(".aws/credentials"), l.note(".aws/config")
			action, status := "import", 1
			if name == "an unknown action" {
				action, status = "steal", 2
			}
			r := l.run("", "git-credential-mfa", append([]string{"keys", action}, c.args...)...)
			if r.status != status || !strings.Contains(filepath.ToSlash(r.stderr), c.says) || !strings.Contains(r.stderr, c.hint) {
				t.Error(r)
			}
			if l.note(".aws/credentials") != credentials || l.note(".aws/config") != config {
				t.Error("the files are changed")
			}
			if strings.Contains(r.stderr, l.user.SecretAccessKey) {
				t.Error("the secret is told")
			}
		})
	}
}

// The key of another computer, or of a keyring that was cleared.
func TestKeyNotInThisKeyring(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	l.keys("import", "--yes")
	if err := os.RemoveAll(filepath.Join(l.home, configFolder, "git-credential-mfa")); err != nil {
		t.Fatal(err)
	}
	r := l.get()
	wantFailure(t, r, `reading the AWS credentials of profile "default": the keyring does not hold the access key that the profile names`)
	if !strings.Contains(r.stderr, "git-credential-mfa keys add") {
		t.Error(r)
	}
	if r := l.keys("remove", "--yes"); !strings.Contains(r.stderr, "forgot the access key") || strings.Contains(l.note(".aws/config"), "mfa_access_key_id") {
		t.Error(r)
	}
}

// add takes a new key, from stdin or hidden at the terminal.
func TestKeysAdd(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	os.RemoveAll(filepath.Join(l.home, ".aws"))
	key := l.user.AccessKeyID + "\n" + l.user.SecretAccessKey + "\n"
	for stdin, says := range map[string]string{
		"":                        "not an IAM user's access key",
		l.user.AccessKeyID + "\n": "not an IAM user's access key",
		"ASIA" + key[4:]:          "the credentials are temporary",
		key[:21] + strings.Repeat("x", 40) + "\n": "the secret access key does not belong to the access key",
	} {
		if r := l.run(stdin, "git-credential-mfa", "--profile", "work", "keys", "add", "-"); r.status != 1 || !strings.Contains(r.stderr, says) {
			t.Errorf("%q: %v", says, r)
		}
	}
	if r := l.run(key, "git-credential-mfa", "--profile", "work", "keys", "add", "-"); r.status != 0 {
		t.Fatal(r)
	}
	l.phone()
	if r := l.get("--profile", "work"); !answered(r) {
		t.Error(r)
	}
	if files := l.inTheClear(l.user.SecretAccessKey); len(files) > 0 {
		t.Errorf("the secret is in %v", files)
	}
	other, secret := l.user.AddKey()
	second := other + "\n" + secret + "\n"
	if r := l.run(second, "git-credential-mfa", "--profile", "work", "keys", "add", "-"); r.status != 1 || !strings.Contains(r.stderr, "hint: to do it without asking: git-credential-mfa --profile work keys add --yes") {
		t.Error(r)
	}
	if r := l.run(second, "git-credential-mfa", "--profile", "work", "keys", "add", "--yes", "-"); r.status != 0 || !strings.Contains(l.note(".aws/config"), other) {
		t.Error(r)
	}
	list := l.run("", "git-credential-mfa", "keys", "list")
	if strings.Count(list.stdout, "\n") != 2 || strings.Contains(list.stdout, l.user.AccessKeyID[16:]) {
		t.Error(list)
	}
	if r := l.run("", "git-credential-mfa", "--profile", "work", "keys", "export", "--yes"); r.status != 0 || !strings.Contains(l.note(".aws/credentials"), "[work]\naws_access_key_id = "+other+"\naws_secret_access_key = "+secret+"\n") {
		t.Error(r, l.note(".aws/credentials"))
	}
}

func TestKeysAddAtTheTerminal(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	os.RemoveAll(filepath.Join(l.home, ".aws"))
	s, cmd := l.onTerminal("git-credential-mfa keys add")
	s.shows("access key id of profile default (AKIA...): ")
	s.types("AKIA\n")
	s.shows("an id such as AKIAIOSFODNN7EXAMPLE, please: ")
	s.types(l.user.AccessKeyID + "\n")
	s.shows("secret access key (not shown): ")
	time.Sleep(100 * time.Millisecond) // the echo goes off just after the question
	s.types(l.user.SecretAccessKey + "\n")
	s.shows("in the keyring (file)")
	l.settled(cmd)
	if strings.Contains(s.String(), l.user.SecretAccessKey) || l.note("status") != "0\n" {
		t.Errorf("%s", s)
	}
	l.keys("remove", "--yes")
	s, cmd = l.onTerminal("git-credential-mfa keys add")
	s.shows("access key id")
	s.types(l.user.AccessKeyID + "\n")
	s.shows("secret access key (not shown): ")
	s.types("\x03")
	l.settled(cmd) // the echo is on again
	if l.note("status") != "130\n" {
		t.Errorf("%s", s)
	}
}
