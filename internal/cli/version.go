package cli

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

func (p *program) versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "verbose", Usage: "also print the system, the Go that built it, its path, and git's version", DisableDefaultText: true}},
		Action: p.version,
	}
}

func (p *program) version(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	cli.ShowVersion(c)
	if !c.Bool("verbose") {
		return nil
	}
	fmt.Fprintf(p.Stdout, "system  %s/%s\nbuilt   with %s\n", runtime.GOOS, runtime.GOARCH, runtime.Version())
	path, err := gitconfig.Executable()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "path    %s\n", printable.Line(path))
	git, err := gitconfig.Git{}.Version(c.Context)
	if err != nil {
		fmt.Fprintf(p.Stdout, "git     unknown: %s\n", printable.Line(err.Error()))
		return nil
	}
	fmt.Fprintf(p.Stdout, "git     %v\n", git)
	return nil
}
