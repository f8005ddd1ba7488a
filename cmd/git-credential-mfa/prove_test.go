//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// prove takes a person through docs/unproven.md with one code, reports what
// came, and leaves nothing behind.
func TestProve(t *testing.T) {
	t.Parallel()
	l, folder := proveLab(t)
	before := l.tree(t)
	screen := l.prove(t, folder, map[string]string{
		"May the report show your account number": "n",
		"What happened instead?":                  "code 123456 for " + sandbox.Account + " below " + l.home + "/demo",
	})
	text, err := os.ReadFile(filepath.Join(folder, "prove-report.md"))
	if err != nil {
		t.Fatalf("%v\n%s", err, screen)
	}
	report := string(text)
	for _, want := range []string{
		"as expected", "**not as expected** code CODE for ACCOUNT below ~/NAME",
		"$ git-credential-mfa configure", "Cloning into", "$ git-credential-mfa doctor URL", "built   with go", "all is well",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	for _, secret := range []string{l.home, sandbox.Account, l.user.AccessKeyID, l.user.SecretAccessKey, "alice", "demo", "ASIA", passphrase} {
		if strings.Contains(report, secret) {
			t.Errorf("the report has %q", secret)
		}
	}
	if n := l.world.Count(sandbox.STS, "GetSessionToken"); n != 1 {
		t.Errorf("%d codes were spent", n)
	}
	if after := l.tree(t); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if t.Failed() {
		t.Logf("%s\n%s", report, screen)
	}
}

// With a session from before, prove renews it, and leaves one.
func TestProveKeepsSession(t *testing.T) {
	t.Parallel()
	l, folder := proveLab(t)
	l.login()
	screen := l.prove(t, folder, map[string]string{"May the report show your account number": "y"})
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, "profile default: ") {
		t.Errorf("there is no session any more: %v\n%s", r, screen)
	}
	report, err := os.ReadFile(filepath.Join(folder, "prove-report.md"))
	if err != nil || !strings.Contains(string(report), sandbox.Account) {
		t.Errorf("the report lacks the account: %v\n%s", err, report)
	}
}

// Whoever stops half-way has a report of what was seen, and nothing is left.
func TestProveStops(t *testing.T) {
	t.Parallel()
	l, folder := proveLab(t)
	before := l.tree(t)
	const endOfInput = "\x04"
	screen := l.prove(t, folder, map[string]string{"Enter runs: git-credential-mfa doctor": endOfInput})
	report, err := os.ReadFile(filepath.Join(folder, "prove-report.md"))
	if err != nil || !strings.Contains(string(report), "Cloning into") {
		t.Errorf("%v\n%s\n%s", err, report, screen)
	}
	if after := l.tree(t); after != before {
		t.Errorf("before:\n%s\nafter:\n%s\n%s", before, after, screen)
	}
}

// proveLab is a lab of a person with a checkout, of which prove needs one page.
func proveLab(t *testing.T) (*lab, string) {
	l := newLab(t)
	folder := filepath.Join(l.dir, "checkout")
	page, err := os.ReadFile("../../docs/unproven.md")
	if err == nil {
		err = os.MkdirAll(filepath.Join(folder, "docs"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "docs/unproven.md"), page, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l, folder
}

// builtProve builds prove beside the program, once.
var builtProve = sync.OnceValues(func() (string, error) {
	program := filepath.Join(built, "prove")
	out, err := exec.Command("go", "build", "-o", program, "../../internal/prove").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building prove: %w\n%s", err, out)
	}
	return program, err
})

// question is one of prove's at the end of the screen.
var question = regexp.MustCompile(`[^\n]*(?:\[y/N\]|Enter runs: [^\n]*|not tried\]|instead\?) $`)

// prove runs prove with a person who types the code, answers questions by
// answers, says of the rows that are run in turn that it came and that it did
// not, and tries no others.
func (l *lab) prove(t *testing.T, folder string, answers map[string]string) *screen {
	t.Helper()
	program, err := builtProve()
	if err != nil {
		t.Fatal(err)
	}
	screen, slave := newScreen(t)
	cmd := exec.Command("sh", "-c", `cd "$1" && exec "$2" "$3"`, "sh", folder, program, l.url)
	l.start(cmd, slave)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	seen, judged := 0, 0
	for deadline := time.After(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("prove: %v\n%s", err, screen)
			}
			return screen
		case <-deadline:
			t.Fatalf("prove does not end:\n%s", screen)
		default:
		}
		shown := screen.String()
		answer, waits := "", false
		if asked.MatchString(shown[seen:]) {
			answer, waits = l.phone(), true
		} else if match := question.FindStringSubmatch(shown[seen:]); match != nil {
			answer, waits = l.answer(match[0], shown, answers, &judged), true
		}
		if waits {
			seen = len(shown)
			screen.types(answer + "\n")
		}
	}
}

// answer is what the person of prove says.
func (l *lab) answer(question, shown string, answers map[string]string, judged *int) string {
	for part, answer := range answers {
		if strings.Contains(question, part) {
			return answer
		}
	}
	switch {
	case strings.Contains(question, "Go on?"):
		return "y"
	case strings.Contains(question, "not tried") && !strings.Contains(shown, "The rest is yours"):
		*judged++
		return []string{"n", "y"}[*judged%2]
	}
	return ""
}

// tree lists the files of the home folder with their sizes, less the cache.
func (l *lab) tree(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("find", l.home, "-type", "f", "!", "-path", "*/.cache/*", "!", "-name", "phone", "-printf", "%P %s\n").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
