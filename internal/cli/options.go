package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "profile", Usage: "AWS profile `NAME` (environment: AWS_PROFILE; default: \"default\")"},
		&cli.StringFlag{Name: "duration", Usage: "session length as `TIME`, 15m to 36h, or in seconds (environment: GIT_CREDENTIAL_MFA_DURATION; profile: mfa_session_duration; default: 12h)"},
		&cli.StringFlag{Name: "mfa-serial", Usage: "MFA device: its `ARN`, or the serial number of a hardware device (environment: GIT_CREDENTIAL_MFA_SERIAL; profile: mfa_serial; default: the user's own, from IAM)"},
		&cli.StringFlag{Name: "mfa-process", Usage: "`COMMAND` that prints the code, run without a shell (environment: GIT_CREDENTIAL_MFA_PROCESS; profile: mfa_process)"},
		&cli.StringFlag{Name: "prompt", Usage: "`WAY` to ask for the code: " + strings.Join(prompt.Modes, ", ") + " (environment: GIT_CREDENTIAL_MFA_PROMPT; default: auto)"},
		&cli.StringFlag{Name: "keyring", Usage: "`KEYRING` for sessions: " + strings.Join(keyringNames, ", ") + " (environment: GIT_CREDENTIAL_MFA_KEYRING; default: auto)"},
	}
}

