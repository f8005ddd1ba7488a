package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/probe"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

func fileFlags(dryRun string) []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "global", Usage: "the user's file, ~/.gitconfig (the default)", DisableDefaultText: true},
		&cli.BoolFlag{Name: "system", Usage: "the machine's file, for every user", DisableDefaultText: true},
		&cli.BoolFlag{Name: "local", Usage: "the repository's file", DisableDefaultText: true},
		&cli.StringFlag{Name: "file", Usage: "this `FILE`"},
		&cli.BoolFlag{Name: "dry-run", Usage: dryRun, DisableDefaultText: true},
	}
}

func (p *program) configureCommand() *cli.Command {
	return &cli.Command{
		Name: "configure", Usage: "have git ask this helper for CodeCommit", ArgsUsage: "[REPOSITORY-URL...]",
		Description: "Writes a block at the end of git's configuration file, with a section for each form\n" +
			"of CodeCommit's host names, or for single repositories: those of another account or\n" +
			"profile. It writes the profile and the global options in use into the block,\n" +
			"since graphical programs often have no AWS_PROFILE.\n\n" +
			"At a terminal it then looks up the MFA device, so that the first clone need not, and\n" +
			"offers to have other helpers forget passwords of CodeCommit's that they still hold.",
		Flags: append(fileFlags("print the block, write nothing, ask nothing"),
			&cli.BoolFlag{Name: "yes", Usage: "say yes to all it offers, also without a terminal, and accept a profile that does not exist", DisableDefaultText: true},
			&cli.StringSliceFlag{Name: "region", Usage: "name the hosts of this `REGION` instead of wildcards, for git before 2.26 and programs such as cargo"}),
		Action: p.configure,
	}
}

func (p *program) configure(c *cli.Context) error {
	labels, err := p.labelsFor(c)
	if err != nil {
		return err
	}
	path, helper, err := p.helperValue(c)
	if err != nil {
		return err
	}
	file, err := configFile(c)
	if err != nil {
		return err
	}
	plan := func(old []gitconfig.Section) ([]gitconfig.Section, error) {
		var wanted []gitconfig.Section
		for _, label := range labels {
			wanted = append(wanted, gitconfig.Section{Label: label, Helper: helper})
		}
		return gitconfig.Plan(old, wanted, path)
	}
	if c.Bool("dry-run") {
		old, err := gitconfig.Read(file)
		if err != nil {
			return err
		}
		return p.printBlock(plan(old))
	}
	source, sourceErr := session.ReadSource(c.Context, p.source.Profile)
	if p.source.Profile != "" && errors.Is(sourceErr, session.ErrNoProfile) && !c.Bool("yes") { // mutation: configure refuses a profile that is not there
		return noProfile{sourceErr, p.again("--yes")}
	}
	changed, err := gitconfig.Git{}.Install(c.Context, file, plan)
	if err != nil {
		return err
	}
	p.tellWritten(changed, file, helper, labels)
	if err := p.warn(c.Context, file, path); err != nil {
		return err
	}
	if err := p.prepare(c, labels, source, sourceErr); err != nil {
		return err
	}
	p.tell("next: %s", p.next(source, sourceErr, labels))
	return nil
}

// noProfile is for a profile that is not there, with the command that insists.
type noProfile struct {
	error
	insist string
}

func (e noProfile) Unwrap() error { return e.error }

// next is the command with which a person goes on.
func (p *program) next(source session.Source, err error, labels []string) string {
	switch {
	case errors.Is(err, session.ErrNoProfile), err == nil && source.Unset:
		return "aws configure --profile " + word(p.baseName())
	case err != nil:
		return p.command("doctor")
	case !source.Temporary():
		return p.command("login")
	}
	if _, rest, _ := strings.Cut(labels[len(labels)-1], "://"); strings.Contains(rest, "/") {
		return "git ls-remote " + labels[len(labels)-1]
	}
	return "git clone https://" + codecommit.HostName(cmp.Or(source.Region.Text, "REGION")) + "/v1/repos/NAME"
}

// tellWritten says what git does now.
func (p *program) tellWritten(changed bool, file, helper string, labels []string) {
	if changed {
		p.tell("wrote %s: git asks this helper for %s", file, subject(labels))
	} else {
		p.tell("%s asks this helper already for %s: nothing to change", file, subject(labels))
	}
	p.tell("the helper is run as: %s", helper)
	if p.source.Profile == "" {
		p.tell("no profile is written: git uses the one in AWS_PROFILE, or else the profile default")
	} else {
		p.tell("the profile is %s, whatever AWS_PROFILE says", p.source.Profile)
	}
}

func subject(labels []string) string {
	if slices.Equal(labels, gitconfig.Hosts()) {
		return "every CodeCommit host"
	}
	return strings.Join(labels, ", ")
}

