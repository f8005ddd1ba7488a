package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/probe"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

const doctorDescription = `Says why CodeCommit answers 403, and how to fix it. It changes nothing and asks for no code, except with --login. It looks at git's configuration, the AWS profile, the keyring and the session, asks AWS and CodeCommit, and judges the user's policies, for the URL or for the remotes of the current repository. --offline asks nobody.

With --policy it judges policies from files, without AWS: IAM documents, the AWS CLI's output (get-policy-version, get-user-policy, get-group-policy, describe-policy, and get-account-authorization-details with --user or --all-users), terraform show -json, CloudFormation templates, or the *.json files of a directory, not of its subdirectories; - is stdin. Several files are one user's policies; with --each they are judged one by one.

--audit answers an administrator's question: is MFA forced for CodeCommit, and does git work with it?

Exit status: 0 no error, 1 an error, 2 something could not be read, or nothing was judged.`

func (p *program) doctorCommand() *cli.Command {
	on := func(name, usage string) cli.Flag {
		return &cli.BoolFlag{Name: name, Usage: usage}
	}
	return &cli.Command{
		Name: "doctor", Usage: "say why CodeCommit answers 403", ArgsUsage: "[URL]", Description: doctorDescription,
		Flags: []cli.Flag{
			&cli.GenericFlag{Name: "policy", Value: &paths{}, Usage: "judge the policies in `FILE`, a directory, or - for stdin (repeatable)"},
			&cli.GenericFlag{Name: "scp", Value: &paths{}, Usage: "service control policies of one level, `FILE` or directory (repeatable)"},
			&cli.GenericFlag{Name: "rcp", Value: &paths{}, Usage: "resource control policies of one level, `FILE` or directory (repeatable)"},
			&cli.GenericFlag{Name: "boundary", Value: &paths{}, Usage: "permissions boundary `FILE`"},
			&cli.GenericFlag{Name: "key-policy", Value: &paths{}, Usage: "policy `FILE` of the repository's KMS key, if it is not AWS's own"},
			&cli.GenericFlag{Name: "endpoint-policy", Value: &paths{}, Usage: "policy `FILE` of the VPC endpoint that git goes through"},
			&cli.StringFlag{Name: "user", Usage: "the IAM user's `NAME` or ARN"},
			on("all-users", "judge every user in get-account-authorization-details"),
			on("each", "judge each policy by itself"),
			on("audit", "ask as an administrator: is MFA forced, and does git work with it?"),
			&cli.StringFlag{Name: "region", Usage: "the repository's `REGION`"},
			&cli.StringFlag{Name: "account", Usage: "the repository's `ACCOUNT`, 12 digits"},
			&cli.StringFlag{Name: "repo", Usage: "the repository's `NAME`"},
			on("assume-allow", "assume a policy that allows everything (the default with files, unless they are a whole account's; --assume-allow=false)"),
			on("offline", "look at this computer only"),
			on("login", "log in first, if the checks need a session"),
			&cli.StringFlag{Name: "format", Usage: "print `FORMAT`: text, json, markdown or sarif"},
			on("json", "print JSON, as --format json"),
			on("fetch", "run git, whatever that runs or changes; --fetch=false: never run it"),
			on("list", "list the checks without running them"),
			on("report", "print the text as a Markdown block, to paste into an issue"),
			on("strict", "exit with status 1 for warnings too"),
			on("verbose", "also show the checks that passed, and all details"),
		},
		Action: p.doctor,
	}
}

// paths is the value of a repeatable option. The library's own type splits at
// commas, which file names may contain.
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

// matching returns the files that match a pattern on Windows, where the shell
// does not expand it. Elsewhere, and if there are none, it returns the pattern.
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
		return listChecks(p.Stdout, p.style(c).Language)
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
		evidence, err := p.examine(c, repository, url)
		if err != nil {
			return err
		}
		report = p.examined(c, evidence)
	default:
		set, err := p.sources(c).Read()
		report = p.judge(c, repository, set, err)
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
func listChecks(w io.Writer, l language.Language) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, check := range doctor.Checks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", check.Code, check.Group, check.Level, language.Text{English: check.Found, Japanese: check.FoundInJapanese}.In(l))
	}
	return table.Flush()
}

// report is doctor's report on one subject, or on several.
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

