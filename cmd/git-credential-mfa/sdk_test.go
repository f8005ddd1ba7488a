package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// beside adds a profile whose credentials come from the helper.
func (l *lab) beside(profile, command string) {
	l.t.Helper()
	l.write(".aws/config", l.note(".aws/config")+"\n[profile "+profile+"]\nregion = "+region+"\ncredential_process = "+command+"\n")
}

const user = "arn:aws:iam::123456789012:user/alice"

// One code serves git and the AWS CLI, in whatever order.
func TestCLIUsesTheSession(t *testing.T) {
	t.Parallel()
	aws, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	l := newLab(t)
	l.askpass()
	l.phone()
	l.beside("cli", "git-credential-mfa --profile default credential-process")
	if r := l.run("", "git", "clone", "--quiet", l.url, "first"); r.status != 0 {
		t.Fatal(r)
	}
	r := l.run("", aws, "--profile", "cli", "sts", "get-caller-identity", "--output", "json")
	if r.status != 0 || !strings.Contains(r.stdout, user) {
		t.Fatal(r)
	}
	if r := l.run("", "git", "clone", "--quiet", l.url, "second"); r.status != 0 {
		t.Fatal(r)
	}
	if l.questions() != 1 || l.sessions() != 1 {
		t.Errorf("%d questions and %d calls of GetSessionToken, not one each", l.questions(), l.sessions())
	}
}

// The Go SDK, and all that is built on it (Terraform): it starts the process
// itself, with this process's environment.
func TestSDKUsesTheSession(t *testing.T) {
	l := newLab(t)
	l.askpass()
	l.phone()
	l.beside("sdk", "git-credential-mfa --profile default credential-process")
	for _, variable := range l.env {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	identify := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// Files and proxy are read once in a process, and were.
		proxy := func(tr *http.Transport) { tr.Proxy = l.world.HTTPClient().Transport.(*http.Transport).Proxy }
		cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile("sdk"),
			config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(proxy)),
			config.WithSharedConfigFiles([]string{l.home + "/.aws/config"}), config.WithSharedCredentialsFiles([]string{l.home + "/.aws/credentials"}))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := cfg.Credentials.Retrieve(ctx)
		if err != nil {
			t.Fatal(err)
		}
		left := time.Until(keys.Expires)
		if !strings.HasPrefix(keys.AccessKeyID, "ASIA") || !keys.CanExpire || left < 11*time.Hour || left > 12*time.Hour {
			t.Errorf("key %s, which lasts %v", keys.AccessKeyID, left)
		}
		who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil || *who.Arn != user {
			t.Error(who, err)
		}
	}
	identify()
	if r := l.run("", "git", "clone", "--quiet", l.url, "cloned"); r.status != 0 {
		t.Error(r)
	}
	identify()
	if l.questions() != 1 || l.sessions() != 1 {
		t.Errorf("%d questions and %d calls of GetSessionToken, not one each", l.questions(), l.sessions())
	}
}

// The JSON is what the SDKs read, and no more. stdin and stdout are not for
// questions.
func TestCredentialProcess(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	r := l.run("000000\n", "git-credential-mfa", "credential-process")
	var out map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil || r.status != 0 {
		t.Fatal(err, r)
	}
	expiration, err := time.Parse(time.RFC3339, out["Expiration"].(string))
	if err != nil || !strings.HasSuffix(out["Expiration"].(string), "Z") || time.Until(expiration) < 11*time.Hour {
		t.Error(err, out["Expiration"])
	}
	if len(out) != 5 || out["Version"] != 1.0 || !strings.HasPrefix(out["AccessKeyId"].(string), "ASIA") ||
		out["SecretAccessKey"] == "" || out["SessionToken"] == "" || strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("not what an SDK reads: %d keys", len(out))
	}
	for _, secret := range []string{"SecretAccessKey", "SessionToken"} {
		if strings.Contains(r.stderr, out[secret].(string)) {
			t.Errorf("stderr holds the %s", secret)
		}
	}
}

// Credentials that would come from themselves are refused at once, whoever
// asks for them, and however many profiles the way leads through.
func TestCredentialProcessLoops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		profiles map[string]string // and whose credentials they take
		text     string
	}{
		"itself":         {map[string]string{"one": "one"}, `getting the session of profile "one": its credentials would come from itself ("one" from "one")`},
		"two":            {map[string]string{"one": "two", "two": "one"}, `("one" from "two" from "one")`},
		"odd name":       {map[string]string{"one": `a "b",c`, `a "b",c`: "one"}, `("one" from "a \"b\",c" from "one")`},
		"the end of two": {map[string]string{"one": "two", "two": "two"}, `("one" from "two" from "two")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.secretService() // the file keyring's passphrase is not inherited
			for profile, from := range c.profiles {
				quoted := "'" + from + "'"
				l.beside(profile, "git-credential-mfa --profile "+quoted+" credential-process")
			}
			for _, command := range []string{"credential-process", "login", "get"} {
				stdin := ""
				if command == "get" {
					stdin = request("https", host, "v1/repos/demo")
				}
				r := l.run(stdin, "git-credential-mfa", "--profile", "one", command)
				if r.status != 1 || command != "get" && r.stdout != "" || r.took > slack*2*time.Second {
					t.Errorf("%s: want exit 1 within 2 s: %v", command, r)
				}
				if !strings.Contains(r.stderr, c.text) || !strings.Contains(r.stderr, "hint: name a profile with an access key of its own") {
					t.Errorf("%s: stderr lacks %s:\n%s", command, c.text, r.stderr)
				}
			}
		})
	}
}

// A profile that takes another's session is no loop: it is signed with as it
// is.
func TestCredentialProcessChain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.secretService()
	l.askpass()
	l.phone()
	l.beside("second", "git-credential-mfa --profile default credential-process")
	l.beside("third", "git-credential-mfa --profile second credential-process")
	var before []byte
	for _, profile := range []string{"third", "second", "default"} {
		r := l.run("", "git-credential-mfa", "--profile", profile, "credential-process")
		if r.status != 0 || before != nil && !bytes.Equal(before, []byte(r.stdout)) {
			t.Errorf("%s: not the session of default: exit %d, %s", profile, r.status, r.stderr)
		}
		before = []byte(r.stdout)
	}
	if l.questions() != 1 || l.sessions() != 1 {
		t.Errorf("%d questions and %d calls of GetSessionToken, not one each", l.questions(), l.sessions())
	}
}
