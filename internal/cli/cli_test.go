package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestDirect: what goes past the library must mean what it means to it.
func TestDirect(t *testing.T) {
	for line, direct := range map[string]bool{
		"get": true, "store": true, "erase": true, "capability": true,
		"--profile work get": true, "--profile=work get": true, "-profile work get": true, "-profile=work get": true,
		"--profile= get": true, "--profile a --profile b get": true, "--profile get get": true, "--profile --prompt get": true,
		"--duration 1h --mfa-serial S --mfa-process P --prompt none --keyring file erase": true,
		"": false, "--profile get": false, "--unknown get": false, "--help get": false, "-h get": false, "--version get": false,
		"get extra": false, "get --profile a": false, "--profile a -- get": false, "-- get": false, "--profile": false,
		"login": false, "status": false, "future": false, "- get": false,
	} {
		p := program{System: System{Args: append([]string{name}, strings.Fields(line)...),
			Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, StdinIsTerminal: func() bool { return false }, StdinWasClosed: func() bool { return false }}}
		p.trace = func(string, ...any) {}
		c, action := p.direct(context.Background())
		if (action != nil) != direct {
			t.Errorf("%q: direct %v", line, !direct)
		}
		if action == nil {
			continue
		}
		var want []string
		app := p.app()
		for _, command := range app.Commands {
			command.Action = func(c *cli.Context) error {
				want = p.values(c)
				return nil
			}
		}
		if err := p.runCommand(context.Background(), app); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if got := p.values(c); want == nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, with all commands %q", line, got, want)
		}
	}
}

// values returns the options, and which of them were set.
func (p *program) values(c *cli.Context) (values []string) {
	for _, o := range globalOptions {
		value := p.lookup(c, nil, option{flag: o.flag})
		values = append(values, value.from, value.text)
	}
	return values
}

// TestGlobalOptions: an option that the library knows and git's way does not
// would be slow, and one that it does not know would be taken in silence.
func TestGlobalOptions(t *testing.T) {
	var known []string
	for _, f := range globalFlags() {
		known = append(known, f.Names()[0])
	}
	var direct []string
	for _, o := range globalOptions {
		direct = append(direct, o.flag)
	}
	if !slices.Equal(known, direct) {
		t.Errorf("%q are the flags, %q the options", known, direct)
	}
}
