package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

const doctorDescription = `Says why CodeCommit answers 403, and what mends it. Changes nothing, asks no code
(--login may). It looks at git's configuration, the AWS profile, the keyring and
the session, asks AWS and CodeCommit, and judges the user's policies, for the URL
or for the remotes of the current repository. --offline asks nobody.

With --policy it judges policies from files, without AWS: documents as IAM has
them, the AWS CLI's answers (get-policy-version, get-user-policy,
get-group-policy, and get-account-authorization-details with --user), or the
*.json of a directory, not those of directories in it; - is stdin. Several are
one user's policies.

Exit status: 0 no error, 1 an error, 2 something could not be read, or nothing
was judged.`

func (p *program) doctorCommand() *cli.Command {
	on := func(name, usage string) cli.Flag {
		return &cli.BoolFlag{Name: name, Usage: usage, DisableDefaultText: true}
	}
	return &cli.Command{
		Name: "doctor", Usage: "say why CodeCommit answers 403", ArgsUsage: "[URL]", Description: doctorDescription,
		Flags: []cli.Flag{
			&cli.GenericFlag{Name: "policy", Value: &paths{}, Usage: "judge `FILE`, a directory or - (repeatable)"},
			&cli.GenericFlag{Name: "scp", Value: &paths{}, Usage: "service control policy `FILE` (repeatable)"},
			&cli.GenericFlag{Name: "boundary", Value: &paths{}, Usage: "permissions boundary `FILE`"},
			&cli.StringFlag{Name: "user", Usage: "the IAM user's `NAME`"},
			&cli.StringFlag{Name: "region", Usage: "the repository's `REGION`"},
			&cli.StringFlag{Name: "account", Usage: "the repository's `ACCOUNT`, 12 digits"},
			&cli.StringFlag{Name: "repo", Usage: "the repository's `NAME`"},
			on("assume-allow", "add an Allow of everything (with files, unless they are a whole account's; --assume-allow=false)"),
			on("offline", "look at this computer only"),
			on("login", "log in if that is needed to look"),
			on("json", "print JSON"),
			on("list", "list the checks, and look at nothing"),
			on("strict", "let warnings fail too"),
			on("verbose", "show what is well too, and all reasons"),
		},
		Action: p.doctor,
	}
}

// paths is a repeatable option. The library's own would split at commas, which
// file names may have.
type paths []string

func (p *paths) Set(name string) error {
	*p = append(*p, name)
	return nil
}

func (p *paths) String() string { return strings.Join(*p, ", ") }

func pathsOf(c *cli.Context, name string) []string {
	var all []string
	if given, ok := c.Generic(name).(*paths); ok {
		for _, path := range *given {
			all = append(all, matching(path, runtime.GOOS == "windows")...)
		}
	}
	return all
}

// matching returns the files that a pattern means, on Windows, where no shell
// has replaced it; or the pattern.
func matching(pattern string, windows bool) []string {
	if windows && strings.ContainsAny(pattern, "*?") {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found
		}
	}
	return []string{pattern}
}

func (p *program) doctor(c *cli.Context) error {
	if c.Bool("list") {
		return listChecks(p.Stdout)
	}
	repository, url, err := p.repositoryOf(c)
	if err != nil {
		return err
	}
	if len(pathsOf(c, "boundary")) > 1 {
		return errUsage{errors.New("--boundary: a user has one permissions boundary")}
	}
	var evidence *doctor.Evidence
	if live(c) {
		if evidence, err = p.examine(c, repository, url); err != nil {
			return err
		}
	} else {
		evidence = &doctor.Evidence{Policies: p.policies(c, repository)}
	}
	report := doctor.Examine(evidence)
	report.Strict, report.Home = c.Bool("strict"), p.home()
	if c.Bool("json") {
		err = report.JSON(p.Stdout)
	} else {
		err = report.Text(p.coloured(), p.style(c))
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if status := report.Status(); status != doctor.Passed {
		return errReported(status)
	}
	return nil
}

// listChecks prints the table of checks.
func listChecks(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, check := range doctor.Checks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", check.Code, check.Group, check.Level, check.Found)
	}
	return table.Flush()
}

// policies reads those that are given.
func (p *program) policies(c *cli.Context, repository policies.Repository) doctor.PolicyEvidence {
	sources := policyfile.Sources{
		Policies: pathsOf(c, "policy"), SCPs: pathsOf(c, "scp"), Boundaries: pathsOf(c, "boundary"),
		User: c.String("user"), Stdin: p.Stdin,
	}
	set, err := sources.Read()
	given := doctor.PolicyEvidence{Case: policies.Case{Set: set, Repository: repository, Now: time.Now()}, Err: err}
	if repository.Account == "" {
		given.Repository.Account = set.User.Account()
	}
	// A whole account's details say what is allowed.
	given.AssumeAllow = !set.Complete
	if c.IsSet("assume-allow") {
		given.AssumeAllow = c.Bool("assume-allow")
	}
	return given
}

// The forms of what --region, --account and --repo name.
const (
	regionForm     = `^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`
	accountForm    = `^[0-9]{12}$`
	repositoryForm = `^[A-Za-z0-9._-]{1,100}$`
)

// repositoryOf takes the repository from the URL and the options, which win. The
// URL is the one that git would be given.
func (p *program) repositoryOf(c *cli.Context) (r policies.Repository, url string, err error) {
	urls, err := interspersed(c)
	if err != nil {
		return r, "", err
	}
	if len(urls) > 1 {
		return r, "", errUsage{fmt.Errorf("unexpected argument %q", urls[1])}
	}
	if len(urls) > 0 {
		given, err := p.repositoryAddress(c, urls[0])
		if err != nil {
			return r, "", err
		}
		r.Name, r.Region, url = given.Name, given.Host.Region, urls[0]
		if given.Scheme != "https" {
			url = given.URL()
		}
	}
	for _, o := range []struct {
		name, form string
		value      *string
	}{{"region", regionForm, &r.Region}, {"account", accountForm, &r.Account}, {"repo", repositoryForm, &r.Name}} {
		if !c.IsSet(o.name) {
			continue
		}
		if *o.value = c.String(o.name); !regexp.MustCompile(o.form).MatchString(*o.value) {
			return r, "", errUsage{fmt.Errorf("--%s %q: that is no %s", o.name, *o.value, o.name)}
		}
	}
	return r, url, nil
}
