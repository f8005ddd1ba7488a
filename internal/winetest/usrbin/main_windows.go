// Command sh stands in for the sh.exe of Git for Windows: it has the sh of
// Linux run a script.
package main

import (
	"os"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/winetest/native"
)

func main() {
	native.Main(strings.NewReader(""), "/bin/sh", os.Args[1:]...)
}
