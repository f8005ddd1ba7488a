package doctor

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

var (
	ccm501 = code{"CCM501", GitGroup, Error, "git is missing or too old", "git is there, and new enough"}
	ccm502 = code{"CCM502", GitGroup, Error, "git does not ask this helper", "git asks this helper"}
	ccm503 = code{"CCM503", GitGroup, Error, "git stops at a setting of its configuration", "git understands its configuration"}
	ccm504 = code{"CCM504", GitGroup, Error, "git does not tell helpers the path", "git tells helpers the path"}
	ccm505 = code{"CCM505", GitGroup, Warning, "another helper is told to keep what this one answers", "no other helper is told to keep what this one answers"}
	ccm506 = code{"CCM506", GitGroup, Error, "git sends a username for which this helper does not answer", "git sends no username of its own"}
	ccm512 = code{"CCM512", GitGroup, Warning, "another git on this computer has another chain of helpers", "every git on this computer has the same chain"}
	ccm514 = code{"CCM514", GitGroup, Info, "the repository's own configuration has git run programs", "the repository's own configuration has git run no programs"}
)

// liveCheck runs a check if this is a live run.
type liveCheck struct {
	code
	check func(*Case) []Result
}

func (l liveCheck) run(_ context.Context, c *Case) []Result {
	if c.Live == nil {
		return l.skip("asked in a live run only")
	}
	return l.check(c)
}

// The versions that matter: wildcards in sections (2.26.0), the expiry of a
// password (2.40.0, without which a store gives out what ran out).
var expiry = gitconfig.Version{Major: 2, Minor: 40}

func checkGit(c *Case) []Result {
	git := c.Live.Git.main()
	switch {
	case git.Path == "":
		return ccm501.is([]string{"there is no git on PATH"}, "install git: https://git-scm.com/downloads", nil)
	case git.Err != nil:
		r := ccm501.is([]string{git.Path + ": " + git.Err.Error()}, git.Path+" config --list", nil)
		r[0].Title = "git does not say what its configuration is"
		return r
	case git.Version.Less(gitconfig.Wildcards):
		r := ccm501.is([]string{git.Path + " is " + git.Version.String() + ", and patterns for hosts came with 2.26"},
			configure+", which names each region for it, or a newer git", nil)
		r[0].Level = Warning
		return r
	case git.Version.Less(expiry):
		return ccm501.isNot(git.Path+" is "+git.Version.String(),
			"git before 2.40 does not know that a password expires: another helper that stores it gives it out for ever")
	}
	return ccm501.isNot(git.Path + " is " + git.Version.String())
}

// unknownGit is the reason to skip what needs git's configuration.
func unknownGit(c *Case) string {
	if git := c.Live.Git.main(); git.Path == "" || git.Err != nil {
		return "git's configuration is not known: CCM501"
	}
	if c.Live.Git.main().Chain.Broken != nil {
		return "git stops before: CCM503"
	}
	return ""
}

