// Command demo shows this program without an AWS account, and without changing
// anything of the user. It runs a pretend AWS on the loopback, with a user whose
// policy forces MFA, the real git, and the program built from this checkout.
//
//	go run ./internal/sandbox/demo          # a story: you type the code that the "phone" shows
//	go run ./internal/sandbox/demo --auto   # the code is typed for you
//	go run ./internal/sandbox/demo --auto --new-employee # register a phone, import the key, clone
//	go run ./internal/sandbox/demo --shell  # a shell in that world, to try the commands
//	go run ./internal/sandbox/demo --pictures docs/pictures  # take the README's pictures
//
// --installed FOLDER uses the program in that folder instead.
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

// options are those of the command line.
type options struct {
	auto, shell         bool
	newEmployee         bool
	pictures, installed string
}

func main() {
	if status, played := playRole(); played {
		os.Exit(status)
	}
	var o options
	flag.BoolVar(&o.auto, "auto", false, "have the MFA code typed for you")
	flag.BoolVar(&o.shell, "shell", false, "start a shell in the sandbox instead of telling the story")
	flag.BoolVar(&o.newEmployee, "new-employee", false, "tell the story of a user who has no MFA device yet")
	flag.StringVar(&o.pictures, "pictures", "", "draw the README's pictures into `FOLDER`")
	flag.StringVar(&o.installed, "installed", "", "use the git-credential-mfa in the absolute `FOLDER` instead of building it")
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() > 0 {
		usage()
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "demo: error:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: go run ./internal/sandbox/demo [--auto] [--new-employee] [--shell] [--pictures FOLDER] [--installed FOLDER]")
	flag.PrintDefaults()
}

func run(o options) error {
	if !o.auto && o.pictures == "" && !term.IsTerminal(int(os.Stdin.Fd())) {
		return errors.New("there is no terminal to type the code in; use --auto")
	}
	// SIGHUP: the folder is removed even if the terminal is closed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	dir, err := makeFolder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newStage(ctx, dir, o)
	if err != nil {
		return err
	}
	defer s.close()
	switch {
	case o.shell:
		return s.shell(stop)
	case o.pictures != "":
		return s.takePictures(o.pictures)
	case o.newEmployee:
		return s.tellOfNewEmployee(o.auto)
	}
	return s.tell()
}

// makeFolder makes the folder of the demo in the user's cache folder, because
// configure warns of a program in a temporary folder. Without a cache folder it
// is a temporary folder.
func makeFolder() (string, error) {
	const pattern = "git-credential-mfa-demo-"
	if parent, err := os.UserCacheDir(); err == nil && os.MkdirAll(parent, 0o700) == nil {
		if dir, err := os.MkdirTemp(parent, pattern); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", pattern)
}
