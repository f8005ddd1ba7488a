package codecommit

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

type vector struct {
	Name      string    `json:"name"`
	Host      string    `json:"host"`
	Path      string    `json:"path"`
	AccessKey string    `json:"access_key"`
	SecretKey string    `json:"secret_key"`
	Token     string    `json:"session_token"`
	Time      time.Time `json:"time_utc"`
	Username  string    `json:"username"`
	Password  string    `json:"password"`
}

// vectors are answers of the AWS CLI 1.45's own code for the example keys of
// AWS's documentation. GIT_CREDENTIAL_MFA_VECTORS may name a file with more.
var vectors = []vector{
	{"plain", "git-codecommit.us-east-1.amazonaws.com", "v1/repos/myrepo", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "",
		time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC), "AKIDEXAMPLE",
		"20240229T235959Z0f5d96b9a58e6b4df82d953949632d7661f4917ad258b9279997df5534d36434"},
	{"session token", "git-codecommit.eu-west-1.amazonaws.com", "v1/repos/My.Repo_1-x", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEXAMPLE/+==",
		time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC), "AKIDEXAMPLE%FwoGZXIvYXdzEXAMPLE/+==",
		"20240229T235959Zfc3cbfedd3e2ffa90e429e687814493144551325d2badc90a7596e01716e8e2b"},
}

func TestSign(t *testing.T) {
	all := vectors
	if file := os.Getenv("GIT_CREDENTIAL_MFA_VECTORS"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var more []vector
		if err := json.Unmarshal(text, &more); err != nil || len(more) == 0 {
			t.Fatalf("%d vectors: %v", len(more), err)
		}
		all = append(all, more...)
	}
	for _, v := range all {
		username, password := sign(t, v)
		if username != v.Username || password != v.Password {
			t.Errorf("%s: got\n%s\n%s, want\n%s\n%s", v.Name, username, password, v.Username, v.Password)
		}
	}
}

func sign(t *testing.T, v vector) (username, password string) {
	h, err := ParseHost(v.Host)
	if err != nil {
		t.Fatal(err)
	}
	repository, err := ParsePath(v.Path)
	if err != nil {
		t.Fatal(err)
	}
	c := Keys{AccessKeyID: v.AccessKey, SecretAccessKey: v.SecretKey, SessionToken: v.Token}
	return Sign(c, h, repository, v.Time)
}

// The password of a moment in another time zone is that of the same moment.
func TestSignUsesUTC(t *testing.T) {
	v := vectors[0]
	v.Time = v.Time.In(time.FixedZone("far", 14*3600))
	if _, password := sign(t, v); password != vectors[0].Password {
		t.Errorf("got %s", password)
	}
}

// The AWS CLI signs the same for the same second, host, path and keys.
func TestSignLikeTheAWSCLI(t *testing.T) {
	program, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not installed: it is a peer to compare with, and the vectors are its answers")
	}
	v := vectors[1]
	cmd := exec.Command(program, "codecommit", "credential-helper", "get")
	// A profile of the tester's, an empty one too, would be looked for.
	none := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	cmd.Env = append(none, "AWS_ACCESS_KEY_ID="+v.AccessKey, "AWS_SECRET_ACCESS_KEY="+v.SecretKey,
		"AWS_SESSION_TOKEN="+v.Token, "AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE="+os.DevNull)
	cmd.Stdin = strings.NewReader("protocol=https\nhost=" + v.Host + "\npath=" + v.Path + "\n")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("the AWS CLI here does not work: %v: %s", err, stderr.String())
	}
	theirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		theirs[key] = value
	}
	v.Time, err = time.Parse("20060102T150405Z", theirs["password"][:16])
	if err != nil {
		t.Fatalf("their password %q: %v", theirs["password"], err)
	}
	username, password := sign(t, v)
	if username != theirs["username"] || password != theirs["password"] {
		t.Errorf("ours %s %s, theirs %s %s", username, password, theirs["username"], theirs["password"])
	}
}

func BenchmarkSign(b *testing.B) {
	h, _ := ParseHost(vectors[1].Host)
	c := Keys{AccessKeyID: "A", SecretAccessKey: "s", SessionToken: "t"}
	for b.Loop() {
		Sign(c, h, "x", vectors[1].Time)
	}
}

func BenchmarkParseHost(b *testing.B) {
	for b.Loop() {
		_, _ = ParseHost(vectors[1].Host)
	}
}
