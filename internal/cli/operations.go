package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
	"github.com/git-credential-mfa/git-credential-mfa/internal/answer"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	operationsCategory = "Operations, run by git"
	// forgetLimit is how long erase and logout wait for the lock.
	forgetLimit = 2 * time.Second
)

func (p *program) operations() []*cli.Command {
	return []*cli.Command{
		{Name: "get", Category: operationsCategory, Usage: "answer git with a signed password", Action: p.get},
		{Name: "store", Category: operationsCategory, Usage: "do nothing: a password lasts only 15 minutes",
			Action: func(*cli.Context) error { return nil }},
		{Name: "erase", Category: operationsCategory, Usage: "forget the session that CodeCommit has refused", Action: p.erase},
		{Name: "capability", Category: operationsCategory, Usage: "print the version of the protocol",
			Action: func(*cli.Context) error {
				_, err := io.WriteString(p.Stdout, "version 0\n")
				return err
			}},
	}
}

// errStdin is for a stdin that can't be read. git always gives a pipe, so git
// did not start the program.
var errStdin = errors.New("stdin can't be read")

// readRequest reads a request and returns it with its host. ok is false for a
// request that gets no answer: malformed, for another host, over http, or with
// a username that is not ours. The error is for a stdin that can't be read.
func (p *program) readRequest() (req credential.Request, h codecommit.Host, ok bool, err error) {
	req, err = p.Request()
	switch {
	case err != nil && !errors.Is(err, credential.ErrMalformed): // mutation: a stdin that can not be read
		return req, h, false, fmt.Errorf("%w: %w", errStdin, err)
	case err != nil && p.StdinWasClosed():
		return req, h, false, fmt.Errorf("%w: it is closed", errStdin)
	case err != nil:
		p.trace("no answer: %v", err)
		return req, h, false, nil
	}
	h, ok = p.ours(req)
	return req, h, ok, nil
}

// ours returns the host of a request, and whether it gets an answer.
func (p *program) ours(req credential.Request) (codecommit.Host, bool) {
	h, err := answer.Host(req)
	switch {
	case errors.Is(err, answer.ErrProtocol) && req.Protocol == "http":
		p.tell("hint: CodeCommit works over https only: git remote set-url origin https://%s/v1/repos/NAME", h.Name)
	case err != nil:
		p.trace("no answer: %v", err)
	}
	return h, err == nil
}

func (p *program) get(c *cli.Context) error {
	req, h, ok, err := p.readRequest()
	if ok {
		err = p.answer(c, req, h)
	}
	if err != nil {
		return errQuit{err}
	}
	return nil
}

func (p *program) answer(c *cli.Context, req credential.Request, h codecommit.Host) error {
	if err := p.checkStdout(); err != nil {
		return err
	}
	repository, err := codecommit.ParsePath(req.Path)
	if err != nil {
		return badPath{fmt.Errorf("reading the path of the repository: %w", err), h}
	}
	if !codecommit.KnownRegion(h.Region) {
		p.trace("the region %s is newer than this program: trusting its name", h.Region)
	}
	t := repositoryTarget(h, repository)
	provider, err := p.provider(c, t)
	if err != nil {
		return err
	}
	s, err := provider.Session(c.Context, session.Kept)
	p.progress.end() // before the answer, since git goes on at once
	if err != nil {
		return err
	}
	now := time.Now()
	response := answer.Sign(s, h, repository, now)
	if !response.Expiry.After(now) { // git would ask for another password, and show the session token in the question; mutation: fault: expired keys are not signed with
		return fmt.Errorf("signing with the credentials of profile %q: %w", provider.Source.Profile, session.ErrExpired)
	}
	p.trace("answered for %s with key %s", h.Name, shortKey(s.AccessKeyID)) // mutation: no secret in the trace
	return response.Write(p.Stdout)
}

// erase forgets the session if the username in the request belongs to it. git
// also calls erase for servers that it was redirected to, and for credentials
// from elsewhere.
func (p *program) erase(c *cli.Context) error {
	req, h, ok, err := p.readRequest()
	if !ok || req.Username == "" {
		return err
	}
	provider, err := p.provider(c, target{region: h.Region})
	if err != nil {
		return err
	}
	if provider.Source.Temporary() {
		return nil
	}
	held, err := p.lockToForget(c.Context, provider.Identity())
	if err != nil {
		return err
	}
	defer held.Unlock()
	s, err := provider.Store.Session(provider.Identity())
	if errors.Is(err, cache.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if key, _ := codecommit.AccessKeyID(req.Username); key != s.AccessKeyID { // mutation: erase only for its own key
		p.trace("erase: not the key of this session")
		return nil
	}
	return provider.Store.RemoveSession(provider.Identity())
}

func (p *program) lockToForget(ctx context.Context, id cache.Identity) (*cache.Held, error) {
	held, err := cache.LockWithin(ctx, id, forgetLimit, session.ErrBusy)
	if err != nil {
		return nil, fmt.Errorf("forgetting the session: %w", err)
	}
	return held, nil
}

// quitGit tells git to stop, so that it asks neither the next helper nor the
// person.
func quitGit(w io.Writer) error { return credential.Response{Quit: true}.Write(w) }

// shortKey returns the end of an access key id, which is enough to tell two
// keys apart.
func shortKey(id string) string { return "…" + id[max(0, len(id)-4):] }
