package doctor

import "github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"

// Witness is git itself, asked for the repository's HEAD as the person's git
// would be, without a way to ask for anything.
type Witness struct {
	// Reason says why git was not run. It is empty if it was.
	Reason string
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
