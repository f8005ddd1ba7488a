package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// signedPassword is the form of AWS's password.
var signedPassword = regexp.MustCompile(`[0-9]{8}T[0-9]{6}Z[0-9a-f]{64}`)

// TestWitnessKeepsSecrets has doctor run git with a person's traces switched on,
// and searches every argument, every file and all that is printed meanwhile:
// git's own traces hold the session token.
func TestWitnessKeepsSecrets(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*lab){
		"git passes": func(*lab) {},
		"git fails": func(l *lab) {
			l.policies(forceMFA, sandbox.PolicyText{Name: "none", Text: `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "codecommit:*", "Resource": "*"}}`})
		},
		"git is told 401": func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: sandbox.Git, Trouble: sandbox.Answer, Status: 401, Times: 99})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newDoctorLab(t)
			// A helper that corrects the clock asks CodeCommit for the time, which
			// makes it slow enough to be seen.
			l.world.Clock.SetOffset(20 * time.Minute)
			l.world.SetDelay(sandbox.Git, 200*time.Millisecond)
			l.login()
			set(l)
			traces := filepath.Join(l.home, "traces")
			l.write(".gitconfig", l.read(".gitconfig")+"[trace2]\n\teventTarget = "+traces+".config\n\tperfTarget = "+traces+".perf\n")
			for _, variable := range []string{"GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE_PACKET", "GIT_CREDENTIAL_MFA_TRACE"} {
				l.setenv(variable, traces+"."+variable)
			}
			l.setenv("GIT_CURL_VERBOSE", "1")
			l.setenv("GIT_TRACE_REDACT", "0")
			arguments := l.watchArguments()
			printed := ""
			for _, format := range []string{"--json", "--verbose", "--report"} {
				r := l.run("", "git-credential-mfa", "doctor", format, l.url)
				printed += r.stdout + r.stderr
			}
			seen := arguments()
			if !strings.Contains(seen, "ls-remote\x00--\x00"+l.url) || !strings.Contains(seen, "git-credential-mfa\x00get") {
				t.Fatalf("the witness was not seen: %q", seen)
			}
			for where, text := range map[string]string{"the arguments": seen, "what was printed": printed} {
				search(t, where, []byte(text), l.world.Secrets())
				if found := signedPassword.FindString(text); found != "" {
					t.Errorf("%s: a password %s", where, found)
				}
				if strings.Contains(text, "ASIA") {
					t.Errorf("%s: a username", where)
				}
			}
			l.searchFolder()
			l.searchPasswords()
		})
	}
}

// watchArguments notes the arguments of every process whose environment is the
// lab's, until the function that it returns is called for them. Other tests have
// arguments that look like secrets.
func (l *lab) watchArguments() func() string {
	seen := map[string]bool{}
	stop, done := make(chan struct{}), sync.WaitGroup{}
	done.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
			files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, file := range files {
				text, err := os.ReadFile(file)
				environment, envErr := os.ReadFile(filepath.Join(filepath.Dir(file), "environ"))
				if err == nil && envErr == nil && strings.Contains(string(environment), l.home) {
					seen[string(text)] = true
				}
			}
		}
	})
	return func() string {
		close(stop)
		done.Wait()
		var all strings.Builder
		for text := range seen {
			all.WriteString(text + "\n")
		}
		return all.String()
	}
}

// searchPasswords looks for signed passwords in every file of the user's.
func (l *lab) searchPasswords() {
	l.t.Helper()
	files := 0
	err := filepath.WalkDir(l.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil // gone since
		}
		files++
		if found := signedPassword.Find(text); found != nil {
			l.t.Errorf("%s holds a password, %s", path, found)
		}
		return nil
	})
	if err != nil || files < 5 {
		l.t.Errorf("%d files searched: %v", files, err)
	}
}
