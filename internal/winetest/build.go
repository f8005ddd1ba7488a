package winetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const module = "github.com/git-credential-mfa/git-credential-mfa"

// Build builds the program for Windows, and the commands of this package, into a
// folder.
func Build(dir string) error {
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), module+"/cmd/git-credential-mfa", module+"/internal/winetest/...")
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building for Windows: %w\n%s", err, out)
	}
	return nil
}

// programs are the programs in usr\bin of Git for Windows that tests and scripts
// run.
var programs = []string{"cat", "chmod", "cp", "echo", "env", "grep", "head", "ls", "mkdir", "mktemp", "printf", "rm", "sed", "sh", "sleep", "touch", "true", "yes"}

// InstallGit lays out the stand-in for Git for Windows in the folder root, as the
// installer does, from the folder of Build. The installer adds cmd to PATH, and
// Git Bash usr\bin too.
func InstallGit(built, root string) error {
	files := map[string]string{filepath.Join("cmd", "git.exe"): "git.exe",
		filepath.Join("mingw64", "libexec", "git-core", "git-credential-store.exe"): "git.exe"}
	for _, name := range programs {
		files[filepath.Join("usr", "bin", name+".exe")] = "usrbin.exe"
	}
	if err := os.MkdirAll(filepath.Join(root, "mingw64", "bin"), 0o700); err != nil {
		return err
	}
	for to, from := range files {
		to = filepath.Join(root, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		_ = os.Remove(to) // the prefix may have been used before
		if err := os.Link(filepath.Join(built, from), to); err != nil {
			return err
		}
	}
	return nil
}
