package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// firstCommit is what a new repository holds, in fast-import's language: one
// process makes blob, tree, commit and branch.
const firstCommit = `commit refs/heads/main
committer Sandbox <sandbox@example.com> 1704067200 +0000
data 6
hello
M 100644 inline README.md
data 6
hello

done
`

// AddRepository makes a bare repository with one commit on main, of the
// account Account. It is served at the URL given back, and on the region's FIPS
// and VPC endpoint hosts too.
func (w *World) AddRepository(region, name string) (string, error) {
	return w.AddRepositoryIn(Account, region, name)
}

// AddRepositoryIn makes a repository of another account. Its URL has no account
// in it: AWS looks in the account of the caller, so two accounts may have
// repositories of one name, and one URL.
func (w *World) AddRepositoryIn(account, region, name string) (string, error) {
	_, suffix := partitionOf(region)
	host := "git-codecommit." + region + ".amazonaws." + suffix
	_, known := parseHost(host)
	if !known || !repositoryName.MatchString(name) || strings.Trim(name, ".") == "" || strings.HasSuffix(name, ".git") {
		return "", fmt.Errorf("adding repository %q in %q: CodeCommit has no such name", name, region)
	}
	dir := w.repository(account, region, name)
	if err := w.runGit("", "init", "--quiet", "--bare", "--initial-branch=main", dir); err != nil {
		return "", err
	}
	if err := w.runGit(firstCommit, "-C", dir, "fast-import", "--quiet", "--done"); err != nil {
		return "", err
	}
	// A gc after a push would go on in the background, past Close.
	if err := w.runGit("", "-C", dir, "config", "receive.autogc", "false"); err != nil {
		return "", err
	}
	return "https://" + host + "/v1/repos/" + name, nil
}

// runGit runs git on the world's own files.
func (w *World) runGit(input string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.git, args...)
	cmd.Env = w.gitEnv()
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running git %s: %w: %s", strings.Join(args, " "), err, &out)
	}
	return nil
}

func (w *World) temporary() string    { return filepath.Join(w.dir, "tmp") }
func (w *World) repositories() string { return filepath.Join(w.dir, "repositories") }

func (w *World) repository(account, region, name string) string {
	return filepath.Join(w.repositories(), account, region, name)
}

// gitEnv is the environment of the world's own git processes, from nothing:
// no setting of the user's may change what the pretend CodeCommit does.
func (w *World) gitEnv() []string {
	return append(systemEnv(w.temporary()),
		"HOME="+w.dir, // has no .gitconfig; git dies without a HOME
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL="+os.DevNull,
		"LC_ALL=C") // messages in the log in one language
}
