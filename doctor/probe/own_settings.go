package probe

import (
	"os"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// readers are keys of the section http with which the author of a repository could
// read what git sends, or make git write a file.
var readers = []string{"sslverify", "sslcainfo", "sslcapath", "proxysslcainfo", "schannelusesslcainfo", "savecookies", "cookiefile"}

// untrusted returns the setting of the repository's own configuration that
// would make git run a program, or send its password elsewhere, when it fetches
// from the remote's address; "" if there is none. Whoever sent the repository
// may have written its configuration.
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

// withoutLabel returns a setting's name without the URL in it, which may contain a
// password.
func withoutLabel(e gitconfig.Entry) string {
	if e.Labelled {
		return e.Section + ".*." + e.Key
	}
	return e.Name()
}

// danger says what a setting would make git do, or returns "".
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

// isThisProgram reports whether a helper's line runs this very program with its own
// options only, as "configure --local" writes it.
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
