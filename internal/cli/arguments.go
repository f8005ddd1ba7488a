package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// interspersed returns a command's arguments, and sets the options that stand
// behind the first of them: the library stops reading options there.
func interspersed(c *cli.Context) ([]string, error) {
	var arguments []string
	rest := c.Args().Slice()
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		if word == "--" {
			return append(arguments, rest...), nil
		}
		if !strings.HasPrefix(word, "-") || word == "-" {
			arguments = append(arguments, word)
			continue
		}
		option, value, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
		flag := flagOf(c, option)
		_, boolean := flag.(*cli.BoolFlag)
		switch {
		case flag != nil && slices.Contains(flag.Names(), "help"):
			return nil, cmp.Or[error](cli.ShowCommandHelp(c, c.Command.Name), errReported(0))
		case flag == nil:
			return nil, errUsage{fmt.Errorf("flag provided but not defined: -%s", option)}
		case boolean && !given:
			value = "true"
		case !given && len(rest) == 0:
			return nil, errUsage{fmt.Errorf("flag needs an argument: -%s", option)}
		case !given:
			value, rest = rest[0], rest[1:]
		}
		if err := c.Set(option, value); err != nil {
			return nil, errUsage{fmt.Errorf("--%s: %w", option, err)}
		}
	}
	return arguments, nil
}

func flagOf(c *cli.Context, option string) cli.Flag {
	for _, flag := range c.Command.Flags {
		for _, name := range flag.Names() {
			if name == option {
				return flag
			}
		}
	}
	return nil
}

var errURL = errors.New("a repository's URL is https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME")

// labelsFor returns the labels of the sections that are wanted: for the
// repositories given, for regions, or for every host.
func (p *program) labelsFor(c *cli.Context) ([]string, error) {
	urls, err := interspersed(c)
	if err != nil {
		return nil, err
	}
	regions := c.StringSlice("region")
	if len(urls)+len(regions) == 0 {
		return gitconfig.Hosts(), nil
	}
	var labels []string
	for _, region := range regions {
		if _, err := codecommit.ParseHost(codecommit.HostName(region)); err != nil {
			return nil, errUsage{fmt.Errorf("--region %q: not an AWS region", region)}
		}
		labels = append(labels, gitconfig.RegionHosts(region)...)
	}
	for _, address := range urls {
		repository, err := p.repositoryAddress(c, address)
		if err != nil {
			return nil, err
		}
		labels = append(labels, repository.URL())
	}
	return labels, nil
}

// repositoryAddress reads a repository's address, and says so where it stands
// for an https URL. The errors don't show it: git-remote-codecommit puts the
// session token into it.
func (p *program) repositoryAddress(c *cli.Context, address string) (codecommit.Address, error) {
	a, err := codecommit.ParseAddress(address, "")
	if errors.Is(err, codecommit.ErrNoRegion) {
		a, err = codecommit.ParseAddress(address, p.regionOf(c, a.Profile))
	}
	switch {
	case errors.Is(err, codecommit.ErrForeignAddress):
		return a, errUsage{errURL}
	case errors.Is(err, codecommit.ErrNoRegion):
		return a, errUsage{fmt.Errorf("%w, nor does the profile: codecommit::REGION://NAME", err)}
	case errors.Is(err, codecommit.ErrForeignHost):
		return a, errUsage{fmt.Errorf("%w: %w", err, errURL)}
	case err != nil:
		return a, badPath{errUsage{codecommit.ErrBadPath}, a.Host}
	case a.Scheme != "https":
		p.tell("a helper is asked for https only: this %s address stands for %s", a.Scheme, a.URL())
	}
	return a, nil
}

// regionOf is the region that the environment or a profile names: the one that
// the options name if it is "".
func (p *program) regionOf(c *cli.Context, profile string) string {
	if region := cmp.Or(p.Getenv("AWS_REGION"), p.Getenv("AWS_DEFAULT_REGION")); region != "" {
		return region
	}
	source, err := session.ReadSource(c.Context, cmp.Or(profile, p.value(c, optionProfile)))
	if err != nil {
		p.trace("looking for a region: %v", err)
	}
	return source.Region.Text
}

// configFile is the file that the options name.
func configFile(c *cli.Context) (string, error) {
	var chosen []string
	for _, flag := range []string{"global", "system", "local"} {
		if c.Bool(flag) {
			chosen = append(chosen, flag)
		}
	}
	file := c.String("file")
	if c.IsSet("file") && file == "" || len(chosen) > 1 || len(chosen) > 0 && file != "" {
		return "", errUsage{errors.New("--global, --system, --local and --file FILE: only one of them")}
	}
	if file != "" {
		return file, nil
	}
	scope := gitconfig.Global
	if len(chosen) > 0 {
		scope = gitconfig.Scope(chosen[0])
	}
	return gitconfig.Git{}.File(c.Context, scope)
}
