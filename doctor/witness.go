package doctor

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// Witness is a run of git, "git ls-remote" for the repository's HEAD, in which
// neither git nor a helper can ask the user for anything.
type Witness struct {
	// Reason says why git was not run, and Fix is the command that runs it. Both
	// are empty if it was run.
	Reason, Fix string
	// Command is what was run.
	Command string
	// Passed is true if git succeeded. TimedOut is true if it was stopped at the
	// time limit, and Err is set if it could not be started.
	Passed, TimedOut bool
	Err              error
	// Trace is what git did.
	gittrace.Trace
}

// Ran reports whether git was run.
func (w Witness) Ran() bool { return w.Reason == "" && w.Command != "" && w.Err == nil }

// Failed reports whether git was run and failed.
func (w Witness) Failed() bool { return w.Ran() && !w.Passed }

// lastRequest is the last one to the server, or nil.
func (w Witness) lastRequest() *gittrace.Request {
	for i := len(w.Requests) - 1; i >= 0; i-- {
		if !w.Requests[i].Connect {
			return &w.Requests[i]
		}
	}
	return nil
}

// unheard reports whether git failed only because this helper has no session and
// was not allowed to ask for a code.
func (e *Evidence) unheard() bool {
	if !e.Witness.Failed() || e.Session.Usable() || e.Session.Temporary || e.Session.Err != nil || e.AWS.SourceErr != nil || e.Keyring.Err != nil {
		return false
	}
	for _, h := range e.Witness.Helpers {
		if h.Ours && h.Operation == "get" && h.Ended && h.Status != 0 {
			return true
		}
	}
	return false
}

// checkWitness reports whether git itself reached the repository.
func checkWitness(e *Evidence) Finding {
	w := e.Witness
	switch {
	case w.Err != nil:
		return skipped("git could not be started: " + w.Err.Error())
	case !w.Ran() && w.Fix != "":
		return skipped("git was not run, " + w.Reason + ": " + w.Fix)
	case !w.Ran():
		return skipped("git was not run, " + w.Reason)
	case e.unheard():
		return skipped("git asked this helper, which has no session and was not allowed to ask for a code: CCM720")
	case w.Failed():
		return skipped("git fails: CCM831")
	}
	return fine(w.story()...)
}

// checkUnexplained reports a failure of git that no other check explains.
func checkUnexplained(e *Evidence) Finding {
	w := e.Witness
	switch {
	case !w.Ran():
		return skipped("git was not run: CCM830")
	case e.unheard():
		return skipped("git would ask for the MFA code: CCM720")
	case w.Passed:
		return fine()
	}
	f := found(w.fix(), append(w.messages(), w.story()...)...)
	f.Title = w.title()
	return f
}

// title returns this helper's error message, or else git's, in one line.
func (w Witness) title() language.Text {
	for _, text := range w.Said {
		if reason, ok := strings.CutPrefix(text, "error: "); ok {
			return language.Text{English: "git fails; this helper says: ", Japanese: "git が失敗する。このヘルパーのエラー: "}.With(oneLine(reason))
		}
	}
	for _, text := range w.Messages {
		if first, _, _ := strings.Cut(strings.TrimSpace(text), "\n"); first != "" {
			return language.Text{English: "git fails: ", Japanese: "git が失敗する: "}.With(oneLine(first))
		}
	}
	if w.TimedOut {
		return language.Text{English: "git does not finish", Japanese: "git が終わらない"}
	}
	return language.Text{}
}

// messages returns git's messages, and this helper's.
func (w Witness) messages() []string {
	lines := []string{w.Command}
	if w.TimedOut {
		lines = append(lines, "it did not finish within 20 seconds and was stopped")
	}
	for _, text := range append(w.Messages, w.Said...) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, "git says: "+line)
			}
		}
	}
	return lines
}

// fix returns the command that this helper's message or git's names.
func (w Witness) fix() string {
	for _, text := range w.Said {
		if hint, ok := strings.CutPrefix(text, "hint: "); ok {
			return hint
		}
	}
	for _, text := range w.Messages {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "git config ") {
				return line
			}
		}
	}
	return "GIT_TRACE_CURL=1 GIT_TRACE_CURL_NO_DATA=1 " + w.Command + " shows more; its output contains the session token"
}

// story describes what git did: its connection, helpers and last answer.
func (w Witness) story() []string {
	var lines []string
	switch {
	case w.Tunnel && w.Connected == "":
		lines = append(lines, "git went through a proxy")
	case w.Tunnel:
		lines = append(lines, "git went through the proxy "+w.Connected)
	case w.Connected != "":
		lines = append(lines, "git went to "+w.Connected)
	}
	if w.TLS != "" {
		lines = append(lines, "TLS: "+w.TLS)
	}
	var asked []string
	for _, h := range w.Helpers {
		switch {
		case h.Operation != "get":
		case h.Status != 0:
			asked = append(asked, fmt.Sprintf("%s (exit status %d)", h.Name, h.Status))
		default:
			asked = append(asked, h.Name)
		}
	}
	if len(asked) > 0 {
		lines = append(lines, "git asked the helpers: "+strings.Join(asked, ", "))
	} else if w.lastRequest() != nil {
		lines = append(lines, "git asked no helper")
	}
	if last := w.lastRequest(); last != nil && last.Status != 0 {
		lines = append(lines, fmt.Sprintf("the last answer was %d, to a request with %s", last.Status, carried[last.Sent]))
	}
	return lines
}

// carried describes what a request carried.
var carried = map[gittrace.Authorization]string{
	gittrace.None:          "no password",
	gittrace.Empty:         "an empty username and password (http.emptyAuth)",
	gittrace.LongTermKey:   "the signature of a long-term key, which carries no MFA",
	gittrace.TemporaryKey:  "the signature of a session",
	gittrace.GitCredential: "an HTTPS Git credential, which carries no MFA",
	gittrace.OtherUser:     "a username and a password that are not AWS's",
	gittrace.Header:        "an Authorization header of a setting (http.extraHeader)",
}

// believeGit turns errors into warnings if git itself succeeded.
func believeGit(results []Result, w Witness) {
	if !w.Passed {
		return
	}
	for i := range results {
		r := &results[i]
		if r.Level != Error || r.Group == PolicyGroup { // a policy may be about pushes
			continue
		}
		r.Level = Warning // mutation: what git contradicts is no error
		if r.Detail != "" {
			r.Detail += "\n"
		}
		r.Detail += "git passes all the same"
		if r.Group != GitGroup && r.Group != NetworkGroup && r.Group != ClockGroup {
			r.Detail += ", as long as its session lasts"
		}
	}
}
