// Command demo shows this program without an AWS account and without touching
// anything of the user's: a pretend AWS on the loopback, a user whose policy
// forces MFA, the real git, and the program built from this checkout.
//
//	go run ./internal/sandbox/demo          # a story: you type the code that the "phone" shows
//	go run ./internal/sandbox/demo --auto   # it is typed for you
//	go run ./internal/sandbox/demo --shell  # a shell in that world, to try each command
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/term"
)

func main() {
	if status, played := playRole(); played {
		os.Exit(status)
	}
	auto := flag.Bool("auto", false, "have the MFA code typed for you")
	shell := flag.Bool("shell", false, "start a shell in the sandbox instead of telling the story")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 {
		usage()
		os.Exit(2)
	}
	if err := run(*auto, *shell); err != nil {
		fmt.Fprintln(os.Stderr, "demo: error:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: go run ./internal/sandbox/demo [--auto] [--shell]")
	flag.PrintDefaults()
}

func run(auto, shell bool) error {
	if !auto && !term.IsTerminal(int(os.Stdin.Fd())) {
		return errors.New("there is no terminal to type the code in; use --auto")
	}
	dir, err := os.MkdirTemp("", "git-credential-mfa-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s, err := newStage(ctx, dir, auto)
	if err != nil {
		return err
	}
	defer s.world.Close()
	if shell {
		stop() // Ctrl-C is for what runs in the shell
		return s.shell()
	}
	return s.tell()
}
