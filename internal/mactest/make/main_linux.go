// Command make makes a pretend Mac in a folder and prints what to export, so that
// go builds programs for it and they run there.
package main

import (
	"fmt"
	"os"

	"github.com/git-credential-mfa/git-credential-mfa/internal/mactest"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

func main() {
	mac, err := mactest.Make(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mactest:", err)
		os.Exit(1)
	}
	for _, pair := range append(mac.Environment(), "GOFLAGS=-overlay="+mac.Overlay, "PATH="+mac.Bin+":"+os.Getenv("PATH")) {
		fmt.Println("export", shell.Quote(pair))
	}
}
