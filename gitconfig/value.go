// Package gitconfig reads git's configuration as git itself sees it.
package gitconfig

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
// them to its helpers (GIT_CONFIG_PARAMETERS). With personal, a repository's
// own settings are not read: a repository that somebody was sent can hold a
// .git/config of the sender's. A value that begins with ~/ is a path of the
// user's.
func URLValues(ctx context.Context, section, url string, personal bool) map[string]string {
	values := map[string]string{}
	for record := range strings.SplitSeq(run(ctx, personal, "config", "--type=path", "--null", "--get-urlmatch", section, url), "\x00") {
		if key, value, _ := strings.Cut(record, "\n"); key != "" {
			values[key] = value
		}
	}
	return values
}

// Value returns the last value of a key, or "". personal is as for URLValues.
func Value(ctx context.Context, key string, personal bool) string {
	return strings.TrimSuffix(run(ctx, personal, "config", "--type=path", "--get", key), "\n")
}

func run(ctx context.Context, personal bool, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	if personal {
		// Outside of every repository there is no repository's configuration.
		cmd.Dir = filepath.VolumeName(os.TempDir()) + string(filepath.Separator)
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
			name, _, _ := strings.Cut(v, "=")
			return name == "GIT_DIR" || name == "GIT_WORK_TREE" || name == "GIT_COMMON_DIR"
		})
	}
	out, err := cmd.Output()
	if err != nil {
		return "" // exit status 1: not set
	}
	return string(out)
}
