// Command demo tells the story of this program without an AWS account and
// without touching anything of the user's: a pretend AWS on the loopback, a
// user whose policy forces MFA, the real git, and the program built from this
// checkout.
//
//	go run ./internal/sandbox/demo          # you type the code that the "phone" shows
//	go run ./internal/sandbox/demo --auto   # it is typed for you
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/term"
)

func main() {
	// git runs this program again for two parts of the story.
	if phone := os.Getenv(phoneVariable); phone != "" && len(os.Args) == 2 && os.Args[1] != "--auto" {
		os.Exit(answer(phone))
	}
	if len(os.Args) == 3 && os.Args[1] == plainKeys {
		os.Exit(signWithPlainKeys(os.Args[2]))
	}
	auto := len(os.Args) == 2 && os.Args[1] == "--auto"
	if len(os.Args) > 1 && !auto {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/sandbox/demo [--auto]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, auto)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, auto bool) error {
	if !auto && !term.IsTerminal(int(os.Stdin.Fd())) {
		return errors.New("there is no terminal to type the code in; use --auto")
	}
	dir, err := os.MkdirTemp("", "git-credential-mfa-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newStory(ctx, dir, auto)
	if err != nil {
		return err
	}
	defer s.world.Close()
	return s.tell()
}

// randomPassphrase is what the demo's session is encrypted with; it is
// forgotten with the demo.
func randomPassphrase() string { return rand.Text() }
