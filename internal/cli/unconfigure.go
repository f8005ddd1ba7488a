package cli

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

func (p *program) unconfigureCommand() *cli.Command {
	return &cli.Command{
		Name: "unconfigure", Usage: "remove what configure has written",
		Flags: fileFlags("print the block, take out nothing"),
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			file, err := configFile(c)
			if err != nil {
				return err
			}
			if c.Bool("dry-run") {
				return p.printBlock(gitconfig.Read(file))
			}
			return p.unconfigure(c.Context, file)
		},
	}
}

func (p *program) unconfigure(ctx context.Context, file string) error {
	changed, err := gitconfig.Uninstall(ctx, file)
	if err != nil {
		return err
	}
	if !changed {
		p.tell("%s has no block of this helper: nothing to remove", file)
		return nil
	}
	p.tell("removed this helper's block from %s", file)
	return nil
}
