// Command demo shows this program without an AWS account and without touching
// anything of the user's: a pretend AWS on the loopback, a user whose policy
// forces MFA, the real git, and the program built from this checkout.
//
//	go run ./internal/sandbox/demo          # a story: you type the code that the "phone" shows
//	go run ./internal/sandbox/demo --auto   # it is typed for you
//	go run ./internal/sandbox/demo --auto --new-employee # enrol a phone, put the key into the keyring, clone
//	go run ./internal/sandbox/demo --shell  # a shell in that world, to try each command
//	go run ./internal/sandbox/demo --pictures docs/pictures  # the README's pictures, of a real run
//
// With --installed FOLDER all this is done with the program that is there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// wishes are what the command line asks for.
type wishes struct {
	auto, shell         bool
	newEmployee         bool
	pictures, installed string
}

func main() {
	if status, played := playRole(); played {
		os.Exit(status)
	}
	var w wishes
	flag.BoolVar(&w.auto, "auto", false, "have the MFA code typed for you")
	flag.BoolVar(&w.shell, "shell", false, "start a shell in the sandbox instead of telling the story")
	flag.BoolVar(&w.newEmployee, "new-employee", false, "tell the story of one who has no MFA device yet")
	flag.StringVar(&w.pictures, "pictures", "", "draw the README's pictures into `FOLDER`")
	flag.StringVar(&w.installed, "installed", "", "show the git-credential-mfa in the absolute `FOLDER` instead of one that is built")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 {
		usage()
		os.Exit(2)
	}
	if err := run(w); err != nil {
		fmt.Fprintln(os.Stderr, "demo: error:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: go run ./internal/sandbox/demo [--auto] [--new-employee] [--shell] [--pictures FOLDER] [--installed FOLDER]")
	flag.PrintDefaults()
}

func run(w wishes) error {
	if !w.auto && w.pictures == "" && !term.IsTerminal(int(os.Stdin.Fd())) {
		return errors.New("there is no terminal to type the code in; use --auto")
	}
	// Also when the terminal is closed: what was made is removed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	dir, err := makeFolder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newStage(ctx, dir, w)
	if err != nil {
		return err
	}
	defer s.close()
	switch {
	case w.shell:
		return s.shell(stop)
	case w.pictures != "":
		return s.takePictures(w.pictures)
	case w.newEmployee:
		return s.tellOfNewEmployee(w.auto)
	}
	return s.tell()
}

// makeFolder makes the folder in which all happens: not a temporary one, of which
// configure warns, and which no user has, unless there is no other.
func makeFolder() (string, error) {
	const pattern = "git-credential-mfa-demo-"
	if parent, err := os.UserCacheDir(); err == nil && os.MkdirAll(parent, 0o700) == nil {
		if dir, err := os.MkdirTemp(parent, pattern); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", pattern)
}
