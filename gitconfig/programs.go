package gitconfig

import (
	"context"
	"os/exec"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// ProgramFolders returns where git looks for the programs that it runs, its
// helpers and an askpass among them, in its order. Of a git that does not
// answer, it is what is known without.
func (g Git) ProgramFolders(ctx context.Context) []string {
	env := g.environment()
	execPath := g.getenv("GIT_EXEC_PATH") // which git sets for what it runs
	if execPath == "" {
		out, _ := g.run(ctx, "--exec-path")
		execPath = strings.TrimSpace(string(out))
	}
	program := g.Program
	if found, err := exec.LookPath(program); err == nil {
		program = found
	}
	return gitexec.Folders(program, execPath, env)
}