// formatOf returns the format that --format, --json or --report asks for.
func formatOf(c *cli.Context) (string, error) {
	format := c.String("format")
	switch {
	case c.Bool("report") && (c.Bool("json") || format != "" && format != "text"):
		return "", errUsage{errors.New("--report is always text: leave out --format and --json")}
	case c.Bool("report"):
		return "block", nil
	case !c.IsSet("format") && c.Bool("json"):
		return "json", nil
	case !c.IsSet("format"):
		return "text", nil
	case c.Bool("json") && format != "json":
		return "", errUsage{errors.New("--json and --format ask for two formats")}
	case !slices.Contains([]string{"text", "json", "markdown", "sarif"}, format):
		return "", errUsage{fmt.Errorf("--format %q: not one of text, json, markdown, sarif", format)}
	}
	return format, nil
}

// examined returns the report on the evidence.
func (p *program) examined(c *cli.Context, evidence *doctor.Evidence) doctor.Report {
	r := doctor.Examine(evidence)
	r.Strict, r.Home, r.Version, r.System = c.Bool("strict"), doctor.NewHome(gitexec.Homes(os.Environ())...), p.Version, runtime.GOOS+"/"+runtime.GOARCH
	r.Folders = currentFolders()
	if r.Target = evidence.Policies.RepositoryARN(); evidence.Live {
		r.Target = evidence.Target.URL
	}
	return r
}

// currentFolders returns the paths of the current folder, with and without
// symbolic links; none if it was removed.
func currentFolders() []string {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	folders := []string{dir}
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != dir {
		folders = append(folders, real)
	}
	return folders
}

// The forms of the values of --region, --account and --repo.
const (
	regionForm     = `^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`
	accountForm    = `^[0-9]{12}$`
	repositoryForm = `^[A-Za-z0-9._-]{1,100}$`
)

// repositoryOf returns the repository that the URL and the options name, the
// options first, and the URL as git would be given it.
func (p *program) repositoryOf(c *cli.Context) (r policies.Repository, url string, err error) {
	urls := c.Args().Slice()
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
		name, what, form string
		value            *string
	}{
		{"region", "an AWS region", regionForm, &r.Region}, {"account", "an account number, 12 digits", accountForm, &r.Account},
		{"repo", "the name of a repository", repositoryForm, &r.Name},
	} {
		if !c.IsSet(o.name) {
			continue
		}
		if *o.value = c.String(o.name); !regexp.MustCompile(o.form).MatchString(*o.value) {
			return r, "", errUsage{fmt.Errorf("--%s %q: not %s", o.name, *o.value, o.what)}
		}
	}
	return r, url, nil
}

// examine collects the evidence of a live run.
func (p *program) examine(c *cli.Context, wanted policies.Repository, url string) (*doctor.Evidence, error) {
	system, err := p.gitSystem()
	if err != nil {
		return nil, err
	}
	if len(p.Passphrase) > 0 {
		system.GitEnviron = []string{"GIT_CREDENTIAL_MFA_PASSPHRASE=" + string(p.Passphrase)}
	}
	options := probe.Options{Offline: c.Bool("offline"), Login: c.Bool("login"), URL: url, Wanted: wanted}
	if c.IsSet("fetch") {
		options.Fetch = probe.FetchNever
		if c.Bool("fetch") {
			options.Fetch = probe.FetchAlways
		}
	}
	defer p.waiting("looking at git")()
	options.Done = p.lookedAt()
	run := probe.Start(c.Context, system, options)
	h := p.helper(c.Context, p.resolve(c, run.HelperOptions()), repositoryTarget(run.Target().Host, run.Target().Name))
	if h.BadSetting = errors.As(h.Err, new(errUsage)); h.BadSetting && p.typedOption(c) {
		return nil, h.Err
	}
	return run.Ask(c.Context, h), nil
}

// gitSystem returns what git is examined in: the current folder and environment.
func (p *program) gitSystem() (probe.System, error) {
	dir, err := os.Getwd()
	if err != nil {
		return probe.System{}, fmt.Errorf("%w: %w", errNoFolder, err)
	}
	return probe.System{Dir: dir, Home: p.home(), Environ: os.Environ(), Getenv: p.Getenv}, nil
}

// errNoFolder is for a current folder that was removed.
var errNoFolder = errors.New("finding the current folder")

// typedOption reports whether the command line has one of the global options.
func (p *program) typedOption(c *cli.Context) bool {
	return slices.ContainsFunc(globalOptions, func(o option) bool {
		return slices.ContainsFunc(c.Lineage(), func(level *cli.Context) bool { return level.IsSet(o.flag) })
	})
}

