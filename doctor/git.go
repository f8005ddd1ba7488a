package doctor

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// before reports whether the git is older than a version.
func (g Git) before(major, minor int) bool {
	return g.Major < major || g.Major == major && g.Minor < minor
}

// version returns the version in the usual form, "2.39".
func (g Git) version() string { return fmt.Sprintf("%d.%d", g.Major, g.Minor) }

func checkGit(e *Evidence) Finding {
	git := e.Git.main()
	switch {
	case git.Path == "":
		return found(e.System.InstallGit(), "there is no git on PATH")
	case git.Err != nil:
		f := found(git.Path+" config --list", git.Path+": "+git.Err.Error())
		f.Title = language.Text{English: "git can't read its configuration", Japanese: "git の設定を読み出せない"}
		return f
	case e.Git.NoHome && !git.Chain.Reached():
		f := found(e.System.Set("HOME", "FOLDER")+", in the service or job that runs git", "HOME is not set, so git does not read ~/.gitconfig, nor this helper ~/.aws")
		f.Title = language.Text{English: "git knows no home folder", Japanese: "git がホームフォルダーを見つけられない"}
		return f
	case git.before(2, 26): // [credential "https://*.example"] (release notes of 2.26.0)
		f := found("install a newer git, or name each region: "+configure, git.Path+" is "+git.version()+", and wildcards in hosts need 2.26")
		f.Level = Warning
		return f
	case git.before(2, 40): // password_expiry_utc (release notes of 2.40.0)
		return fine(git.Path+" is "+git.version(),
			"git before 2.40 does not know that passwords expire, so a helper that stores one keeps answering with it")
	}
	return fine(git.Path + " is " + git.version())
}

// unknownGit returns the reason to skip a check that needs git's configuration,
// or "".
func unknownGit(e *Evidence) string {
	if git := e.Git.main(); git.Path == "" || git.Err != nil {
		return "git's configuration is not known: CCM501"
	}
	if e.Git.main().Chain.Broken != nil {
		return "git fails at a setting: CCM503"
	}
	return ""
}

