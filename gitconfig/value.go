// Package gitconfig reads git's configuration as git itself sees it.
package gitconfig

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// limit bounds every call of git: a configuration on a dead network drive
// must not hang a fetch.
const limit = 5 * time.Second

// URLValues returns the values of a section for a URL, as git resolves
// sections such as [http "https://*.example"]: the keys are in lower case,
// with the section, "http.proxy". The result is empty if git can't be run or
// has nothing to say. Settings given to git by -c are seen, since git hands
// them to its helpers (GIT_CONFIG_PARAMETERS).
func URLValues(ctx context.Context, section, url string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(run(ctx, "config", "--get-urlmatch", section, url)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		values[key] = value
	}
	return values
}

// Value returns the last value of a key, or "". With personal, values that
// belong to a repository do not count: a repository that somebody was sent can
// hold a .git/config of the sender's.
func Value(ctx context.Context, key string, personal bool) string {
	var value string
	fields := strings.Split(run(ctx, "config", "--null", "--show-scope", "--get-all", key), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		if scope := fields[i]; personal && (scope == "local" || scope == "worktree") {
			continue
		}
		value = fields[i+1]
	}
	return value
}

func run(ctx context.Context, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, "git", args...).Output()
	if err != nil {
		return "" // exit status 1: not set
	}
	return string(out)
}
