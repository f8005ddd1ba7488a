// Command bash stands in for MSYS's bash. It knows the two scripts that ask in a
// terminal, and does in Wine's console what bash does in mintty. The tests of
// internal/prompt run these scripts with the real bash.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 3 || os.Args[1] != "-c" || !strings.Contains(os.Args[2], ">/dev/tty") {
		fmt.Fprintf(os.Stderr, "bash: %q\n", os.Args)
		os.Exit(2)
	}
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		os.Exit(1)
	}
	if !strings.HasSuffix(os.Args[2], `&& echo "$line"`) {
		return
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		os.Exit(1)
	}
	fmt.Fprint(out, "in mintty: ")
	if _, err := io.Copy(out, os.Stdin); err != nil {
		os.Exit(1)
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		os.Exit(1)
	}
	fmt.Println(strings.TrimRight(line, "\r\n"))
}
