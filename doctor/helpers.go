package doctor

import (
	"cmp"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

var (
	ccm507 = code{"CCM507", GitGroup, Error, "another helper answers with a password that has expired", "no other helper answers with an expired password"}
	ccm508 = code{"CCM508", GitGroup, Error, "another helper answers with a password that was signed under a wrong clock", "no other helper answers with a password from a wrong clock"}
	ccm509 = code{"CCM509", GitGroup, Error, "another helper answers with an HTTPS Git credential, which carries no MFA", "no other helper answers with an HTTPS Git credential"}
	ccm510 = code{"CCM510", GitGroup, Error, "another helper is asked before this one", "no other helper is asked before this one"}
	ccm511 = code{"CCM511", GitGroup, Warning, "the repository's own configuration names a helper", "the repository's own configuration names no other helper"}
	ccm513 = code{"CCM513", GitGroup, Error, "git does not find this helper's program", "git finds this helper's program"}
)

// signedAge is how old a held signature is by AWS's clock.
func (c *Case) signedAge(h Held) time.Duration { return c.Live.awsNow().Sub(h.Signed) }

// answering returns the first helper before this one that holds something.
// What stands behind it is not asked.
func (c *Case) answering() (Held, bool) {
	for _, h := range c.Live.Git.Held {
		if h.Before && h.Kind != heldNothing {
			return h, true
		}
	}
	return Held{}, false
}

// erase is the command that has a helper forget what it holds for the host.
func (c *Case) erase(h Held) string {
	name, _, _ := strings.Cut(h.Helper.Value, " ")
	path := ""
	if c.Live.Git.main().Chain.UseHTTPPath {
		path = "path=v1/repos/" + cmp.Or(c.Live.Target.Name, policies.PlaceholderName) + `\n`
	}
	return fmt.Sprintf(`printf 'protocol=https\nhost=%s\n%s\n' | git credential-%s erase; %s`, c.Live.Target.Host.Name, path, name, configure)
}

func checkStale(c *Case) []Result {
	h, ok := c.answering()
	if !ok || h.Kind != heldSignature || c.signedAge(h) < codecommit.Validity {
		return ccm507.isNot(c.heldBehind()...)
	}
	return ccm507.is([]string{h.label(),
		fmt.Sprintf("its password was signed %s ago with the key %s, and CodeCommit takes one for 15 minutes", roughly(c.signedAge(h)), h.Key),
		"git shows this as HTTP 403, and on 403 it neither asks the next helper nor has this one forget"}, c.erase(h), nil)
}

// heldBehind tells of what is held, and never asked for.
func (c *Case) heldBehind() []string {
	var lines []string
	for _, h := range c.Live.Git.Held {
		if !h.Before && h.Kind == heldSignature {
			lines = append(lines, h.label()+": holds a password signed "+roughly(c.signedAge(h))+" ago, which git does not ask for")
		}
	}
	return lines
}

// checkFuture looks for a password from the future, as AWS sees it. One from a
// clock that was behind looks like one that has expired.
func checkFuture(c *Case) []Result {
	h, ok := c.answering()
	if !ok || h.Kind != heldSignature || c.signedAge(h) > -codecommit.Validity {
		return ccm508.isNot()
	}
	return ccm508.is([]string{h.label(),
		fmt.Sprintf("its password, of the key %s, says that it was signed %s from now", h.Key, roughly(-c.signedAge(h))),
		"CodeCommit takes 15 minutes to either side; git shows this as HTTP 403"}, c.erase(h), nil)
}

// checkStatic: a Git credential is a user's own choice where nothing asks for
// MFA, and a sure 403 where something does.
func checkStatic(c *Case) []Result {
	h, ok := c.answering()
	if !ok || h.Kind != heldStatic {
		return ccm509.isNot()
	}
	detail := []string{h.label(), "it holds a Git credential of the account …" + h.Account[len(h.Account)-4:]}
	if c.Live.Network.LongTerm.passed() {
		r := ccm509.is(append(detail, "nothing asks for MFA here, so it may work"), "", nil)
		r[0].Level = Info
		return r
	}
	return ccm509.is(append(detail, "where a policy asks for MFA, git shows HTTP 403 for it"), c.erase(h), nil)
}

// checkUnasked looks at helpers before this one that doctor does not run, and
// at one that answers with something of another shape.
func checkUnasked(c *Case) []Result {
	if !c.Live.Git.main().Chain.Reached() {
		return ccm510.skip("git does not ask this helper: CCM502")
	}
	var lines []string
	sure := false
	for _, h := range c.Live.Git.Held {
		switch {
		case !h.Before || h.own():
		case h.Kind == heldOther, h.Kind == heldSignature && c.signedAge(h).Abs() < codecommit.Validity:
			lines = append(lines, h.label()+": it answers, so this helper is not asked")
			sure = true
		case h.Kind == heldNothing && h.Reason != "":
			lines = append(lines, h.label()+": "+h.Reason)
			// The AWS CLI's helper always has an answer, with whatever keys.
			aws := strings.Contains(h.Helper.Value, "codecommit credential-helper")
			if aws {
				lines = append(lines, "it is the AWS CLI's, which answers without MFA")
			}
			sure = sure || aws
		}
	}
	if len(lines) == 0 {
		return ccm510.isNot()
	}
	r := ccm510.is(lines, configure, nil)
	if !sure {
		r[0].Level = Warning
	}
	return r
}

// reaches reports whether git's question gets to this program.
func (c *Case) reaches() bool {
	chain := c.Live.Git.main().Chain
	if chain.Broken != nil || !chain.Reached() {
		return false
	}
	_, other := c.answering()
	return !other && (len(before(chain)) == 0 || checkUnasked(c)[0].Level != Error)
}

func checkOwnHelpers(c *Case) []Result {
	var lines []string
	for _, h := range c.Live.Git.Held {
		if h.own() {
			lines = append(lines, h.label()+": "+cmp.Or(h.Reason, "of the repository's own configuration"))
		}
	}
	if len(lines) == 0 {
		return ccm511.isNot()
	}
	return ccm511.is(append(lines, "git runs it at every fetch: look at it, if the repository came from somebody else"),
		"git config --local --show-origin --get-regexp '^credential\\.'", nil)
}

// checkProgram looks whether the program of our line exists, also for programs
// that were not started from a shell.
func checkProgram(c *Case) []Result {
	for _, h := range c.Live.Git.main().Chain.Helpers {
		if !h.Ours {
			continue
		}
		name := gitconfig.Program(h.Value)
		at := h.Place() + ": "
		if filepath.IsAbs(name) {
			if !executable(name) {
				return ccm513.is([]string{at + name + " is not there, or not a program"}, configure, nil)
			}
			return ccm513.isNot(at + name)
		}
		folders := pathFolders(c.Live.Git.execPath)
		found := find(name, append(folders, pathFolders(c.Live.Git.path)...))
		if found == "" {
			return ccm513.is([]string{at + name + " is not on PATH"}, configure+", which writes the whole path", nil)
		}
		if find(name, append(folders, guiPath()...)) == "" && runtime.GOOS != "windows" {
			r := ccm513.is([]string{at + found + " is found from here, but not by a program that was not started from a shell, as GUIs are",
				"its PATH is " + strings.Join(guiPath(), ":")}, configure+", which writes the whole path", nil)
			r[0].Level, r[0].Title = Info, "a GUI's git may not find this helper's program"
			if runtime.GOOS == "darwin" {
				r[0].Level = Warning
			}
			return r
		}
		return ccm513.isNot(at + found)
	}
	return ccm513.skip("git does not ask this helper: CCM502")
}

// roughly words a duration for people.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.0f hours", d.Hours())
	case d >= 2*time.Minute:
		return fmt.Sprintf("%.0f minutes", d.Minutes())
	}
	return fmt.Sprintf("%.0f seconds", d.Seconds())
}