// globalsUsed are the global options that a command uses. It accepts and
// ignores the others.
var globalsUsed = map[string][]string{
	"configure":          {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"}, // written into the block
	"login":              {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"},
	"credential-process": {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"},
	"doctor":             {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"},
	"keys":               {"profile", "duration", "mfa-serial", "mfa-process", "prompt", "keyring"}, // written by import
	"enroll":             {"profile", "keyring"},
	"logout":             {"profile", "mfa-serial", "keyring"}, // a session is that of a device, too
	"status":             {"profile", "keyring"},               // whose own credentials are shown too
}

// globalFlagsOf returns the global options for a command. Those that it does
// not use are hidden.
func globalFlagsOf(command string) []cli.Flag {
	flags := globalFlags()
	for _, flag := range flags {
		if text, ok := flag.(*cli.StringFlag); ok {
			text.Hidden = !slices.Contains(globalsUsed[command], text.Name)
		}
	}
	return flags
}

// readOptions reads options, and returns a context with these and the arguments
// between them. With untilArgument, all that follows the first argument is an
// argument too.
func readOptions(flags []cli.Flag, args []string, parent *cli.Context, untilArgument bool) (*cli.Context, error) {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	for _, f := range flags {
		if err := f.Apply(set); err != nil {
			return nil, err
		}
	}
	arguments := []string{"--"} // Parse below reads no options
	for len(args) > 0 {
		switch word := args[0]; {
		case word == "--":
			arguments, args = append(arguments, args[1:]...), nil
		case isOption(word):
			var err error
			if args, err = setOption(set, flags, args); err != nil {
				return nil, err
			}
		case untilArgument:
			arguments, args = append(arguments, args...), nil
		default:
			arguments, args = append(arguments, word), args[1:]
		}
	}
	if err := set.Parse(arguments); err != nil {
		return nil, err
	}
	return cli.NewContext(parent.App, set, parent), nil
}

func isOption(word string) bool {
	return strings.HasPrefix(word, "-") && word != "-" && word != "--"
}

// setOption sets the option that args begin with, written as package flag reads
// it, and returns the rest of args. The errors are errUsage, and name the option
// as it was typed.
func setOption(set *flag.FlagSet, flags []cli.Flag, args []string) (rest []string, err error) {
	typed, value, given := strings.Cut(args[0], "=")
	rest = args[1:]
	option := strings.TrimPrefix(strings.TrimPrefix(typed, "-"), "-")
	known := flagOf(flags, option)
	_, boolean := known.(*cli.BoolFlag)
	switch {
	case known == nil:
		return nil, errUsage{unknownOption{typed, closestOption(option, flags)}}
	case given:
	case boolean:
		value = "true"
	case len(rest) == 0:
		return nil, errUsage{fmt.Errorf("%s needs a value", typed)}
	default:
		value, rest = rest[0], rest[1:]
	}
	err = set.Set(option, value)
	switch {
	case err == nil:
		return rest, nil
	case boolean:
		return nil, errUsage{fmt.Errorf("%s=%s: not true or false", typed, value)}
	}
	return nil, errUsage{fmt.Errorf("%s: %w", typed, err)}
}

// unknownOption is the error for an unknown option, with the closest one, or
// "", for its hint.
type unknownOption struct{ typed, meant string }

func (e unknownOption) Error() string { return "unknown option " + e.typed }

func (e unknownOption) hints(*program) []string {
	if e.meant == "" {
		return nil
	}
	return []string{"did you mean " + e.meant + "?"}
}

// closestOption returns the option that a name is a typing error of, as it is
// typed, or "".
func closestOption(name string, flags []cli.Flag) string {
	var names []string
	for _, flag := range flags {
		names = append(names, flag.Names()[0])
	}
	if meant := closest(name, names); meant != "" {
		return "--" + meant
	}
	return ""
}

// helpCommand returns the help command for a wrong command line: that of the
// command on it, if there is one.
func (p *program) helpCommand() string {
	for i := 1; i < len(p.Args); i++ {
		word := p.Args[i]
		takesValue := slices.ContainsFunc(globalOptions, func(o option) bool { return word == "--"+o.flag || word == "-"+o.flag })
		switch {
		case takesValue:
			i++
		case !strings.HasPrefix(word, "-"):
			if slices.ContainsFunc(p.commands(), func(c *cli.Command) bool { return c.Name == word && word != "help" }) {
				return name + " help " + word
			}
			return name + " help"
		}
	}
	return name + " help"
}

func flagOf(flags []cli.Flag, option string) cli.Flag {
	for _, flag := range flags {
		for _, name := range flag.Names() {
			if name == option {
				return flag
			}
		}
	}
	return nil
}

var errURL = errors.New("not a repository's URL, https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME")

// labelsFor returns the labels of the sections to write: for the repositories
// and regions of the command line, or for every host.
func (p *program) labelsFor(c *cli.Context) ([]string, error) {
	urls := c.Args().Slice()
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

// repositoryAddress reads the address of a repository. If it is not an https
// URL, it shows the URL that it stands for. The errors don't contain the
// address: git-remote-codecommit puts the session token into it.
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
		p.tell("git asks credential helpers for https only: this %s address stands for %s", a.Scheme, a.URL())
	}
	return a, nil
}

// regionOf returns the region of the environment or of a profile, by default
// the profile of the options.
func (p *program) regionOf(c *cli.Context, profile string) string {
	if region := cmp.Or(p.Getenv("AWS_REGION"), p.Getenv("AWS_DEFAULT_REGION")); region != "" {
		return region
	}
	source, err := session.ReadSource(c.Context, cmp.Or(profile, p.lookup(c, nil, optionProfile).text))
	if err != nil {
		p.trace("looking for a region: %v", err)
	}
	return source.Region.Text
}

// configFile returns the git configuration file that the options name.
func configFile(c *cli.Context) (string, error) {
	var chosen []string
	for _, flag := range []string{"global", "system", "local"} {
		if c.Bool(flag) {
			chosen = append(chosen, flag)
		}
	}
	file := c.String("file")
	if c.IsSet("file") && file == "" || len(chosen) > 1 || len(chosen) > 0 && file != "" {
		return "", errUsage{errors.New("choose one of --global, --system, --local and --file FILE")}
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

// profileNames returns the names of the profiles in the AWS files, sorted, and
// none if the files can't be read.
func profileNames(getenv func(string) string) []string {
	files, err := awsfile.Read(context.Background(), getenv)
	if err != nil {
		return nil
	}
	return files.Names()
}
