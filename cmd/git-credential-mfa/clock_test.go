package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// gits returns every git in PATH by its version. From 2.40 on git compares
// password_expiry_utc with its own clock.
func gits(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		program := filepath.Join(dir, "git")
		out, err := exec.Command(program, "version").Output()
		if version := strings.TrimSpace(string(out)); err == nil && found[version] == "" {
			found[version] = program
		}
	}
	if len(found) == 0 && runtime.GOOS == "windows" {
		t.Skip("there is no git, as under Wine")
	}
	if len(found) == 0 {
		t.Fatal("there is no git")
	}
	return found
}

// wrongClocks are offsets of AWS's clock from this computer's, which both STS
// (5 minutes) and CodeCommit (15 minutes) refuse.
var wrongClocks = map[string]time.Duration{"behind": 20 * time.Minute, "ahead of": -20 * time.Minute}

// A wrong clock is said, worked around, and when it is set right, nothing else
// is needed.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for version, git := range gits(t) {
		for word, offset := range wrongClocks {
			t.Run(version+" "+word, func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				l.askpass()
				l.world.Clock.SetOffset(offset)
				screen := &strings.Builder{}
				clone := func(name string) result {
					t.Helper()
					r := l.run("", git, "clone", l.url, name)
					screen.WriteString(r.stdout + r.stderr)
					if r.status != 0 {
						t.Fatal(r)
					}
					return r
				}
				l.phone()
				if r := clone("first"); !strings.Contains(r.stderr, "this computer's clock is 20m") && !strings.Contains(r.stderr, "this computer's clock is 19m59s") ||
					!strings.Contains(r.stderr, word+" AWS's") {
					t.Error(r)
				}
				if r := clone("second"); strings.Contains(r.stderr, "warning") {
					t.Error(r)
				}
				l.wantLeft(12*time.Hour - time.Minute)
				l.wantExpiry(14 * time.Minute)

				l.world.Clock.SetOffset(0)
				clone("third")
				l.wantLeft(12*time.Hour + offset - time.Minute)
				before := len(l.world.Requests())
				l.wantExpiry(14 * time.Minute)
				if n := len(l.world.Requests()) - before; n != 0 {
					t.Errorf("AWS is still asked for the time: %d requests", n)
				}
				// The first call is refused for its time, which under Wine is known
				// before: its askpass is slow.
				if sessions := l.sessions(); l.questions() != 1 || sessions != 2 && !(underWine() && sessions == 1) {
					t.Errorf("%d questions, %d calls of GetSessionToken", l.questions(), l.sessions())
				}
				asked, err := os.ReadFile(filepath.Join(l.home, "questions"))
				if err != nil {
					t.Fatal(err)
				}
				for _, secret := range l.world.Secrets() {
					if strings.Contains(screen.String()+string(asked), secret[:20]) {
						t.Error("a secret is on the screen")
					}
				}
			})
		}
	}
}

// wantLeft checks the time that status shows.
func (l *lab) wantLeft(left time.Duration) {
	l.t.Helper()
	want := fmt.Sprintf(" (%d h %d min left)\n", left/time.Hour, left%time.Hour/time.Minute)
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, want) {
		l.t.Errorf("not %s: %v", want, r)
	}
}

var expiryLine = regexp.MustCompile(`(?m)^password_expiry_utc=([0-9]+)$`)

// wantExpiry checks that an answer ends so late by the local clock, which is
// git's.
func (l *lab) wantExpiry(want time.Duration) {
	l.t.Helper()
	r := l.get("--prompt", "none")
	if !answered(r) {
		l.t.Error(r)
		return
	}
	seconds, err := strconv.ParseInt(expiryLine.FindStringSubmatch(r.stdout)[1], 10, 64)
	if left := time.Until(time.Unix(seconds, 0)); err != nil || left > want || left < want-10*time.Second {
		l.t.Errorf("the password ends in %v, not %v", left, want)
	}
}

// A role's credentials have an offset of their own: they are renewed while the
// clock is wrong, and after.
func TestRoleUnderAWrongClock(t *testing.T) {
	t.Parallel()
	for word, offset := range wrongClocks {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			l := roleLab(t)
			l.world.Clock.SetOffset(offset)
			l.phone()
			r := l.getAs("prod")
			if !answered(r) || strings.Count(r.stderr, "this computer's clock") != 1 {
				t.Fatal(r)
			}
			accepted := func() {
				t.Helper()
				r := l.run("", "git", "-c", "credential.https://"+host+".helper=", "-c", "credential.https://"+host+".helper=mfa --profile prod",
					"ls-remote", strings.Replace(l.url, "demo", "theirs", 1))
				if r.status != 0 {
					t.Error(r)
				}
			}
			accepted()
			l.world.SetRoleLifetime(4 * time.Minute)
			l.run("", "git-credential-mfa", "--profile", "prod", "login")
			accepted()
			l.world.Clock.SetOffset(0)
			accepted()
			if l.questions() != 1 {
				t.Errorf("%d questions", l.questions())
			}
		})
	}
}

// A CodeCommit that does not tell the time costs two seconds, and the offset
// of before is used.
func TestNoTimeToBeHad(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.world.Clock.SetOffset(20 * time.Minute)
	l.phone()
	if r := l.get(); !answered(r) {
		t.Fatal(r)
	}
	l.world.Inject(sandbox.Fault{Service: sandbox.Git, Trouble: sandbox.Hang})
	r := l.get()
	if !answered(r) || r.took > slack*4*time.Second {
		t.Fatal(r)
	}
	signed, err := time.Parse("20060102T150405Z", regexp.MustCompile(`password=(\w{15}Z)`).FindStringSubmatch(r.stdout)[1])
	if off := time.Until(signed); err != nil || off < 19*time.Minute || off > 21*time.Minute {
		t.Errorf("signed for %v from now", off)
	}
}
