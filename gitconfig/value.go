// Package gitconfig reads git's configuration as git itself sees it.
package gitconfig

import (
	"context"
	"os"
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
func (g Git) URLValues(ctx context.Context, section, url string, personal bool) map[string]string {
	values := map[string]string{}
	for record := range strings.SplitSeq(g.value(ctx, personal, "config", "--type=path", "--null", "--get-urlmatch", section, url), "\x00") {
		if key, value, _ := strings.Cut(record, "\n"); key != "" {
			values[key] = value
		}
	}
	return values
}

// URLValues is that of the git on PATH, in the current folder.
func URLValues(ctx context.Context, section, url string, personal bool) map[string]string {
	return Git{}.URLValues(ctx, section, url, personal)
}

// Value returns the last value of a key, or "". personal is as for URLValues.
func Value(ctx context.Context, key string, personal bool) string {
	return strings.TrimSuffix(Git{}.value(ctx, personal, "config", "--type=path", "--get", key), "\n")
}

// value returns what git printed, "" also if it fails: exit status 1 is for what is
// not set.
func (g Git) value(ctx context.Context, personal bool, args ...string) string {
	if personal {
		// Outside of every repository there is no repository's configuration.
		g.Dir = filepath.VolumeName(os.TempDir()) + string(filepath.Separator)
		g.Env = slices.DeleteFunc(slices.Clone(g.environment()), func(v string) bool {
			name, _, _ := strings.Cut(v, "=")
			return name == "GIT_DIR" || name == "GIT_WORK_TREE" || name == "GIT_COMMON_DIR"
		})
	}
	out, err := g.run(ctx, args...)
	if err != nil {
		return ""
	}
	return string(out)
}
