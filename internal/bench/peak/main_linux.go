// Command peak runs a program and prints, on stderr, the most memory that it
// held at once, in bytes. The kernel counts from the fork on, when the child
// still has its parent's memory: so the parent is this small program, and what
// needs less than it can't be told.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	fmt.Fprintln(os.Stderr, usage.Maxrss<<10)
}
