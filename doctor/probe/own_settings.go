package probe

import (
	"os"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// readers are settings of the section http by which whoever sent a repository
// could read what git sends, or have git write a file.
var readers = []string{"sslverify", "sslcainfo", "sslcapath", "proxysslcainfo", "schannelusesslcainfo", "savecookies", "cookiefile"}

// untrusted names what in the repository's own configuration would have git run
// a program, or send its password to somebody else, when it is asked for the
// remote's address; "" for nothing. A clone is its sender's.
func untrusted(settings []setting, remote, address string) string {
	for _, s := range settings {
		if !s.own() {
			continue
		}
		if what := s.danger(remote, address); what != "" {
			return "the repository's own configuration " + what + ": " + section(s.key) + " (" + s.place() + ")"
		}
	}
	if scheme, _, ok := strings.Cut(address, "://"); !ok || strings.Contains(scheme, ":") {
		program, _, _ := strings.Cut(address, ":")
		return "the remote's address names a program, git-remote-" + program
	}
	return ""
}

// section is a setting's name without the URL in it, which may hold a password.
func section(key string) string {
	first, rest, _ := strings.Cut(key, ".")
	last := rest[strings.LastIndexByte(rest, '.')+1:]
	if last == rest {
		return key
	}
	return first + ".*." + last
}

// danger words what a setting would have git do.
func (s setting) danger(remote, address string) string {
	section, rest, _ := strings.Cut(s.key, ".")
	key := rest[strings.LastIndexByte(rest, '.')+1:]
	base, instead := strings.CutSuffix(strings.TrimPrefix(s.key, "url."), "."+key)
	switch {
	case section == "credential" && key == "helper" && s.value != "" && !isThisProgram(s.value),
		section == "core" && (key == "askpass" || key == "sshcommand" || key == "gitproxy") && s.value != "",
		section == "core" && key == "fsmonitor" && !slices.Contains([]string{"", "true", "false", "yes", "no", "on", "off", "0", "1"}, strings.ToLower(s.value)),
		section == "remote" && key == "vcs" && rest == remote+".vcs":
		return "names a program"
	case section == "url" && instead && (key == "insteadof" || key == "pushinsteadof") && (strings.HasPrefix(address, base) || strings.HasPrefix(address, s.value)):
		return "rewrites the address"
	case section == "http" && slices.Contains(readers, key) && !strings.EqualFold(s.value, "true"):
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
