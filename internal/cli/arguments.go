package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
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
func labelsFor(c *cli.Context) ([]string, error) {
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
		label, err := repositoryLabel(address)
		if err != nil {
			return nil, err
		}
		labels = append(labels, label)
	}
	return labels, nil
}

// repositoryLabel is a repository's URL without what else can be in one. The
// errors don't show it: git-remote-codecommit puts the session token into it.
func repositoryLabel(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.RawQuery != "" {
		return "", errUsage{errURL}
	}
	host, err := codecommit.ParseHost(u.Host)
	if err != nil {
		return "", errUsage{fmt.Errorf("%q: %w: %w", u.Host, err, errURL)}
	}
	name, err := codecommit.ParsePath(strings.Trim(u.Path, "/"))
	if err != nil {
		return "", badPath{errUsage{fmt.Errorf("%q: %w", u.Path, codecommit.ErrBadPath)}, host}
	}
	return "https://" + host.Name + "/v1/repos/" + name, nil
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
