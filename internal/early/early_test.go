package early

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

func TestOperation(t *testing.T) {
	for line, want := range map[string]string{
		"helper get": "get", "helper --profile work get": "get", "helper store": "store",
		"helper": "", "helper --prompt none get": "", "helper --profile get": "",
		"helper --profile=work get": "",
	} {
		if got := operation(strings.Fields(line)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestForeign(t *testing.T) {
	const ours = "git-codecommit.us-east-1.amazonaws.com"
	for in, want := range map[string]bool{
		"protocol=https\nhost=example.com\n\n":               true,
		"protocol=https\nhost=" + ours + ".evil.example\n\n": true,
		"protocol=https\nhost=" + ours + "\n\n":              false,
		"protocol=http\nhost=" + ours + "\n\n":               false,
		"protocol=https\nhost=a\nhost=b\n\n":                 false,
		"protocol=https\n":                                   false, "": false,
	} {
		request, err := credential.ReadRequest(strings.NewReader(in))
		if (err == nil && foreign(request)) != want {
			t.Errorf("%q: %v", in, !want)
		}
	}
}

// Every import adds its own imports to what is initialised before this package.
func TestFewImports(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err) // as under Wine
	}
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	for _, heavy := range []string{"net/http", "encoding/json", "regexp", "text/template", "crypto/tls", "net", "net/url"} {
		if slices.Contains(deps, heavy) {
			t.Errorf("it imports %s", heavy)
		}
	}
	for _, dep := range deps {
		if path, ok := strings.CutPrefix(dep, "github.com/"); ok && !strings.HasPrefix(path, "git-credential-mfa/git-credential-mfa/") {
			t.Errorf("it imports %s", dep)
		}
	}
}
