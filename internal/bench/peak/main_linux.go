// Command peak runs a program and prints its peak memory in bytes to stderr. The
// kernel counts from the fork, when the child still has its parent's memory. So
// the parent is this small program. It can't measure programs that need less.
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
