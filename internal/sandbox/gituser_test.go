package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const exampleHost = "git-codecommit.us-east-1.amazonaws.com"

// gitPassword signs as a client does. It shares no line with signature.go.
func gitPassword(secret, host, repository string, at time.Time) string {
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		io.WriteString(h, text)
		return h.Sum(nil)
	}
	canonical := sha256.Sum256([]byte("GIT\n/v1/repos/" + repository + "\n\nhost:" + host + "\n\nhost\n"))
	day, stamp := at.UTC().Format("20060102"), at.UTC().Format("20060102T150405")
	key := mac(mac(mac(mac([]byte("AWS4"+secret), day), "us-east-1"), "codecommit"), "aws4_request")
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + day + "/us-east-1/codecommit/aws4_request\n" + hex.EncodeToString(canonical[:])
	return stamp + "Z" + hex.EncodeToString(mac(key, text))
}

// A gitUser runs git in the world with a credential that a helper prints.
type gitUser struct {
	t    *testing.T
	w    *World
	home string
}

func newGitUser(t *testing.T, w *World) *gitUser {
	g := &gitUser{t, w, t.TempDir()}
	// The helper is a shell function, as in gitcredentials(7).
	config := "[credential]\n\thelper = \"!f() { test \\\"$1\\\" = get && cat \\\"$HOME/answer\\\"; }; f\"\n\tuseHttpPath = true\n" +
		"[user]\n\tname = Alice\n\temail = alice@example.com\n"
	if err := os.WriteFile(filepath.Join(g.home, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return g
}

// as sets the credential for the next runs.
func (g *gitUser) as(username, password string) *gitUser {
	g.t.Helper()
	answer := "username=" + username + "\npassword=" + password + "\n"
	if err := os.WriteFile(filepath.Join(g.home, "answer"), []byte(answer), 0o600); err != nil {
		g.t.Fatal(err)
	}
	return g
}

func (g *gitUser) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(g.t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(g.w.Env(g.home), "GIT_TERMINAL_PROMPT=0")
	cmd.Dir = g.home
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (g *gitUser) wants403(url string) {
	g.t.Helper()
	if out, err := g.run("ls-remote", url); err == nil || !strings.Contains(out, "The requested URL returned error: 403") {
		g.t.Errorf("git ls-remote: %v, want 403\n%s", err, out)
	}
}

func (g *gitUser) wants(args ...string) string {
	g.t.Helper()
	out, err := g.run(args...)
	if err != nil {
		g.t.Errorf("git %s: %v\n%s", args, err, out)
	}
	return out
}
