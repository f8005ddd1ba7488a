// Command prove walks a person with a real AWS account, Mac or Windows through
// docs/unproven.md, in a checkout:
//
//	go run ./internal/prove https://git-codecommit.us-east-1.amazonaws.com/v1/repos/NAME
//
// It runs the rows of the page that it can run, asks about what only a person
// can see, and writes a report to paste into an issue. It spends one MFA code.
// What it changes, it puts back; AWS_PROFILE chooses the profile.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

const (
	pageFile   = "docs/unproven.md"
	reportFile = "prove-report.md"
	usage      = "usage: go run ./internal/prove https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME"
)

func main() {
	url := ""
	if len(os.Args) == 2 {
		url = os.Args[1]
	}
	if !isRepository(url) {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	// A terminal that is closed sends SIGHUP.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := prove(ctx, url, &person{ctx, bufio.NewReader(os.Stdin), os.Stdout}); err != nil {
		fmt.Fprintln(os.Stderr, "prove: error:", err)
		os.Exit(1)
	}
}

// isRepository reports whether url is that of a CodeCommit repository, without
// a username or anything else in it.
func isRepository(url string) bool {
	rest, https := strings.CutPrefix(url, "https://")
	host, path, _ := strings.Cut(rest, "/")
	_, hostErr := codecommit.ParseHost(host)
	_, pathErr := codecommit.ParsePath(path)
	return https && hostErr == nil && pathErr == nil
}

// prove is the whole walk. If it ends early, it still puts back what it
// changed, and reports what was seen until then.
func prove(ctx context.Context, url string, who *person) error {
	page, err := os.ReadFile(pageFile)
	if err != nil {
		return fmt.Errorf("reading the page: %w (run this in a checkout)", err)
	}
	rows := rowsFor(parse(string(page)), runtime.GOOS, os.Getenv("WSL_DISTRO_NAME") != "")
	g, err := newGround(ctx, url)
	if err != nil {
		return err
	}
	defer os.RemoveAll(g.dir)
	auto, hand := split(rows, g.sessions > 0)
	introduce(who.out, g, auto, hand)
	if ok, _ := who.agrees("Go on?"); !ok {
		return nil
	}
	r := &report{version: g.version, rows: len(rows)}
	walkErr := g.walk(ctx, who, auto, r)
	fmt.Fprintln(who.out, "\nPutting things back.")
	backErr := g.putBack(who.out)
	if walkErr == nil && backErr == nil {
		walkErr = byHand(who, hand, r)
	}
	if walkErr != nil && !errors.Is(walkErr, io.EOF) {
		return errors.Join(walkErr, backErr)
	}
	return errors.Join(backErr, r.hand(who, g))
}

// introduce says what prove will do.
func introduce(out io.Writer, g *ground, auto, hand []row) {
	fmt.Fprintf(out, "This proves %s with your AWS account (profile %s) and %s.\n%s\n\nIt runs:\n\n", programName, g.profile, g.url, g.version)
	for _, r := range auto {
		fmt.Fprintf(out, "  %s\n      %s\n", r.what, strings.Join(r.commands, ", then "))
	}
	fmt.Fprintf(out, `
The MFA code is asked for once. git gets a configuration of its own for this, a
copy of yours, and clones into a temporary folder; both are removed at the end.
`)
	if g.sessions > 0 {
		fmt.Fprintln(out, "There is a session already. A new one takes its place, and stays.")
	} else {
		fmt.Fprintln(out, "The session is forgotten at the end.")
	}
	fmt.Fprintf(out, `After that it asks about %d things that only you can do; skip what you like. The
report is written to %s here, and sent to nobody. Ctrl-D or Ctrl-C stops.

`, len(hand), reportFile)
}

// byHand asks about the rows that a person has to try.
func byHand(who *person, rows []row, r *report) error {
	fmt.Fprint(who.out, `
The rest is yours, in another terminal. Set git up there first, with
"git-credential-mfa configure"; afterwards "git-credential-mfa unconfigure" and
"git-credential-mfa logout" put things back.
`)
	for i, row := range rows {
		fmt.Fprintf(who.out, "\n[%d/%d] %s: %s\n  try:         %s\n  expected:    %s\n", i+1, len(rows), row.section, row.what, row.how, row.expected)
		if err := r.add(who, row, ""); err != nil {
			return err
		}
	}
	return nil
}

// A person answers questions on a terminal, or through a pipe.
type person struct {
	ctx context.Context
	in  *bufio.Reader
	out io.Writer
}

// ask returns the answer to a question. At the end of input and when prove is
// interrupted the error is io.EOF. Nothing is read before a question and after
// its answer: the program asks for the code on the same terminal.
func (p *person) ask(question string) (string, error) {
	fmt.Fprint(p.out, question, " ")
	lines := make(chan string, 1)
	go func() {
		defer close(lines)
		if line, err := p.in.ReadString('\n'); err == nil {
			lines <- strings.TrimSpace(line)
		}
	}()
	select {
	case <-p.ctx.Done():
	case line, more := <-lines:
		if more {
			return line, nil
		}
	}
	fmt.Fprintln(p.out)
	return "", io.EOF
}

// agrees asks for a yes; anything else is a no.
func (p *person) agrees(question string) (bool, error) {
	answer, err := p.ask(question + " [y/N]")
	return strings.EqualFold(answer, "y"), err
}
