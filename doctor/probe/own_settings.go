package probe

import (
	"os"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// readers are settings of the section http by which the author of a repository
// could read what git sends, or have git write a file.
var readers = []string{"sslverify", "sslcainfo", "sslcapath", "proxysslcainfo", "schannelusesslcainfo", "savecookies", "cookiefile"}

// untrusted names what in the repository's own configuration would have git run
// a program, or send its password to somebody else, when it is asked for the
// remote's address; "" for nothing. A clone is its sender's.
func untrusted(settings []gitconfig.Entry, remote, address string) string {
	for _, e := range settings {
		if !e.Own() {
			continue
		}
		if what := danger(e, remote, address); what != "" {
			return "the repository's own configuration " + what + ": " + withoutLabel(e) + " (" + e.Place() + ")"
		}
	}
	if scheme, _, ok := strings.Cut(doctor.LongForm(address), "://"); !ok || strings.Contains(scheme, ":") {
		program, _, _ := strings.Cut(address, ":")
		return "the remote's address names a program, git-remote-" + program
	}
	return ""
}

// withoutLabel is a setting's name without the URL in it, which may hold a
// password.
func withoutLabel(e gitconfig.Entry) string {
	if e.Labelled {
		return e.Section + ".*." + e.Key
	}
	return e.Name()
}

// danger words what a setting would have git do.
func danger(e gitconfig.Entry, remote, address string) string {
	switch {
	case e.Section == "credential" && e.Key == "helper" && e.Value != "" && !isThisProgram(e.Value),
		e.Section == "core" && (e.Key == "askpass" || e.Key == "sshcommand" || e.Key == "gitproxy") && e.Value != "",
		e.Section == "core" && e.Key == "fsmonitor" && !gitconfig.IsBoolean(e.Value),
		e.Section == "remote" && e.Key == "vcs" && e.Label == remote:
		return "names a program"
	case e.Section == "url" && (e.Key == "insteadof" || e.Key == "pushinsteadof") && (strings.HasPrefix(address, e.Label) || strings.HasPrefix(address, e.Value)):
		return "rewrites the address"
	case e.Section == "http" && slices.Contains(readers, e.Key) && !strings.EqualFold(e.Value, "true"):
		return "would let others read"
	}
	return ""
}

// isThisProgram reports whether a helper's line runs the program that runs now,
// with options of its own and nothing else: what "configure --local" writes.
func isThisProgram(value string) bool {
	words, err := shell.Split(value)
	if err != nil || !gitconfig.Ours(value) || len(words) != len(shell.Words(value)) {
		return false
	}
	if _, ok := gitconfig.Options(value)["mfa-process"]; ok {
		return false
	}
	path := gitconfig.Program(value)
	if words[0] == "mfa" {
		return true // found by git on the person's PATH
	}
	self, err := os.Executable()
	if err != nil {
		return false
	}
	one, err := os.Stat(self)
	other, otherErr := os.Stat(path)
	return err == nil && otherErr == nil && os.SameFile(one, other)
}
