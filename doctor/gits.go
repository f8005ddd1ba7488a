package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// Git is one git program, and what it does for the target.
type Git struct {
	Path    string
	Version gitconfig.Version
	Chain   gitconfig.Chain
	// Err says why nothing is known of it.
	Err error
}

// usual are the places of git programs that no PATH names: those that came
// with a GUI, and those of vendors. Each may be a pattern.
func usual(goos string, getenv func(string) string) []string {
	switch goos {
	case "darwin":
		// /usr/bin/git is a shim for these two; run without them it opens a
		// window that offers to install them, so it is left alone.
		return []string{
			"/Library/Developer/CommandLineTools/usr/bin/git", "/Applications/Xcode.app/Contents/Developer/usr/bin/git",
			"/opt/homebrew/bin/git", "/usr/local/bin/git", "/opt/local/bin/git",
			"/Applications/GitHub Desktop.app/Contents/Resources/app/git/bin/git",
			"/Applications/Sourcetree.app/Contents/Resources/git_local/bin/git",
			"/Applications/Fork.app/Contents/Resources/git-instance/git/bin/git",
			"/Applications/Tower.app/Contents/Resources/git/bin/git",
		}
	case "windows":
		programs, local := getenv("ProgramFiles"), getenv("LOCALAPPDATA")
		return []string{
			programs + `\Git\cmd\git.exe`, local + `\Programs\Git\cmd\git.exe`,
			local + `\GitHubDesktop\app-*\resources\app\git\cmd\git.exe`,
			local + `\Atlassian\SourceTree\git_local\cmd\git.exe`,
			local + `\Fork\gitInstance\*\cmd\git.exe`,
			programs + `\Microsoft Visual Studio\*\*\Common7\IDE\CommonExtensions\Microsoft\TeamFoundation\Team Explorer\Git\cmd\git.exe`,
		}
	}
	return []string{"/usr/bin/git", "/usr/local/bin/git", "/home/linuxbrew/.linuxbrew/bin/git",
		"/usr/lib/github-desktop/resources/app/git/bin/git", "/opt/*/resources/app/git/bin/git"}
}

// gitPrograms finds every git, the one that PATH names first.
func gitPrograms(goos string, getenv func(string) string) []string {
	var found []string
	seen := map[string]bool{}
	add := func(path string) {
		real, err := filepath.EvalSymlinks(path)
		if err != nil || seen[real] || !executable(path) || goos == "darwin" && path == "/usr/bin/git" && !appleTools() {
			return
		}
		seen[real] = true
		found = append(found, path)
	}
	for _, folder := range pathFolders(getenv("PATH")) {
		add(filepath.Join(folder, withExe("git")))
	}
	for _, pattern := range usual(goos, getenv) {
		matches, _ := filepath.Glob(pattern)
		for _, path := range matches {
			if filepath.IsAbs(path) {
				add(path)
			}
		}
	}
	return found
}

// appleTools reports whether /usr/bin/git has something behind it.
func appleTools() bool {
	for _, path := range usual("darwin", nil)[:2] {
		if executable(path) {
			return true
		}
	}
	return false
}

// pathFolders are PATH's absolute folders. A relative one, or an empty one, is
// the current folder: of a clone, its sender's.
func pathFolders(path string) []string {
	var folders []string
	for _, folder := range filepath.SplitList(path) {
		if filepath.IsAbs(folder) {
			folders = append(folders, folder)
		}
	}
	return folders
}

func withExe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// executable reports whether a path is a program.
func executable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return false
	}
	_, err = exec.LookPath(path)
	return err == nil
}

// find looks for a program in folders.
func find(name string, folders []string) string {
	for _, folder := range folders {
		if path := filepath.Join(folder, withExe(name)); executable(path) {
			return path
		}
	}
	return ""
}

// examineGit asks one git for its version and its chain.
func (l Live) examineGit(ctx context.Context, path, url string) Git {
	g := Git{Path: path}
	program := gitconfig.Git{Program: path, Dir: l.Dir, Env: inertEnv(l.Environ)}
	if g.Version, g.Err = program.Version(ctx); g.Err != nil {
		return g
	}
	entries, err := program.Entries(ctx)
	if err != nil {
		g.Err = err
		return g
	}
	g.Chain, g.Err = gitconfig.Effective(entries, url)
	return g
}

// execPath is where a git keeps its own programs, such as its helpers.
func (l Live) execPath(ctx context.Context, git string) string {
	out, err := command{path: git, dir: l.Dir, env: inertEnv(l.Environ), args: []string{"--exec-path"}}.run(ctx)
	path := strings.TrimSpace(string(out))
	if err != nil || !filepath.IsAbs(path) {
		return ""
	}
	return filepath.FromSlash(path)
}
