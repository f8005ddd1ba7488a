// Command usrbin stands in for the programs in usr\bin of Git for Windows, such
// as sh and cat. It runs the Linux program of its name.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/winetest/native"
)

func main() {
	native.Start()
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(126)
	}
	name := strings.TrimSuffix(filepath.Base(self), ".exe")
	if name == "env" {
		os.Exit(env(os.Args[1:]))
	}
	native.Program{Name: "/bin/" + name, Args: native.Paths(os.Args[1:]), Stdin: stdin(), Helpers: filepath.SplitList(os.Getenv("PATH"))}.Main()
}

// env runs a Windows program with another environment. It knows -u NAME, -C
// FOLDER, and NAME=VALUE.
func env(args []string) int {
	environ, folder := os.Environ(), ""
	for len(args) > 1 {
		name, _, set := strings.Cut(args[0], "=")
		switch {
		case args[0] == "-u":
			environ = slices.DeleteFunc(environ, func(pair string) bool {
				return strings.HasPrefix(strings.ToUpper(pair), strings.ToUpper(args[1])+"=")
			})
			args = args[2:]
			continue
		case args[0] == "-C":
			folder, args = args[1], args[2:]
			continue
		case set && name != "":
			environ = append(environ, args[0])
			args = args[1:]
			continue
		}
		break
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = environ, folder, os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "env:", err)
		return 127
	}
	return cmd.ProcessState.ExitCode()
}

// stdin returns this process's stdin, but nothing for a console, which does not
// end.
func stdin() io.Reader {
	if info, err := os.Stdin.Stat(); err != nil || info.Mode()&os.ModeCharDevice != 0 {
		return strings.NewReader("")
	}
	return os.Stdin
}
