package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

const doctorDescription = `Says why CodeCommit answers 403, and what mends it. Changes nothing, asks no code
(--login may). It looks at git's configuration, the AWS profile, the keyring and
the session, asks AWS and CodeCommit, and judges the user's policies, for the URL
or for the remotes of the current repository. --offline asks nobody.

With --policy it judges policies from files, without AWS: documents as IAM has
them, the AWS CLI's answers (get-policy-version, get-user-policy,
get-group-policy, describe-policy, and get-account-authorization-details with
--user or --all-users), terraform show -json, CloudFormation templates, or the
*.json of a directory, not those of directories in it; - is stdin. Several are
one user's policies, or with --each judged one by one.

--audit asks as an administrator: is MFA forced for CodeCommit, and does git work
with it?

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
			&cli.GenericFlag{Name: "scp", Value: &paths{}, Usage: "service control policies of one level, `FILE` or directory (repeatable)"},
			&cli.GenericFlag{Name: "rcp", Value: &paths{}, Usage: "resource control policies of one level, `FILE` or directory (repeatable)"},
			&cli.GenericFlag{Name: "boundary", Value: &paths{}, Usage: "permissions boundary `FILE`"},
			&cli.GenericFlag{Name: "key-policy", Value: &paths{}, Usage: "policy `FILE` of the repository's KMS key, if it is not AWS's own"},
			&cli.GenericFlag{Name: "endpoint-policy", Value: &paths{}, Usage: "policy `FILE` of the VPC endpoint that git goes through"},
			&cli.StringFlag{Name: "user", Usage: "the IAM user's `NAME` or ARN"},
			on("all-users", "judge each user of an account's details"),
			on("each", "judge each policy by itself"),
			on("audit", "ask as an administrator: is MFA forced, and does git work with it?"),
			&cli.StringFlag{Name: "region", Usage: "the repository's `REGION`"},
			&cli.StringFlag{Name: "account", Usage: "the repository's `ACCOUNT`, 12 digits"},
			&cli.StringFlag{Name: "repo", Usage: "the repository's `NAME`"},
			on("assume-allow", "add an Allow of everything (with files, unless they are a whole account's; --assume-allow=false)"),
			on("offline", "look at this computer only"),
			on("login", "log in first, if the checks need a session"),
			&cli.StringFlag{Name: "format", Usage: "print `FORMAT`: text, json, markdown or sarif"},
			on("json", "print JSON, as --format json"),
			on("fetch", "have git itself ask for the repository, whatever that runs or changes; --fetch=false: in no case"),
			on("list", "list the checks without running them"),
			on("report", "print the text as a block of Markdown, to be pasted into an issue"),
			on("strict", "let warnings fail too"),
			on("verbose", "also show what is fine, and all reasons"),
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
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	if err := checkPolicyOptions(c); err != nil {
		return err
	}
	var report report
	switch {
	case c.Bool("all-users"), c.Bool("each"):
		report = p.subjects(c, repository)
	case live(c):
		report, err = p.liveReport(c, repository, url)
	default:
		report = p.fileReport(c, repository)
	}
	if err != nil {
		return err
	}
	if err := p.write(c, report, format); err != nil {
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

// report is doctor's, on one user or on several.
type report interface {
	Text(io.Writer, doctor.Style) error
	JSON(io.Writer) error
	Markdown(io.Writer) error
	SARIF(io.Writer) error
	Status() int
}

func (p *program) write(c *cli.Context, r report, format string) error {
	switch format {
	case "block":
		return doctor.Block(p.Stdout, r, p.style(c))
	case "json":
		return r.JSON(p.Stdout)
	case "markdown":
		return r.Markdown(p.Stdout)
	case "sarif":
		return r.SARIF(p.Stdout)
	}
	return r.Text(p.coloured(), p.style(c))
}

// formatOf is what --format or --json asks for.
func formatOf(c *cli.Context) (string, error) {
	format := c.String("format")
	switch {
	case c.Bool("report") && (c.Bool("json") || format != "" && format != "text"):
		return "", errUsage{errors.New("--report is text, --format or --json asks for another")}
	case c.Bool("report"):
		return "block", nil
	case !c.IsSet("format") && c.Bool("json"):
		return "json", nil
	case !c.IsSet("format"):
		return "text", nil
	case c.Bool("json") && format != "json":
		return "", errUsage{errors.New("--json and --format ask for two formats")}
	case !slices.Contains([]string{"text", "json", "markdown", "sarif"}, format):
		return "", errUsage{fmt.Errorf("--format %q: text, json, markdown or sarif", format)}
	}
	return format, nil
}

func (p *program) liveReport(c *cli.Context, repository policies.Repository, url string) (report, error) {
	evidence, err := p.examine(c, repository, url)
	if err != nil {
		return nil, err
	}
	return p.examined(c, evidence), nil
}

// examined is the report on the evidence.
func (p *program) examined(c *cli.Context, evidence *doctor.Evidence) doctor.Report {
	r := doctor.Examine(evidence)
	r.Strict, r.Home, r.Version, r.System = c.Bool("strict"), doctor.NewHome(p.homes()...), p.Version, runtime.GOOS+"/"+runtime.GOARCH
	if r.Target = evidence.Policies.RepositoryARN(); evidence.Live {
		r.Target = evidence.Target.URL
	}
	return r
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
