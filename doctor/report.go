package doctor

import "github.com/git-credential-mfa/git-credential-mfa/doctor/policies"

// Report is what the checks found, ready to be rendered.
type Report struct {
	Results      []Result
	Decisions    []policies.Decision
	AssumedAllow bool
	// Headings are lines above the results of a group.
	Headings map[Group][]string
	// Audit is the answer to an administrator's question, or nil.
	Audit *policies.Audit
	// Version is this program's version, System the system and the processor, such
	// as linux/amd64, Git the version of git, and Target the repository; each is ""
	// if it is not known.
	Version, System, Git, Target string
	// Source is the first file that was judged. SARIF shows there what is about no
	// statement.
	Source string
	// Live is true for a run that looked at git, AWS and the system. Witness is then
	// git's own run.
	Live    bool
	Witness Witness
	// Strict makes warnings fail.
	Strict bool
	// Home is the user's home directory, which is shown as "~".
	Home Home
	// Folders are the paths of the current folder, with and without symbolic links.
	Folders []string
}

// Summary counts results by level.
type Summary struct {
	OK      int `json:"ok"`
	Info    int `json:"info"`
	Warning int `json:"warning"`
	Error   int `json:"error"`
	Skipped int `json:"skipped"`
}

// String returns the numbers of errors and warnings, in words.
func (s Summary) String() string { return count(s.Error, "error") + ", " + count(s.Warning, "warning") }

// Summary counts the results.
func (r Report) Summary() Summary {
	var s Summary
	for _, result := range r.Results {
		switch result.Level {
		case OK:
			s.OK++
		case Info:
			s.Info++
		case Warning:
			s.Warning++
		case Error:
			s.Error++
		case Skipped:
			s.Skipped++
		}
	}
	return s
}

// Exit statuses of Report.Status.
const (
	Passed    = 0
	Failed    = 1
	NotJudged = 2
)

// Status returns the exit status. It is NotJudged if input could not be read or
// every check was skipped, which must not look like success (expo/expo#50325).
func (r Report) Status() int {
	s := r.Summary()
	for _, result := range r.Results {
		if result.Code == "CCM401" && result.Level == Error {
			return NotJudged
		}
	}
	switch {
	case s.Skipped == len(r.Results):
		return NotJudged
	case s.Error > 0 || r.Strict && s.Warning > 0:
		return Failed
	}
	return Passed
}
