package cli

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

func (p *program) unconfigureCommand() *cli.Command {
	return &cli.Command{
		Name: "unconfigure", Usage: "take out what configure has written",
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
		p.tell("%s has nothing of this helper's: nothing to take out", file)
		return nil
	}
	p.tell("took this helper's block out of %s", file)
	return nil
}
