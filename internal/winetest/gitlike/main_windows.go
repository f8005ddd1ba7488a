// Command gitlike starts a credential helper as git.exe does: with pipes for
// stdin and stdout, in its own console. Started from a shell with a pipe, the
// helper would not have Wine's console, which reads the terminal.
//
//	gitlike REQUEST ANSWER HELPER [ARGUMENT]...
//
// The helper reads the file REQUEST. Its output, and its exit status in a last
// line, go to the file ANSWER. With GITLIKE=no-window in the environment it acts
// like a git that a GUI program started, in a console without a window; then the
// helper's stderr goes to ANSWER too.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/windows"
)

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: gitlike REQUEST ANSWER HELPER [ARGUMENT]...")
		os.Exit(2)
	}
	request, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gitlike:", err)
		os.Exit(1)
	}
	cmd := exec.Command(os.Args[3], os.Args[4:]...)
	var answer bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(request), &answer, os.Stderr
	if os.Getenv("GITLIKE") == "no-window" {
		cmd.Stderr = &answer
		cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
	}
	signal.Ignore(os.Interrupt) // to tell how the helper ends
	err = cmd.Run()
	fmt.Fprintf(&answer, "exit %d\n", cmd.ProcessState.ExitCode())
	if err := os.WriteFile(os.Args[2], answer.Bytes(), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "gitlike:", err)
		os.Exit(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gitlike:", err)
	}
}
