package main

import (
	"strings"
	"testing"
)

// The whole promise: plain keys are refused, one code clones, and nothing is
// asked again.
func TestClone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	if r := l.run("", "git", "clone", l.url, "first"); r.status != 0 {
		t.Fatal(r)
	}
	for _, args := range [][]string{
		{"clone", "--quiet", l.url, "second"},
		{"-C", "first", "commit", "--quiet", "--allow-empty", "-m", "more"},
		{"-C", "first", "push", "--quiet"},
		{"-C", "second", "pull", "--quiet"},
	} {
		if r := l.run("", "git", args...); r.status != 0 {
			t.Fatal(args, r)
		}
	}
	if l.questions() != 1 || l.sessions() != 1 {
		t.Errorf("%d questions and %d calls of GetSessionToken, not one each", l.questions(), l.sessions())
	}
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, ":user/alice") {
		t.Error(r)
	}
	if refused := l.world.Refused(); len(refused) > 0 {
		t.Errorf("somebody tried to reach %v", refused)
	}
}
