package main

import (
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// TestLoginSaysWhatItWaitsFor: a person at a terminal is told after a second,
// and the line is gone when the answer comes.
func TestLoginSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.world.SetDelay(sandbox.STS, 2*time.Second)
	s, cmd := l.onTerminal("git-credential-mfa login")
	s.shows("MFA code")
	s.types(l.phone() + "\n")
	s.shows("waiting for AWS ...")
	s.shows("session of")
	l.settled(cmd)
	if text := s.String(); !strings.Contains(text, "...\r ") || strings.Count(text, "waiting for AWS") != 1 {
		t.Errorf("%q", text)
	}
	// Nobody waits for an answer that is there.
	l.world.SetDelay(sandbox.STS, 0)
	s, cmd = l.onTerminal("git-credential-mfa login")
	s.shows("session of")
	l.settled(cmd)
	if strings.Contains(s.String(), "waiting") {
		t.Errorf("%q", s)
	}
}
