package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

const programName = "git-credential-mfa"

// A ground is where the commands run: with the person's own profile and
// keyring, but with a temporary folder and git configuration.
type ground struct {
	dir      string // temporary, with git's configuration and the clones
	url      string
	profile  string
	env      []string
	version  string // what "version --verbose" prints
	sessions int    // how many there were before
	clone    string // the last one
	clones   int
}

func newGround(ctx context.Context, url string) (*ground, error) {
	dir, err := os.MkdirTemp("", "git-credential-mfa-prove-")
	if err != nil {
		return nil, err
	}
	g := &ground{dir: dir, url: url, profile: cmp.Or(os.Getenv("AWS_PROFILE"), "default")}
	if err := g.prepare(ctx); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return g, nil
}

// prepare gives git a configuration of its own, and asks the program for its
// version and sessions.
func (g *ground) prepare(ctx context.Context) error {
	config := filepath.Join(g.dir, "gitconfig")
	if err := os.WriteFile(config, append(personalConfig(), "\n[prove]\n\tused = true\n"...), 0o600); err != nil {
		return err
	}
	g.env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+config)
	if used, err := g.output(ctx, "git", "config", "--global", "prove.used"); err != nil || strings.TrimSpace(used) != "true" {
		return errors.New("git does not take another configuration file: prove needs git 2.32 or later")
	}
	version, err := g.output(ctx, programName, "version", "--verbose")
	if err != nil {
		return err
	}
	g.version = strings.TrimSpace(version)
	status, err := g.output(ctx, programName, "status", "--json")
	if err != nil {
		return err
	}
	var held struct {
		Sessions []struct{ Expiration *string } // null for temporary credentials, which are not the program's
	}
	if err := json.Unmarshal([]byte(status), &held); err != nil {
		return fmt.Errorf("reading %s status --json: %w", programName, err)
	}
	for _, s := range held.Sessions {
		if s.Expiration != nil {
			g.sessions++
		}
	}
	return nil
}

// personalConfig returns the person's own git configuration, in the order in
// which git reads its files.
func personalConfig() []byte {
	home := gitexec.Home(os.Environ())
	files := []string{filepath.Join(cmp.Or(os.Getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "git", "config"), filepath.Join(home, ".gitconfig")}
	if file, set := os.LookupEnv("GIT_CONFIG_GLOBAL"); set {
		files = []string{file}
	}
	var all []byte
	for _, file := range files {
		text, _ := os.ReadFile(file) // a missing file has no settings
		all = append(append(all, text...), '\n')
	}
	return all
}

// walk runs the rows one by one, and asks after each whether it went as
// expected.
func (g *ground) walk(ctx context.Context, who *person, rows []row, r *report) error {
	if g.sessions > 0 {
		if err := g.run(ctx, who.out, programName+" login --refresh"); err != nil {
			return fmt.Errorf("starting a new session: %w", err)
		}
	}
	for i, row := range rows {
		fmt.Fprintf(who.out, "\n[%d/%d] %s: %s\n  expected:    %s\n", i+1, len(rows), row.section, row.what, row.expected)
		var shown bytes.Buffer
		both := io.MultiWriter(who.out, &shown)
		for _, command := range row.commands {
			if _, err := who.ask("Enter runs: " + command); err != nil {
				return err
			}
			fmt.Fprintf(&shown, "$ %s\n", command)
			if err := g.run(ctx, both, command); err != nil {
				fmt.Fprintf(both, "[%v]\n", err)
				break
			}
		}
		if err := r.add(who, row, shown.String()); err != nil {
			return err
		}
	}
	return nil
}

// run runs a command of the page. The command can use the terminal, to ask for
// the code, but has no stdin, so that configure asks nothing and stores
// nothing.
func (g *ground) run(ctx context.Context, out io.Writer, command string) error {
	words := strings.Fields(strings.ReplaceAll(command, "URL", g.url))
	cmd := g.command(ctx, words...)
	switch {
	case words[0] == "go":
		cmd.Dir = "" // the checkout
	case words[0] == "git" && words[1] == "clone":
		g.clones++
		g.clone = filepath.Join(g.dir, fmt.Sprintf("clone%d", g.clones))
		cmd.Args = append(cmd.Args, g.clone)
	case words[0] == "git":
		cmd.Dir = cmp.Or(g.clone, g.dir)
	}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd.Run()
}

func (g *ground) command(ctx context.Context, words ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Env = g.dir, g.env
	return cmd
}

// output returns what a command prints on stdout; the person sees its stderr.
func (g *ground) output(ctx context.Context, words ...string) (string, error) {
	cmd := g.command(ctx, words...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("running %s: %w", strings.Join(words, " "), err)
	}
	return string(out), nil
}

// putBack forgets the session if there was none before, even after Ctrl-C. All
// else is in the folder, which prove removes.
func (g *ground) putBack(out io.Writer) error {
	if g.sessions > 0 {
		return nil
	}
	return g.run(context.Background(), out, logout+" --all") // mutation: prove puts the session back
}
