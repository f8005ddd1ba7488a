//go:build unix

package main

import (
	"strings"
	"testing"
	"time"
)

func TestTerminalCtrlC(t *testing.T) {
	t.Parallel()
	for name, typed := range map[string]string{"Ctrl-C": "123\x03", "Ctrl-D": "\x04"} {
		l := newLab(t)
		s, cmd := l.onTerminal(get)
		s.shows("AWS MFA for profile")
		s.types(typed)
		l.settled(cmd)
		if l.note("answer") != "quit=1\n" || l.note("status") != "1\n" || l.sessions() != 0 {
			t.Errorf("%s: exit %s, answer %q\n%s", name, l.note("status"), l.note("answer"), s)
		}
		s.shows("cancelled")
		if !strings.Contains(s.String(), "\r\ngit-credential-mfa: error: ") {
			t.Errorf("%s: the error does not begin a line:\n%s", name, s)
		}
	}
}

func TestTerminalLimit(t *testing.T) {
	slow(t) // takes the two minutes that it is about
	t.Parallel()
	l := newLab(t)
	start := time.Now()
	s, cmd := l.onTerminal(get)
	s.shows("AWS MFA for profile")
	s.types("123") // half a code, which must not land in the shell
	l.settled(cmd)
	if took := time.Since(start); took < 2*time.Minute || took > 2*time.Minute+slack*10*time.Second {
		t.Errorf("it took %v", took)
	}
	if l.note("answer") != "quit=1\n" || !strings.Contains(s.String(), "no answer in time") {
		t.Error(s)
	}
}

// A terminal that is stopped (Ctrl-S) takes no question, and the limit holds
// all the same: others wait for the lock.
func TestTerminalStopped(t *testing.T) {
	slow(t) // takes the two minutes that it is about
	t.Parallel()
	l := newLab(t)
	start := time.Now()
	s, cmd := l.onTerminal("sleep 1; " + get + " 2>talk")
	s.types("\x13")
	l.settled(cmd)
	if took := time.Since(start); took < 2*time.Minute || took > 2*time.Minute+slack*15*time.Second {
		t.Errorf("it took %v", took)
	}
	if l.note("answer") != "quit=1\n" || !strings.Contains(l.note("talk"), "no answer in time") {
		t.Errorf("answer %q: %s", l.note("answer"), l.note("talk"))
	}
}

// Those who wait while a person thinks say why, and get the session.
func TestTerminalWaiting(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	s, cmd := l.onTerminal("(git-credential-mfa get <request >answer2 2>talk2) & sleep 0.2; " + get + "; wait")
	s.shows("AWS MFA for profile")
	time.Sleep(3 * time.Second)
	s.types(l.phone() + "\n")
	l.settled(cmd)
	if !answered(result{stdout: l.note("answer")}) || !answered(result{stdout: l.note("answer2")}) || l.sessions() != 1 {
		t.Errorf("answers %q and %q\n%s", l.note("answer"), l.note("answer2"), s)
	}
	if !strings.Contains(s.String()+l.note("talk2"), "waiting for another git-credential-mfa") ||
		strings.Count(s.String(), "AWS MFA for profile") != 1 {
		t.Errorf("%s\n%s", s, l.note("talk2"))
	}
}
