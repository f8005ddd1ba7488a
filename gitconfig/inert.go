package gitconfig

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// inert are settings under which git runs no program that a repository's own
// configuration names: a clone is its sender's, and so may be a bare
// repository in a folder of it (git's safe.bareRepository, CVE-2022-24765 and
// "git-config(1), core.fsmonitor"). Only plumbing that reads configuration is
// run besides.
var inert = [][2]string{
	{"core.fsmonitor", "false"}, {"core.hooksPath", os.DevNull}, {"safe.bareRepository", "explicit"},
	{"core.pager", "cat"}, {"core.sshCommand", "false"}, {"core.askPass", ""},
}

// silent switches off every question of git's and of its helpers'.
var silent = []string{
	"GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_OPTIONAL_LOCKS=0",
	"GIT_PAGER=cat", "GIT_EDITOR=:",
}

// Inert returns an environment in which git runs nothing that a repository
// brings along, and neither git nor a helper asks a person.
func Inert(environ []string) []string { return append(WithSettings(environ, inert), silent...) }

// WithSettings returns an environment with more settings of git's. One that is
// given by GIT_CONFIG_COUNT is a part of what is examined, so they come behind it.
func WithSettings(environ []string, settings [][2]string) []string {
	n := 0
	var kept []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if name == "GIT_CONFIG_COUNT" {
			count, err := strconv.Atoi(value)
			if err != nil || count < 0 {
				return environ[:len(environ):len(environ)] // git says what is wrong
			}
			n = count
			continue
		}
		kept = append(kept, pair)
	}
	for _, setting := range settings {
		kept = append(kept, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, setting[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, setting[1]))
		n++
	}
	return append(kept, "GIT_CONFIG_COUNT="+strconv.Itoa(n))
}