// helper returns what the helper itself would use if git ran it. What can't be
// got is left out, and the checks report it.
func (p *program) helper(ctx context.Context, s settings, t target) probe.Helper {
	h := probe.Helper{Hints: p.hints, Profile: s.source.Profile, Source: s.source}
	if h.Prompter, h.Err = p.prompter(ctx, s, t); h.Err != nil {
		return h
	}
	if h.Store, h.KeyringErr = p.store(ctx, s); h.KeyringErr != nil {
		if errors.As(h.KeyringErr, new(errUsage)) {
			h.Err = h.KeyringErr
			return h
		}
		s.keyring = setting{text: "none"} // the other checks need none
	}
	t.byHand = true
	h.Provider, h.Err = p.providerOf(ctx, s, t)
	return h
}

// policyOptions are the options that name files of policies, one for each layer.
var policyOptions = []string{"policy", "scp", "rcp", "boundary", "key-policy", "endpoint-policy"}

// live reports whether doctor looks at git, the system and AWS, as it does
// unless it is given files of policies.
func live(c *cli.Context) bool {
	for _, name := range policyOptions {
		if len(pathsOf(c, name)) > 0 {
			return false
		}
	}
	return true
}

const userForm = `^arn:[^:]+:iam::[0-9]{12}:user/.+$`

// checkPolicyOptions refuses options that contradict each other.
func checkPolicyOptions(c *cli.Context) error {
	for name, says := range map[string]string{
		"boundary": "a user has one permissions boundary", "key-policy": "a repository has one key", "endpoint-policy": "git goes through one endpoint",
	} {
		if len(pathsOf(c, name)) > 1 {
			return errUsage{fmt.Errorf("--%s: %s", name, says)}
		}
	}
	user := c.String("user")
	if strings.HasPrefix(user, "arn:") && !regexp.MustCompile(userForm).MatchString(user) {
		return errUsage{fmt.Errorf("--user %s: not a user's ARN (arn:aws:iam::ACCOUNT:user/NAME)", user)}
	}
	switch all, each := c.Bool("all-users"), c.Bool("each"); {
	case all && each:
		return errUsage{errors.New("choose one of --all-users and --each")}
	case all && user != "":
		return errUsage{errors.New("choose one of --all-users and --user")}
	case (all || each) && len(pathsOf(c, "policy")) == 0:
		return errUsage{errors.New("--all-users and --each need policies from files: --policy FILE")}
	case c.Bool("audit") && live(c):
		return errUsage{errors.New("--audit needs policies from files: --policy FILE")}
	}
	return nil
}

// sources returns the files that the options name.
func (p *program) sources(c *cli.Context) policyfile.Sources {
	return policyfile.Sources{
		Policies: pathsOf(c, "policy"), SCPs: pathsOf(c, "scp"), RCPs: pathsOf(c, "rcp"), Boundaries: pathsOf(c, "boundary"),
		Keys: pathsOf(c, "key-policy"), Endpoints: pathsOf(c, "endpoint-policy"), User: c.String("user"), Stdin: p.Stdin,
	}
}

// judge returns the report on one set of policies.
func (p *program) judge(c *cli.Context, repository policies.Repository, set policyfile.Set, err error) doctor.Report {
	given := doctor.PolicyEvidence{Case: policies.Case{Set: set, Repository: repository, Now: time.Now()}, Err: err, Audit: c.Bool("audit")}
	given.Repository.Account = cmp.Or(repository.Account, set.User.Account())
	// The details of a whole account say what is allowed.
	given.AssumeAllow = !set.Complete
	if c.IsSet("assume-allow") {
		given.AssumeAllow = c.Bool("assume-allow")
	}
	r := p.examined(c, &doctor.Evidence{Policies: given})
	if files := pathsOf(c, "policy"); r.Source == "" && len(files) > 0 {
		r.Source = files[0]
	}
	return r
}

// subjects judges several users or documents, each by itself.
func (p *program) subjects(c *cli.Context, repository policies.Repository) doctor.Subjects {
	read := p.sources(c).Each
	if c.Bool("all-users") {
		read = p.sources(c).AllUsers
	}
	all, err := read()
	if err != nil {
		all = []policyfile.Subject{{Name: "policies", Err: err}}
	}
	s := doctor.Subjects{Audit: c.Bool("audit"), Home: doctor.NewHome(gitexec.Homes(os.Environ())...), Folders: currentFolders(), Version: p.Version}
	for _, one := range all {
		s.All = append(s.All, doctor.Subject{Name: one.Name, Report: p.judge(c, repository, one.Set, one.Err)})
	}
	return s
}
