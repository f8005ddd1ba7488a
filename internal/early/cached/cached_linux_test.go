package cached

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/cli"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// setup is what decides an answer, and changes from round to round.
type setup struct {
	t       *testing.T
	random  *rand.Rand
	files   map[string]map[string]string // the sections of both files
	store   *cache.Store
	profile string
	request string
	made    int
}

const hostOfTests = "git-codecommit.eu-west-1.amazonaws.com"

// settings are what a profile may say, beside its access key.
var settings = []string{
	"mfa_serial = arn:aws:iam::1:mfa/a\n", "mfa_serial = GAHT12345678\n", "region = us-east-1\n", "mfa_session_duration = 12h\n", "mfa_session_duration = long\n",
	"role_arn = arn:aws:iam::2:role/r\nsource_profile = default\n", "role_arn = arn:aws:iam::2:role/r\nsource_profile = work\nexternal_id = e\n",
	"role_arn = arn:aws:iam::2:role/s\nsource_profile = lost\n", "credential_process = /bin/echo {}\n", "mfa_process = /bin/false\n",
	"mfa_access_key_id = AKIA3\ncredential_process = git-credential-mfa --profile %s credential-process\n", "aws_session_token = t\n",
	"sso_session = s\nsso_account_id = 1\nsso_role_name = r\n", "login_session = arn:aws:iam::1:user/a\n", "duration_seconds = 900\n", "'\n", "garbage\n",
}

// variables are settings of the environment; "" unsets.
var variables = map[string][]string{
	"AWS_PROFILE": {"", "", "work", "nobody"}, "AWS_ACCESS_KEY_ID": {"", "", "", "AKIA1"}, "AWS_SECRET_ACCESS_KEY": {"", "", "s"}, "AWS_SESSION_TOKEN": {"", "", "", "t"},
	"AWS_REGION": {"", "us-east-1"}, "AWS_MAX_ATTEMPTS": {"", "", "", "", "3", "many"}, "GIT_CREDENTIAL_MFA_SERIAL": {"", "", "GAHT12345678"},
	"GIT_CREDENTIAL_MFA_KEYRING": {"", "auto", "secret-service", "file", "none", "wrong"}, "GIT_CREDENTIAL_MFA_DURATION": {"", "", "", "", "1h", "x"},
	"AWS_WEB_IDENTITY_TOKEN_FILE": {"", "", "", "", "/token"}, "AWS_CA_BUNDLE": {"", "", "/lost.pem"}, "AWS_ENDPOINT_URL": {"", "", "", "http://example.com"},
}

// requests are what git asks.
var requests = []string{
	"protocol=https\nhost=" + hostOfTests + "\npath=v1/repos/demo\n\n", "protocol=https\nhost=" + hostOfTests + "\npath=v1/repos/demo\n\n",
	"protocol=https\nhost=" + hostOfTests + ":443\npath=v1/repos/other\nusername=AKIA1\n\n", "protocol=https\nhost=" + hostOfTests + "\npath=v1/repos/demo\nusername=me-at-1\n\n",
	"protocol=https\nhost=git-codecommit-fips.us-gov-west-1.amazonaws.com\npath=v1/repos/demo\n\n", "protocol=http\nhost=" + hostOfTests + "\npath=v1/repos/demo\n\n",
	"protocol=https\nhost=" + hostOfTests + "\n\n", "protocol=https\nhost=" + hostOfTests + "\npath=v1/repos/demo.git\n\n",
}

func one[T any](random *rand.Rand, of []T) T { return of[random.IntN(len(of))] }

// change changes one of the things that decide.
func (s *setup) change() {
	switch s.random.IntN(6) {
	case 0:
		name := one(s.random, slices.Sorted(func(yield func(string) bool) {
			for name := range variables {
				if !yield(name) {
					return
				}
			}
		}))
		s.t.Setenv(name, one(s.random, variables[name]))
	case 1:
		s.profile = one(s.random, []string{"", "", "work", "role", "nobody"})
	case 2:
		s.request = one(s.random, requests)
	case 3:
		for name := range variables { // back to the usual, from which changes are seen best
			s.t.Setenv(name, "")
		}
		s.request = requests[0]
	default:
		s.rewrite(one(s.random, []string{"config", "credentials"}), one(s.random, []string{"default", "work", "role"}))
	}
}

