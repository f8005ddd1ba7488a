package doctor

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// Witness is git itself, asked for the repository's HEAD as the person's git
// would be, without a way to ask for anything.
type Witness struct {
	// Reason says why git was not run, and Mend is the command by which it is.
	// Both are empty if it was.
	Reason, Mend string
	// Command is what was run.
	Command string
	// Passed is git's own outcome. TimedOut is true if it was ended at the
	// limit, and Err is set if it could not be started.
	Passed, TimedOut bool
	Err              error
	// Trace is what it did, as far as it got.
	gittrace.Trace
}

// Ran reports whether git was run to an end.
func (w Witness) Ran() bool { return w.Reason == "" && w.Command != "" && w.Err == nil }

// Failed reports whether git was run and did not get what it asked for.
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

// unheard reports that git got no further than to this helper, which has no
// session and was not let ask for a code.
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

// checkWitness tells of git's own outcome.
func checkWitness(e *Evidence) Finding {
	w := e.Witness
	switch {
	case w.Err != nil:
		return skipped("git could not be started: " + w.Err.Error())
	case !w.Ran() && w.Mend != "":
		return skipped("git was not run, " + w.Reason + ": " + w.Mend)
	case !w.Ran():
		return skipped("git was not run, " + w.Reason)
	case e.unheard():
		return skipped("git got as far as this helper, which has no session yet and was not allowed to ask for a code: CCM720")
	case w.Failed():
		return skipped("it does not: CCM831")
	}
	return fine(w.story()...)
}

// checkUnexplained is what is left if git fails and nothing else says why.
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

// title is what this helper said, or else git, in one line.
func (w Witness) title() language.Text {
	for _, text := range w.Said {
		if reason, ok := strings.CutPrefix(text, "error: "); ok {
			return language.Text{English: "git fails, as this helper says: ", Japanese: "git が失敗する。このヘルパーのエラー: "}.With(oneLine(reason))
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

// messages are git's own words, and this helper's.
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

// fix is the command that git itself, or this helper, names.
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
	return "GIT_TRACE_CURL=1 GIT_TRACE_CURL_NO_DATA=1 " + w.Command + " shows more; its output holds the session token"
}

// story says what git did.
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
		lines = append(lines, "of the certificate: "+w.TLS)
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

// carried words what a request carried.
var carried = map[gittrace.Authorization]string{
	gittrace.None:          "no password",
	gittrace.Empty:         "an empty username and password (http.emptyAuth)",
	gittrace.LongTermKey:   "the signature of a long-term key, which carries no MFA",
	gittrace.TemporaryKey:  "the signature of a session",
	gittrace.GitCredential: "an HTTPS Git credential, which carries no MFA",
	gittrace.OtherUser:     "a username and a password that are not AWS's",
	gittrace.Header:        "an Authorization header of a setting (http.extraHeader)",
}

// believeGit lowers what git itself contradicts: its outcome is what counts.
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