// chainLines show the chain with the place of each helper, as git asks them.
func chainLines(chain gitconfig.Chain) []string {
	var lines []string
	for i, h := range chain.Helpers {
		line := fmt.Sprintf("%d. %s", i+1, Held{Helper: h}.label())
		if h.Ours {
			line = fmt.Sprintf("%d. %s: this helper", i+1, h.Place())
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return []string{"git asks no helper at all"}
	}
	return lines
}

func checkChain(c *Case) []Result {
	if reason := unknownGit(c); reason != "" {
		return ccm502.skip(reason)
	}
	chain := c.Live.Git.main().Chain
	lines := chainLines(chain)
	switch {
	case chain.Reached():
		return ccm502.isNot(append([]string{"for " + c.Live.Target.URL}, lines...)...)
	case chain.RemovedBy != nil:
		lines = append(lines, chain.RemovedBy.Place()+": the empty "+chain.RemovedBy.Name()+" took it out of the list")
	}
	return ccm502.is(append([]string{"for " + c.Live.Target.URL + " git asks:"}, lines...), configure, nil)
}

func checkBroken(c *Case) []Result {
	broken := c.Live.Git.main().Chain.Broken
	if broken == nil {
		return ccm503.isNot()
	}
	return ccm503.is([]string{broken.Place() + ": " + broken.Name() + " has no value that git understands"},
		"mend or take out that line", nil)
}

func checkPath(c *Case) []Result {
	chain := c.Live.Git.main().Chain
	if reason := unknownGit(c); reason != "" || !chain.Reached() {
		return ccm504.skip(cmp.Or(reason, "git does not ask this helper: CCM502"))
	}
	if chain.UseHTTPPath {
		return ccm504.isNot(chain.UseHTTPPathFrom.Place())
	}
	detail := "credential.useHttpPath is not set, and the path is a part of what is signed"
	if from := chain.UseHTTPPathFrom; from != nil {
		detail = from.Place() + ": " + from.Name() + " = " + from.Value + "; the path is a part of what is signed"
	}
	return ccm504.is([]string{detail}, fmt.Sprintf("git config --global credential.https://%s.useHttpPath true", c.Live.Target.Host.Name), nil)
}

// checkStores: git hands what one helper answered to all of them. The username
// holds the session token, and a password that ran out is the 403 of the day
// after (git's credential_approve).
func checkStores(c *Case) []Result {
	chain := c.Live.Git.main().Chain
	if reason := unknownGit(c); reason != "" || !chain.Reached() {
		return ccm505.skip(cmp.Or(reason, "git does not ask this helper: CCM502"))
	}
	var lines []string
	for _, h := range c.Live.Git.Held {
		lines = append(lines, h.label())
	}
	if len(lines) == 0 {
		return ccm505.isNot()
	}
	lines = append(lines, "each is told to store the password, which lives for 15 minutes, and the session token in the username")
	return ccm505.is(lines, configure+", which empties the list of helpers for CodeCommit before its own line", nil)
}

func checkName(c *Case) []Result {
	chain := c.Live.Git.main().Chain
	if reason := unknownGit(c); reason != "" || !chain.Reached() {
		return ccm506.skip(cmp.Or(reason, "git does not ask this helper: CCM502"))
	}
	name := chain.Username
	if name == nil || isOwnName(name.Value) {
		return ccm506.isNot()
	}
	return ccm506.is([]string{name.Place() + ": " + name.Name() + " names another user, whose password this helper does not know"},
		"git config --unset-all "+shellWord(name.Name())+" (in "+name.Origin+")", nil)
}

// checkOtherGits compares the other gits with the one of PATH: one that came
// with a GUI has a system configuration of its own.
func checkOtherGits(c *Case) []Result {
	gits := c.Live.Git.Gits
	if len(gits) < 2 {
		return ccm512.isNot()
	}
	var same, odd []string
	for _, git := range gits[1:] {
		switch {
		case git.Err != nil:
			same = append(same, git.Path+": not looked at: "+git.Err.Error())
		case strings.Join(chainLines(git.Chain), "\n") == strings.Join(chainLines(gits[0].Chain), "\n"):
			same = append(same, git.Path+" "+git.Version.String())
		default:
			odd = append(odd, git.Path+" "+git.Version.String()+":")
			odd = append(odd, chainLines(git.Chain)...)
		}
	}
	if len(odd) == 0 {
		return ccm512.isNot(same...)
	}
	return ccm512.is(odd, configure+", whose block in the global configuration counts for every git", nil)
}

func checkOwnPrograms(c *Case) []Result {
	if programs := c.Live.Git.Programs; len(programs) > 0 {
		return ccm514.is(append(programs, "doctor runs none of them"), "", nil)
	}
	return ccm514.isNot()
}

// guiPath is the PATH that programs get which were not started from a shell.
func guiPath() []string {
	switch runtime.GOOS {
	case "darwin": // launchd's, path_helper is for shells only
		return []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}
	case "windows":
		return nil // the same as every program's
	}
	return []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
}