// rewrite changes a section of an AWS file.
func (s *setup) rewrite(file, profile string) {
	header, text := "["+profile+"]\n", ""
	if file == "config" && profile != "default" {
		header = "[profile " + profile + "]\n"
	}
	if file == "credentials" && s.random.IntN(5) > 0 {
		text = fmt.Sprintf("aws_access_key_id = AKIA%d\naws_secret_access_key = s\n", s.random.IntN(4))
	}
	for range s.random.IntN(3) * s.random.IntN(2) {
		setting := one(s.random, settings)
		if strings.Contains(setting, "%s") {
			setting = fmt.Sprintf(setting, profile)
		}
		text += setting
	}
	if profile == "role" && file == "config" {
		text += settings[5]
	}
	s.files[file][profile] = header + text
	all := ""
	for _, section := range s.files[file] {
		all += section
	}
	name := map[string]string{"config": "AWS_CONFIG_FILE", "credentials": "AWS_SHARED_CREDENTIALS_FILE"}[file]
	if err := os.WriteFile(os.Getenv(name), []byte(all), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// keep stores a session of the present source, of a key of its own, so that one
// that is stale or another's is seen.
func (s *setup) keep() {
	source, err := awssource.Read(s.t.Context(), s.profile)
	if err != nil {
		return
	}
	s.made++
	serial := one(s.random, []string{source.Serial.Text, source.Serial.Text, os.Getenv("GIT_CREDENTIAL_MFA_SERIAL"), ""})
	err = s.store.PutSession(cache.Session{Identity: source.Identity("eu-west-1", serial), AccessKeyID: fmt.Sprintf("ASIA%d", s.made),
		SecretAccessKey: "s", SessionToken: "t", Expiration: time.Now().Add(one(s.random, []time.Duration{-time.Hour, 4 * time.Minute, 8 * time.Minute, 12 * time.Hour, 12 * time.Hour})),
		ClockOffset: one(s.random, []time.Duration{0, 0, 0, time.Hour})})
	if err != nil {
		s.t.Fatal(err)
	}
}

// short returns the answer of this package, "" for none.
func (s *setup) short() string {
	request, err := credential.ReadRequest(strings.NewReader(s.request))
	if err != nil || unusual(os.Environ()) {
		return ""
	}
	response, err := find(s.t.Context(), request, s.profile)
	var out bytes.Buffer
	if err != nil || response.Write(&out) != nil {
		return ""
	}
	return out.String()
}

// long returns that of the program proper, without this package.
func (s *setup) long() string {
	args := []string{"git-credential-mfa"}
	if s.profile != "" {
		args = append(args, "--profile", s.profile)
	}
	var out, log bytes.Buffer
	status := cli.Run(context.Background(), cli.System{Args: append(args, "--prompt", "none", "get"), Version: "devel", Request: func() (credential.Request, error) { return credential.ReadRequest(strings.NewReader(s.request)) }, Stdout: &out, Stderr: &log,
		Getenv: os.Getenv, Setenv: func(string, string) error { return nil },
		StdinIsTerminal: func() bool { return false }, StdinWasClosed: func() bool { return false }, Started: time.Now()})
	if status != 0 {
		return log.String()
	}
	return out.String()
}

// same reports whether two answers are those of one session, for one
// repository, given within two seconds.
func same(a, b string) bool {
	if a == b {
		return true
	}
	var users, passwords [2]string
	var expiries [2]int64
	for i, text := range []string{a, b} {
		if n, _ := fmt.Sscanf(text, "username=%s\npassword=%s\npassword_expiry_utc=%d\n", &users[i], &passwords[i], &expiries[i]); n != 3 {
			return false
		}
	}
	// Another second makes another signature.
	return users[0] == users[1] && passwords[0][:14] <= passwords[1][:14] && max(expiries[0]-expiries[1], expiries[1]-expiries[0]) <= 2
}

// TestSameAnswer: over random set-ups, and changes of the files, the
// environment, the arguments and the sessions, what is answered here is what the
// program proper answers.
func TestSameAnswer(t *testing.T) {
	daemon := keyringtest.Start(t)
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "GIT_CREDENTIAL_MFA_") {
			t.Setenv(name, "")
		}
	}
	for _, entry := range daemon.Env() {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	store, err := cache.Open(t.Context(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	s := &setup{t: t, random: rand.New(rand.NewPCG(seed, 1)), store: store, request: requests[0],
		files: map[string]map[string]string{"config": {}, "credentials": {}}}
	s.rewrite("credentials", "default")
	answered := 0
	const rounds = 3000
	for range rounds {
		s.change()
		if s.random.IntN(3) == 0 {
			s.keep()
		}
		short := s.short()
		if short == "" {
			continue
		}
		answered++
		if long := s.long(); !same(short, long) {
			t.Fatalf("seed %d: short\n%s\nlong\n%s\nprofile %q, files %q, request %q, environment %q", seed, short, long, s.profile, s.files, s.request, os.Environ())
		}
	}
	if answered < rounds/20 {
		t.Errorf("only %d of %d were answered here", answered, rounds)
	}
	t.Logf("%d of %d answered", answered, rounds)
}

// TestFewImports: every import adds its own to what is initialised before.
func TestFewImports(t *testing.T) {
	for _, system := range []string{"linux", "windows", "darwin"} {
		list := exec.Command("go", "list", "-deps", ".")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		deps := strings.Fields(string(out))
		for _, heavy := range []string{"net/http", "text/template", "crypto/tls", "regexp", "github.com/urfave/cli/v2", "github.com/aws/aws-sdk-go-v2/aws"} {
			if slices.Contains(deps, heavy) && !(system == "windows" && heavy == "regexp") {
				t.Errorf("on %s it imports %s", system, heavy)
			}
		}
	}
}
