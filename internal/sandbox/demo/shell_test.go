package main

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// In the sandbox's shell, a clone is refused. After configure it works, with the
// code from the phone. After unconfigure it is refused again.
func TestShell(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the script is one for sh")
	}
	const url = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/demo"
	cmd := exec.Command("go", "run", ".", "--shell", "--auto")
	cmd.Env = append(os.Environ(), "SHELL=/bin/sh")
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(`
git clone URL plain; echo "plain: $?"
git-credential-mfa configure && git clone URL; echo "with MFA: $?"
test "$(phone)" -ge 0; echo "phone: $?"
git-credential-mfa unconfigure
git clone URL again; echo "unconfigured: $?"
case $HOME in "$PWD") echo home ;; esac
`, "URL", url))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"returned error: 403", "plain: 128\n", "with MFA: 0\n", "phone: 0\n", "unconfigured: 128\n", "\nhome\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the shell did not show %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}

// The story of the new employee ends with a clone, and with no secret in the
// clear.
func TestNewEmployee(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("codes are typed at a Unix terminal only")
	}
	out, err := exec.Command("go", "run", ".", "--auto", "--new-employee").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"returned error: 403", "is the MFA device of alice now", "moved the access key ",
		"Cloning into 'demo'", "found none", "The end:"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("does not show %q\n%s", want, out)
		}
	}
}
