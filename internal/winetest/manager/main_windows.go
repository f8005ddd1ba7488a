// Command manager stands in for Git Credential Manager. It holds one password, in
// a file beside it, which erase removes. Without GCM_INTERACTIVE=never, where the
// real one could open a window, it fails.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	self, err := os.Executable()
	if err != nil || len(os.Args) != 2 {
		os.Exit(2)
	}
	held := filepath.Join(filepath.Dir(self), "held")
	text, err := os.ReadFile(held)
	switch {
	case !strings.EqualFold(os.Getenv("GCM_INTERACTIVE"), "never"):
		_ = os.WriteFile(filepath.Join(filepath.Dir(self), "window"), nil, 0o600)
		os.Exit(1)
	case os.Args[1] == "get" && err == nil:
		fmt.Print(string(text))
	case os.Args[1] == "erase":
		_ = os.Remove(held)
	}
}