// chainLines list the helpers in git's order, each with its place.
func chainLines(chain Chain) []string {
	var lines []string
	for i, h := range chain.Helpers {
		line := fmt.Sprintf("%d. %s", i+1, h.Label)
		if h.Ours {
			line = fmt.Sprintf("%d. %s: this helper", i+1, h.Place)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return []string{"git asks no helper at all"}
	}
	return lines
}

func checkChain(e *Evidence) Finding {
	if reason := unknownGit(e); reason != "" {
		return skipped(reason)
	}
	chain := e.Git.main().Chain
	lines := chainLines(chain)
	switch {
	case chain.Reached():
		if !e.Git.main().before(2, 46) && !e.Git.Proactive { // a block that an older version wrote
			lines = append(lines, "http.proactiveAuth is not set, so each fetch and push first sends a request that is refused: "+configure)
		}
		return fine(append([]string{"for " + e.Target.URL}, lines...)...)
	case chain.RemovedBy != nil:
		lines = append(lines, chain.RemovedBy.Place+": the empty "+chain.RemovedBy.Name+" removes it from the list")
	}
	return found(e.reachHelper(), append([]string{"for " + e.Target.URL + " git asks:"}, lines...)...)
}

// reachHelper returns the command that makes git ask this helper. configure writes
// the global configuration, so it can't undo an empty "helper =" that git reads
// later.
func (e *Evidence) reachHelper() string {
	chain := e.Git.main().Chain
	if by := chain.RemovedBy; !chain.Reached() && by != nil && by.Last {
		if filepath.IsAbs(by.File) {
			return e.unset(*by) + " " + e.System.Quote("^$")
		}
		return e.unset(*by)
	}
	return configure
}

func checkBroken(e *Evidence) Finding {
	broken := e.Git.main().Chain.Broken
	if broken == nil {
		return fine()
	}
	return found(e.unset(*broken), broken.Place+": git does not accept the value of "+broken.Name)
}

func checkPath(e *Evidence) Finding {
	chain := e.Git.main().Chain
	if reason := unknownGit(e); reason != "" || !chain.Reached() {
		return skipped(cmp.Or(reason, "git does not ask this helper: CCM502"))
	}
	if chain.UseHTTPPath {
		return fine(chain.UseHTTPPathFrom.Place)
	}
	detail := "credential.useHttpPath is not set, but the signature covers the path"
	if from := chain.UseHTTPPathFrom; from != nil {
		detail = from.Place + ": " + from.Name + " = " + from.Value + ", but the signature covers the path"
	}
	return found(fmt.Sprintf("git config --global credential.https://%s.useHttpPath true", e.Target.Host.Name), detail)
}

// checkStores looks for helpers that store this one's answers: git passes an
// answer that worked to all helpers (credential_approve). The username contains
// the session token, and the expired password causes a 403 on the next day.
func checkStores(e *Evidence) Finding {
	chain := e.Git.main().Chain
	if reason := unknownGit(e); reason != "" || !chain.Reached() {
		return skipped(cmp.Or(reason, "git does not ask this helper: CCM502"))
	}
	var lines []string
	for _, h := range e.Git.Stored {
		lines = append(lines, h.Helper.Label)
	}
	if len(lines) == 0 {
		return fine()
	}
	lines = append(lines, "git tells each of them to store the password, which expires after 15 minutes, and the session token in the username",
		configure+" empties the list of helpers for CodeCommit before its own line")
	return found(configure, lines...)
}

func checkName(e *Evidence) Finding {
	chain := e.Git.main().Chain
	if reason := unknownGit(e); reason != "" || !chain.Reached() {
		return skipped(cmp.Or(reason, "git does not ask this helper: CCM502"))
	}
	name := chain.Username
	if name == nil || name.Value == "" || isOwnName(name.Value) {
		return fine()
	}
	return found(e.unset(*name), name.Place+": "+name.Name+" names another user, whose password this helper does not know")
}

// unset returns the command that removes a setting from its file.
func (e *Evidence) unset(s Setting) string {
	switch {
	case filepath.IsAbs(s.File):
		return "git config --file " + e.System.Quote(s.File) + " --unset-all " + e.System.Quote(s.Name)
	case strings.HasSuffix(s.File, "config"): // .git/config, as git names it there
		return "git config --local --unset-all " + e.System.Quote(s.Name)
	}
	return "remove it from the command line or the environment (-c, GIT_CONFIG_COUNT): " + s.Name
}

// checkOtherGits compares the other git programs with the one on PATH. A git that
// came with a GUI has its own system configuration.
func checkOtherGits(e *Evidence) Finding {
	gits := e.Git.Gits
	if len(gits) < 2 {
		return fine()
	}
	var same, odd []string
	for _, git := range gits[1:] {
		switch {
		case git.Err != nil:
			same = append(same, git.Path+": "+git.Err.Error())
		case strings.Join(chainLines(git.Chain), "\n") == strings.Join(chainLines(gits[0].Chain), "\n"):
			same = append(same, git.Path+" "+git.version())
		default:
			odd = append(odd, git.Path+" "+git.version()+":")
			odd = append(odd, chainLines(git.Chain)...)
		}
	}
	if len(odd) == 0 {
		return fine(same...)
	}
	return found(configure, append(odd, "the block that configure writes into the global configuration applies to every git")...)
}

// checkOwner looks for a repository that git refuses because it belongs to another
// user. git then knows none of its remotes.
func checkOwner(e *Evidence) Finding {
	if e.Git.Refused != "" {
		return found(e.Git.Remedy, "git says: "+e.Git.Refused)
	}
	return fine()
}

func checkOwnPrograms(e *Evidence) Finding {
	if programs := e.Git.OwnPrograms; len(programs) > 0 {
		return found("", append(programs, "doctor runs none of them")...)
	}
	return fine()
}

// checkProgram checks that git finds this helper's program, also a git that was not
// started from a shell.
func checkProgram(e *Evidence) Finding {
	p := e.Git.Program
	if p == nil {
		return skipped("git does not ask this helper: CCM502")
	}
	at := p.Place + ": "
	switch {
	case p.Found == "" && filepath.IsAbs(p.Name):
		return found(configure, at+p.Name+" does not exist, or is not executable")
	case p.Found == "":
		return found(configure, at+p.Name+" is not on PATH; configure writes the whole path")
	case p.ByGUI:
		return fine(at + p.Found)
	}
	f := found(configure,
		at+p.Found+" is found here, but not by a program that was not started from a shell, such as a GUI",
		"its PATH is "+strings.Join(p.GUIPath, ":")+"; configure writes the whole path")
	f.Level, f.Title = Info, language.Text{English: "a GUI's git may not find this helper's program", Japanese: "GUI から起動した git には、このヘルパーのプログラムが見つからないかもしれない"}
	if e.System == "darwin" {
		f.Level = Warning
	}
	return f
}
