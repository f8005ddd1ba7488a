package probe

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// helperProgram looks for the program of this helper's line, as git does, and as a
// git does that was not started from a shell.
func (p *Probe) helperProgram(ctx context.Context, git string) *doctor.HelperProgram {
	for _, h := range p.chain.Helpers {
		if !h.Ours {
			continue
		}
		program := &doctor.HelperProgram{Place: h.Place(), Name: gitconfig.Program(h.Value), GUIPath: guiPath()}
		if filepath.IsAbs(program.Name) {
			if executable(program.Name) {
				program.Found, program.ByGUI = program.Name, true
			}
			return program
		}
		find := func(environ []string) string {
			return gitexec.Find(program.Name, gitconfig.Git{Program: git, Dir: p.Dir, Env: environ}.ProgramFolders(ctx))
		}
		program.Found = find(gitconfig.Inert(p.Environ))
		program.ByGUI = runtime.GOOS == "windows" || find(append(gitconfig.Inert(p.Environ), "PATH="+strings.Join(guiPath(), ":"))) != ""
		return program
	}
	return nil
}

// guiPath returns the PATH of programs that were not started from a shell.
func guiPath() []string {
	switch runtime.GOOS {
	case "darwin": // launchd's, path_helper is for shells only
		return []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}
	case "windows":
		return nil // the same as every program's
	}
	return []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
}

// HelperOptions returns the options of this helper's line in git's
// configuration, so that doctor looks at the same profile and keyring as git's
// helper.
func (p *Probe) HelperOptions() map[string]string {
	options := map[string]string{}
	for _, h := range p.chain.Helpers {
		if !h.Ours {
			continue
		}
		for name, value := range gitconfig.Options(h.Value) {
			if name == "mfa-process" && h.Own() { // mutation: doctor runs no mfa-process of a repository
				continue // it would be run, and may come with the repository
			}
			options[name] = value
		}
	}
	return options
}