// warn says what still keeps git from asking this helper, or hands its answers
// to others. The block is written by then: nothing here is an error.
func (p *program) warn(ctx context.Context, file, path string) error {
	if gitconfig.Temporary(path) {
		p.tell("warning: %s lies in a temporary folder: install the program, then run configure again", path)
	}
	sections, err := gitconfig.Read(file)
	if err != nil {
		return err
	}
	git := gitconfig.Git{}
	version, err := git.Version(ctx)
	if err != nil {
		p.tell("warning: %v", err)
	} else if version.Less(gitconfig.Wildcards) && slices.ContainsFunc(sections, wildcard) {
		p.tell("warning: git %v takes no wildcard in a host, %v does: name your regions, %s configure --region REGION", version, gitconfig.Wildcards, name)
	}
	entries, err := git.Entries(ctx)
	if err != nil {
		return fmt.Errorf("checking what git does now: %w", err)
	}
	if !slices.ContainsFunc(entries, func(e gitconfig.Entry) bool { return sameFile(e.Origin, file) }) {
		p.tell("git does not read %s here", file)
		p.tell("hint: to have it read everywhere: git config --global include.path %s; in one folder: git config --global includeIf.gitdir:FOLDER/.path %[1]s", word(absolute(file)))
	}
	p.tellOthers(sections, entries)
	concerns, err := gitconfig.Concerns(entries, gitconfig.Samples(sections, entries))
	if err != nil {
		return fmt.Errorf("checking what git does now: %w", err)
	}
	for _, concern := range concerns {
		p.tell("warning: %v", concern)
	}
	return p.warnOfPasswords(ctx, sections)
}

// warnOfPasswords says, by the checks of doctor, what git takes before it asks any
// helper: a netrc, a header, a user in a URL that it rewrites.
func (p *program) warnOfPasswords(ctx context.Context, sections []gitconfig.Section) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, url := range gitconfig.Samples(sections, nil) {
		system := probe.System{Dir: dir, Home: p.home(), Environ: os.Environ(), Getenv: p.Getenv}
		for _, r := range doctor.Passwords(probe.Settings(ctx, system, url)) {
			if first, _, _ := strings.Cut(r.Detail, "\n"); !seen[r.Code] {
				seen[r.Code] = true
				p.tell("warning: %s: %s (%s)", r.Title, first, r.Code)
				p.tell("hint: %s", r.Fix)
			}
		}
	}
	return nil
}

func absolute(file string) string {
	if whole, err := filepath.Abs(file); err == nil {
		return whole
	}
	return file
}

func sameFile(one, other string) bool {
	a, err := os.Stat(one)
	b, otherErr := os.Stat(other)
	return err == nil && otherErr == nil && os.SameFile(a, b)
}

// tellOthers says so if git asks this helper for some repositories and not for
// those beside them: "configure URL --profile CLIENT" is about that repository,
// and the profile need not be right for another.
func (p *program) tellOthers(sections []gitconfig.Section, entries []gitconfig.Entry) {
	for _, s := range sections {
		_, rest, _ := strings.Cut(s.Label, "://")
		host, _, single := strings.Cut(rest, "/")
		if !single {
			continue
		}
		chain, err := gitconfig.Effective(entries, "https://"+host+"/v1/repos/another")
		if err == nil && !chain.Reached() && chain.Broken == nil {
			p.tell("git does not ask this helper for other repositories of %s", host)
			p.tell("hint: to have it asked for every CodeCommit repository: %s configure", name)
			return
		}
	}
}

func (p *program) printBlock(sections []gitconfig.Section, err error) error {
	if err == nil && len(sections) > 0 {
		_, err = fmt.Fprint(p.Stdout, gitconfig.Block(sections))
	}
	return err
}

func wildcard(s gitconfig.Section) bool { return strings.Contains(s.Label, "*") }

// helperValue is what git is to run: this program, with the options given.
func (p *program) helperValue(c *cli.Context) (path, helper string, err error) {
	if path, err = gitconfig.Executable(); err != nil {
		return "", "", err
	}
	if p.source.Profile = p.value(c, optionProfile); p.source.Profile == "" {
		p.source.Profile = p.Getenv("AWS_PROFILE") // git's own environment may not have it
	}
	var args []string
	if p.source.Profile != "" {
		args = append(args, "--profile", p.source.Profile)
	}
	args = append(args, p.givenOptions(c)...)
	if _, err = p.duration(c); err == nil {
		_, err = p.oneOf(c, optionPrompt, prompt.Modes)
	}
	if err == nil {
		_, err = p.oneOf(c, optionKeyring, keyringNames)
	}
	if err != nil {
		return "", "", err
	}
	helper, err = gitconfig.Command(path, args...)
	return path, helper, err
}

// givenOptions are the global options of the command line, less the profile: not
// those of the environment.
func (p *program) givenOptions(c *cli.Context) []string {
	var args []string
	for _, o := range []option{optionDuration, optionSerial, optionProcess, optionPrompt, optionKeyring} {
		if value := p.value(c, option{flag: o.flag}); value != "" {
			args = append(args, "--"+o.flag, value)
		}
	}
	return args
}
