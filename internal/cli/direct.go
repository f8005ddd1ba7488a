package cli

import (
	"context"
	"flag"
	"io"
	"slices"

	"github.com/urfave/cli/v2"
)

// run runs the command. git's own are run without the library around them: it
// takes longer to build than the answer (docs/startup.md).
func (p *program) run(ctx context.Context) error {
	if c, action := p.direct(ctx); action != nil {
		return action(c)
	}
	return p.app().RunContext(ctx, p.Args)
}

// direct returns what to run for a plain "[options] OPERATION", as git has it
// from its configuration, or nil for all else: mistakes, help and what people
// type are the library's. The options are read by the parser that the library
// itself uses.
func (p *program) direct(ctx context.Context) (*cli.Context, cli.ActionFunc) {
	if len(p.Args) < 2 || slices.Contains(p.Args, "--") {
		return nil, nil
	}
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, o := range globalOptions {
		set.String(o.flag, "", "")
	}
	if err := set.Parse(p.Args[1:]); err != nil || set.NArg() != 1 {
		return nil, nil
	}
	for _, command := range p.operations() {
		if command.Name == set.Arg(0) {
			return cli.NewContext(nil, set, &cli.Context{Context: ctx}), command.Action
		}
	}
	return nil, nil
}
