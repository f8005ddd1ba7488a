// Command git stands in for git.exe: it has the git of Linux do what it is
// told, and says of itself what Git for Windows says, by the folder in which it
// lies (GIT\cmd\git.exe).
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/winetest/native"
)

func main() {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "git:", err)
		os.Exit(128)
	}
	if len(os.Args) == 2 && os.Args[1] == "--exec-path" {
		fmt.Println(filepath.ToSlash(filepath.Join(filepath.Dir(filepath.Dir(self)), "mingw64", "libexec", "git-core")))
		return
	}
	printed, status, err := native.Run(os.Stdin, "git", os.Args[1:]...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "git:", err)
	}
	fmt.Print(strings.ReplaceAll(printed, "file:/", "file:Z:/")) // config --show-origin
	os.Exit(status)
}
