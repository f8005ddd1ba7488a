package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// denyWithout is the Deny that AWS documents, shortened.
const denyWithout = `{"Version": "2012-10-17", "Statement": [{"Sid": "AskForMFA", "Effect": "Deny",
 "NotAction": ["iam:ListMFADevices", "sts:GetSessionToken"], "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}`

// runDoctor runs the command without a terminal and with no environment but
// what is given.
func runDoctor(t *testing.T, environment map[string]string, stdin string, arguments ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, talk bytes.Buffer
	status = Run(context.Background(), System{
		Args: append([]string{name, "doctor"}, arguments...), Version: "test",
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &talk,
		Getenv:          func(key string) string { return environment[key] },
		StdinIsTerminal: func() bool { return false }, StdinWasClosed: func() bool { return false },
	})
	return out.String(), talk.String(), status
}

func TestDoctorStatus(t *testing.T) {
	directory := t.TempDir()
	comma := filepath.Join(directory, "a,b.json")
	if err := os.WriteFile(comma, []byte(denyWithout), 0o600); err != nil {
		t.Fatal(err)
	}
	exempt := strings.Replace(denyWithout, `"sts:`, `"codecommit:*", "kms:*", "sts:`, 1)
	for _, c := range []struct {
		stdin, arguments string
		status           int
		says             string // on either stream
	}{
		{denyWithout, "--policy -", 1, "CCM101"},
		{"", "--policy " + comma, 1, "a,b.json:1: statement 1"},
		{denyWithout, "--offline --login --policy -", 1, "2 errors, 0 warnings"},
		{exempt, "--policy -", 0, "CCM201"},
		{exempt, "--policy - --strict", 1, "0 errors, 2 warnings"},
		{exempt, "--scp -", 0, "CCM201"},
		{denyWithout, "--policy - --assume-allow=false", 1, "CCM104"},
		{denyWithout, "--policy - --region eu-west-1 --account 210987654321 --repo other", 1, "arn:aws:codecommit:eu-west-1:210987654321:other\n"},
		{denyWithout, "--policy - https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/app", 1, "arn:aws-cn:codecommit:cn-north-1:123456789012:app"},
		{"{", "--policy -", 2, "CCM401"},
		{"", "--policy " + filepath.Join(directory, "none"), 2, "CCM401"},
		{"", "--policy - --boundary a --boundary b", 2, "one permissions boundary"},
		{"", "--region x", 2, `--region "x"`},
		{"", "--account 1", 2, `--account "1"`},
		{"", "--repo a/b", 2, `--repo "a/b"`},
		{"", "http://git-codecommit.us-east-1.amazonaws.com/v1/repos/a", 2, "not a repository's URL, https"},
		{"", "https://example.com/v1/repos/a", 2, "not a CodeCommit host"},
		{"", "https://git-codecommit.us-east-1.amazonaws.com/a", 2, "not a CodeCommit repository path"},
		{"", "a b", 2, "unexpected argument"},
		{"", "--list", 0, "CCM721  session  error    AWS rejects the session\n"},
		{exempt, demoURL + " --policy - --strict", 1, "0 errors, 2 warnings"},
		{exempt, "--policy - " + demoURL + " --scp= --nonsense", 2, "unknown option --nonsense"},
		{"", demoURL + " --help", 0, "usage: git-credential-mfa doctor"},
	} {
		stdout, stderr, status := runDoctor(t, nil, c.stdin, strings.Fields(c.arguments)...)
		if status != c.status || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("doctor %s: status %d, want %d, %q\n%s%s", c.arguments, status, c.status, c.says, stdout, stderr)
		}
	}
}

func TestDoctorJSON(t *testing.T) {
	for stdin, want := range map[string]struct {
		status  int
		assumed any
	}{denyWithout: {1, true}, "{": {2, nil}} {
		stdout, _, status := runDoctor(t, nil, stdin, "--json", "--policy", "-")
		var report map[string]any
		if err := json.Unmarshal([]byte(stdout), &report); err != nil || status != want.status {
			t.Fatalf("status %d, %v\n%s", status, err, stdout)
		}
		if report["schema"] != 1.0 || report["ok"] != false || report["assumed_allow"] != want.assumed {
			t.Errorf("%v", report)
		}
	}
}

// TestDoctorAccount takes nothing for granted of a user whose policies are all
// there.
func TestDoctorAccount(t *testing.T) {
	account := `{"UserDetailList": [{"UserName": "alice", "Arn": "arn:aws:iam::210987654321:user/alice",
"UserPolicyList": [{"PolicyName": "p", "PolicyDocument": ` + denyWithout + `}]}]}`
	for _, c := range []struct {
		arguments string
		says      string
	}{
		{"--user alice", "CCM104"},
		{"--user alice --assume-allow", "CCM101"},
		{"--user alice", "210987654321:demo"},
		{"--user alice --account 111111111111", "111111111111:demo"},
		{"--user bob", "CCM401"},
		{"", "--user NAME"},
	} {
		stdout, _, _ := runDoctor(t, nil, account, append([]string{"--policy", "-"}, strings.Fields(c.arguments)...)...)
		if !strings.Contains(stdout, c.says) {
			t.Errorf("doctor %s: no %s\n%s", c.arguments, c.says, stdout)
		}
	}
}

func TestDoctorStyle(t *testing.T) {
	directory := t.TempDir()
	t.Setenv("HOME", directory)
	path := filepath.Join(directory, "p.json")
	if err := os.WriteFile(path, []byte(denyWithout), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		environment map[string]string
		mark        string
	}{
		{map[string]string{"LANG": "ja_JP.UTF-8"}, "×"},
		{map[string]string{"LANG": "en_US.utf8"}, "×"},
		{map[string]string{"USERPROFILE": directory, "LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "x"},
		{map[string]string{}, "x"},
	} {
		t.Run("", func(t *testing.T) {
			for name, value := range c.environment {
				t.Setenv(name, value) // the home folder's paths are those of the process
			}
			stdout, _, _ := runDoctor(t, c.environment, "", "--policy", path)
			if !strings.Contains(stdout, "\n"+c.mark+"  CCM101  ") || strings.Contains(stdout, "\x1b") {
				t.Errorf("%v: no mark %s\n%s", c.environment, c.mark, stdout)
			}
			if strings.Contains(stdout, directory) || !strings.Contains(stdout, "~") {
				t.Errorf("%v: the home directory is shown\n%s", c.environment, stdout)
			}
		})
	}
}

// cmd and PowerShell leave patterns to the program.
func TestPatternOnWindows(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.json", "b.json", "c.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pattern := filepath.Join(dir, "*.json")
	if got := matching(pattern, true); len(got) != 2 || got[0] != filepath.Join(dir, "a.json") {
		t.Error(got)
	}
	for _, name := range []string{filepath.Join(dir, "*.yaml"), "-", "a.json"} {
		if got := matching(name, true); len(got) != 1 || got[0] != name {
			t.Error(name, got)
		}
	}
	if got := matching(pattern, false); len(got) != 1 || got[0] != pattern {
		t.Error(got)
	}
}
