package probe

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// usual returns where git programs are that need not be on PATH: those of vendors
// and of GUIs. Each may be a pattern.
func usual(goos string, getenv func(string) string) []string {
	switch goos {
	case "darwin":
		return []string{
			gitconfig.AppleGit(), "/Library/Developer/CommandLineTools/usr/bin/git", "/Applications/Xcode.app/Contents/Developer/usr/bin/git",
			"/opt/homebrew/bin/git", "/usr/local/bin/git", "/opt/local/bin/git",
			"/Applications/GitHub Desktop.app/Contents/Resources/app/git/bin/git",
			"/Applications/Sourcetree.app/Contents/Resources/git_local/bin/git",
			"/Applications/Fork.app/Contents/Resources/git-instance/git/bin/git",
			"/Applications/Tower.app/Contents/Resources/git/bin/git",
		}
	case "windows":
		return usualOnWindows(getenv)
	}
	return []string{"/usr/bin/git", "/usr/local/bin/git", "/home/linuxbrew/.linuxbrew/bin/git",
		"/usr/lib/github-desktop/resources/app/git/bin/git", "/opt/*/resources/app/git/bin/git"}
}

// usualOnWindows returns the folders of the installers of 32 and 64 bits, for
// all users and for one, and of programs that bring their own git. Visual
// Studio's folder is named after its year, since 2026 after its version.
func usualOnWindows(getenv func(string) string) []string {
	local, profile := getenv("LOCALAPPDATA"), getenv("USERPROFILE")
	places := []string{
		local + `\Programs\Git\cmd\git.exe`,
		local + `\GitHubDesktop\app-*\resources\app\git\cmd\git.exe`,
		local + `\Atlassian\SourceTree\git_local\cmd\git.exe`,
		local + `\Fork\gitInstance\*\cmd\git.exe`,
		local + `\gitkraken\app-*\resources\app.asar.unpacked\git\cmd\git.exe`,
		local + `\Microsoft\WinGet\Packages\Git.MinGit*\cmd\git.exe`,
	}
	for _, scoop := range []string{getenv("SCOOP"), profile + `\scoop`, getenv("SCOOP_GLOBAL"), getenv("ProgramData") + `\scoop`} {
		places = append(places, scoop+`\apps\git\current\cmd\git.exe`)
	}
	for _, programs := range []string{getenv("ProgramFiles"), getenv("ProgramW6432"), getenv("ProgramFiles(x86)")} {
		places = append(places, programs+`\Git\cmd\git.exe`,
			programs+`\Microsoft Visual Studio\*\*\Common7\IDE\CommonExtensions\Microsoft\TeamFoundation\Team Explorer\Git\cmd\git.exe`)
	}
	return places
}

// gitPrograms returns every git, the one on PATH first.
func gitPrograms(goos string, getenv func(string) string) []string {
	var found []string
	seen := map[string]bool{}
	add := func(path string) {
		program := path
		if goos == "darwin" && path == gitconfig.AppleShim {
			program = gitconfig.AppleGit()
		}
		real, err := filepath.EvalSymlinks(program)
		if program == "" || err != nil || seen[real] || !executable(path) {
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

// pathFolders returns PATH's absolute folders. A relative or empty one would be in
// the current folder, which may be a repository that someone else sent.
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

// lacksRemoteCodeCommit reports whether a remote needs git-remote-codecommit and
// git does not find it.
func (p *Probe) lacksRemoteCodeCommit(ctx context.Context, git string) bool {
	needed := slices.ContainsFunc(p.evidence.Git.Remotes, func(r doctor.Remote) bool { return strings.HasPrefix(r.URL, "codecommit:") })
	program := gitconfig.Git{Program: git, Dir: p.Dir, Env: gitconfig.Inert(p.Environ)}
	return needed && gitexec.Find("git-remote-codecommit", program.ProgramFolders(ctx)) == ""
}

// examineGit asks one git for its version and its chain.
func (s System) examineGit(ctx context.Context, path, url string) (doctor.Git, gitconfig.Chain) {
	program := s.git(path)
	version, err := program.Version(ctx)
	if err != nil {
		return doctor.Git{Path: path, Err: err}, gitconfig.Chain{}
	}
	g := doctor.Git{Path: path, Major: version.Major, Minor: version.Minor}
	entries, err := program.Entries(ctx)
	if err != nil {
		g.Err = err
		return g, gitconfig.Chain{}
	}
	chain, err := gitconfig.Effective(entries, url)
	g.Chain, g.Err = plainChain(chain), err
	return g, chain
}

// plainChain converts a chain for package doctor.
func plainChain(c gitconfig.Chain) doctor.Chain {
	plain := doctor.Chain{UseHTTPPath: c.UseHTTPPath, UseHTTPPathFrom: plainSetting(c.UseHTTPPathFrom),
		Username: plainSetting(c.Username), RemovedBy: plainSetting(c.RemovedBy), Broken: plainSetting(c.Broken)}
	for _, h := range c.Helpers {
		plain.Helpers = append(plain.Helpers, plainHelper(h))
	}
	return plain
}

func plainSetting(e *gitconfig.Entry) *doctor.Setting {
	if e == nil {
		return nil
	}
	return &doctor.Setting{Place: e.Place(), File: e.Origin, Name: e.Name(), Value: e.Value, Last: e.Own() || e.Origin == gitconfig.CommandLine}
}

// plainHelper converts a helper without its arguments, which may be a password.
func plainHelper(h gitconfig.Helper) doctor.Helper {
	name, _, _ := strings.Cut(h.Value, " ")
	what := name
	switch program := gitconfig.Program(h.Value); h.Kind {
	case gitconfig.Name:
	case gitconfig.Shell:
		what = "a shell command, " + cmp.Or(filepath.Base(program), "?") + " …"
	default:
		what = program
	}
	return doctor.Helper{Place: h.Place(), Label: h.Place() + ": " + h.Name() + " = " + what, Name: name, Ours: h.Ours,
		Own: h.Own(), AWSCLI: strings.Contains(h.Value, "codecommit credential-helper")}
}
