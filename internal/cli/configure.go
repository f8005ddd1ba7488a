package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/probe"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/internal/stored"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

func fileFlags(dryRun string) []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "global", Usage: "the user's file, ~/.gitconfig (the default)"},
		&cli.BoolFlag{Name: "system", Usage: "the machine's file, for every user"},
		&cli.BoolFlag{Name: "local", Usage: "the repository's file"},
		&cli.StringFlag{Name: "file", Usage: "use this `FILE`"},
		&cli.BoolFlag{Name: "dry-run", Usage: dryRun},
	}
}

func (p *program) configureCommand() *cli.Command {
	return &cli.Command{
		Name: "configure", Usage: "have git ask this helper for CodeCommit", ArgsUsage: "[REPOSITORY-URL...]",
		Description: "Writes a block at the end of git's configuration file: for every CodeCommit host, or, with URLs, for single " +
			"repositories, such as those of another account. The profile and the global options in use become part of the " +
			"block, since graphical programs often have no AWS_PROFILE.\n\n" +
			"At a terminal it then looks up the MFA device, and offers to delete CodeCommit passwords that other helpers " +
			"have stored.",
		Flags: append(fileFlags("print the block without writing it"),
			&cli.BoolFlag{Name: "yes", Usage: "answer yes to every question, and accept a profile that does not exist"},
			&cli.StringSliceFlag{Name: "region", Usage: "name the hosts of this `REGION` instead of wildcards, for git before 2.26 and programs such as cargo"}),
		Action: p.configure,
	}
}

func (p *program) configure(c *cli.Context) error {
	labels, err := p.labelsFor(c)
	if err != nil {
		return err
	}
	profile := p.profileToWrite(c)
	s := p.resolve(c, map[string]string{optionProfile.flag: profile})
	path, helper, err := p.helperValue(c, profile)
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
	if profile != "" && errors.Is(s.sourceErr, awssource.ErrNoProfile) && !c.Bool("yes") { // mutation: configure refuses a profile that is not there
		return noProfile{s.sourceErr, p.again("--yes")}
	}
	changed, err := gitconfig.Git{}.Install(c.Context, file, plan)
	if err != nil {
		return err
	}
	p.tellWritten(changed, file, helper, profile, labels)
	if err := p.warn(c.Context, file, path); err != nil {
		return err
	}
	if err := p.prepare(c, labels, s); err != nil {
		return err
	}
	p.tell("next: %s", p.next(s.source, s.sourceErr, labels))
	return nil
}

// noProfile is the error for a profile that does not exist, with the command
// that writes it anyway.
type noProfile struct {
	error
	insist string
}

func (e noProfile) Unwrap() error { return e.error }

func (e noProfile) hints(*program) []string { return []string{"to write it anyway: " + e.insist} }

// next returns the command to type after configure.
func (p *program) next(source session.Source, err error, labels []string) string {
	switch {
	case errors.Is(err, awssource.ErrNoProfile), err == nil && source.Unset:
		return "aws configure --profile " + word(p.baseName())
	case err != nil:
		return p.command("doctor")
	case !source.Temporary():
		return p.command("login")
	}
	last := labels[len(labels)-1]
	if _, repository := hostOf(last); repository {
		return "git ls-remote " + last
	}
	return "git clone https://" + codecommit.HostName(cmp.Or(source.Region.Text, "REGION")) + "/v1/repos/NAME"
}

// tellWritten shows what was written, and which profile git uses now.
func (p *program) tellWritten(changed bool, file, helper, profile string, labels []string) {
	if changed {
		p.tell("wrote %s: git asks this helper for %s", file, subject(labels))
	} else {
		p.tell("nothing to change in %s: git already asks this helper for %s", file, subject(labels))
	}
	p.tell("the helper is run as: %s", helper)
	if profile == "" {
		p.tell("the block names no profile: git uses AWS_PROFILE, or else the profile default")
	} else {
		p.tell("the profile is %s, whatever AWS_PROFILE is set to", profile)
	}
}

func subject(labels []string) string {
	if slices.Equal(labels, gitconfig.Hosts()) {
		return "every CodeCommit host"
	}
	return strings.Join(labels, ", ")
}

// warn shows what still keeps git from asking this helper, or passes its
// answers to others. The block is already written, so these are warnings.
func (p *program) warn(ctx context.Context, file, path string) error {
	if gitconfig.Temporary(path) {
		p.tell("warning: %s is in a temporary folder: install the program elsewhere, then run configure again", path)
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
		p.tell("warning: git %v does not support wildcards in host names (%v and later do)", version, gitconfig.Wildcards)
		p.tell("hint: to write your regions instead: %s configure --region REGION", name)
	}
	entries, err := git.Entries(ctx)
	if err != nil {
		return fmt.Errorf("checking what git does now: %w", err)
	}
	if !slices.ContainsFunc(entries, func(e gitconfig.Entry) bool { return sameFile(e.Origin, file) }) {
		p.tell("git does not read %s here", file)
		whole, err := filepath.Abs(file)
		if err != nil {
			return err
		}
		path := word(filepath.ToSlash(whole)) // Git Bash, cmd and PowerShell all read slashes
		p.tell("hint: to have it read everywhere: git config --global include.path %s", path)
		p.tell("hint: to have it read in one folder: git config --global includeIf.gitdir:FOLDER/.path %s", path)
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

// warnOfPasswords shows, from doctor's checks, the credentials that git uses
// before it asks a helper: a netrc file, a header, a user in a URL that it
// rewrites.
func (p *program) warnOfPasswords(ctx context.Context, sections []gitconfig.Section) error {
	system, err := p.gitSystem()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, url := range gitconfig.Samples(sections, nil) {
		for _, r := range doctor.Passwords(probe.Settings(ctx, system, url)) {
			if first, _, _ := strings.Cut(r.Detail, "\n"); !seen[r.Code] {
				seen[r.Code] = true
				p.tell("warning: %s: %s (%s)", r.Title.English, first, r.Code)
				p.tell("hint: %s", r.Fix)
			}
		}
	}
	return nil
}

func sameFile(one, other string) bool {
	a, err := os.Stat(one)
	b, otherErr := os.Stat(other)
	return err == nil && otherErr == nil && os.SameFile(a, b)
}

// tellOthers shows that git asks this helper for the configured repositories
// only, as after "configure URL --profile CLIENT": the profile may be wrong for
// the others of that host.
func (p *program) tellOthers(sections []gitconfig.Section, entries []gitconfig.Entry) {
	for _, s := range sections {
		host, repository := hostOf(s.Label)
		if !repository {
			continue
		}
		chain, err := gitconfig.Effective(entries, "https://"+host+"/v1/repos/another")
		if err == nil && !chain.Reached() && chain.Broken == nil {
			p.tell("git does not ask this helper for other repositories of %s", host)
			p.tell("hint: to use it for every CodeCommit repository: %s configure", name)
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

// profileToWrite returns the profile that the helper's line names, or "". It
// includes AWS_PROFILE, which may be missing where git runs.
func (p *program) profileToWrite(c *cli.Context) string {
	return cmp.Or(p.lookup(c, nil, optionProfile).text, p.Getenv("AWS_PROFILE"))
}

// helperValue returns this program's path, and the helper line that runs it
// with a profile and the options of the command line.
func (p *program) helperValue(c *cli.Context, profile string) (path, helper string, err error) {
	if path, err = gitconfig.Executable(); err != nil {
		return "", "", err
	}
	var args []string
	if profile != "" {
		args = append(args, "--profile", profile)
	}
	args = append(args, p.givenOptions(c)...)
	if _, err = p.lookup(c, nil, optionDuration).sessionLength(); err == nil {
		_, err = p.lookup(c, nil, optionPrompt).oneOf(prompt.Modes)
	}
	if err == nil {
		_, err = p.lookup(c, nil, optionKeyring).oneOf(keyringNames)
	}
	if err != nil {
		return "", "", err
	}
	helper, err = gitconfig.Command(path, args...)
	return path, helper, err
}

// givenOptions returns the global options of the command line, without the
// profile. The environment's are left out.
func (p *program) givenOptions(c *cli.Context) []string {
	var args []string
	for _, o := range []option{optionDuration, optionSerial, optionProcess, optionPrompt, optionKeyring} {
		if value := p.lookup(c, nil, option{flag: o.flag}).text; value != "" {
			args = append(args, "--"+o.flag, value)
		}
	}
	return args
}

const (
	// deviceLimit is short: a device not found now is looked for again with the
	// first code.
	deviceLimit = 10 * time.Second
	// confirmLimit is how long a yes or no is waited for. No answer is a no.
	confirmLimit = 2 * time.Minute
)

// prepare looks up the MFA device and offers to delete stored passwords, so
// that the first clone works. git's configuration is already written, so
// failures are warnings. Without a terminal and without --yes it asks nothing,
// deletes nothing and does not call AWS.
func (p *program) prepare(c *cli.Context, labels []string, s settings) error {
	source, err := s.source, s.sourceErr
	switch {
	case err == nil && source.Unset:
		err = fmt.Errorf("the profile %q has no AWS credentials yet: %w", source.Profile, session.ErrNoCredentials)
	case err == nil && (source.Keys.HasKeys() || source.Stored) && !source.Temporary() && (c.Bool("yes") || p.StdinIsTerminal()):
		err = p.findDevice(c, s)
	}
	if c.Context.Err() != nil {
		return errReported(1)
	}
	if err != nil {
		p.tellWarning(err)
	}
	var hosts []string
	for _, label := range labels {
		host, _ := hostOf(label)
		hosts = append(hosts, host)
	}
	if region := source.Region.Text; region != "" {
		hosts = append(hosts, codecommit.HostName(region))
	}
	return p.forgetOthers(c, hosts)
}

// findDevice shows which MFA device the codes come from. The error says that
// there is none which STS can use.
func (p *program) findDevice(c *cli.Context, s settings) error {
	provider, err := p.providerOf(c.Context, s, target{})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context, deviceLimit)
	defer cancel()
	choose := provider.ChooseDevice
	provider.ChooseDevice = func(_ context.Context, serials []string) (string, error) {
		if !p.StdinIsTerminal() { // a window would make a script wait
			return "", severalDevices{fmt.Errorf("which MFA device? there are %d", len(serials)), serials}
		}
		asking, cancel := context.WithTimeout(c.Context, confirmLimit) // a person takes longer than IAM
		defer cancel()
		return choose(asking, serials)
	}
	serial, from, err := provider.FindDevice(ctx)
	if err != nil {
		return err
	}
	p.tell("the MFA device is %s, %s", serial, from)
	return nil
}

var deleteLeftover = language.Text{English: "%s still has %s for %s: delete it?", Japanese: "%[1]s に %[3]s の %[2]s が残っています。削除しますか"}

// forgetOthers offers to delete the CodeCommit passwords that other helpers
// have stored. git no longer asks those helpers, but the passwords hold session
// tokens, and other programs would still get 403 with them.
func (p *program) forgetOthers(c *cli.Context, hosts []string) error {
	system, err := p.gitSystem()
	if err != nil {
		return err
	}
	hosts = append(hosts, system.RemoteHosts(c.Context)...)
	helpers := stored.NewAsker(c.Context, "git", system.Dir, system.Home, system.Environ)
	for _, left := range helpers.Leftovers(c.Context, hosts) {
		if !left.OfNoUse() { // mutation: Git credentials are left
			p.tell("%s still has %s for %s, which git no longer asks it for", left.Name(), left, left.Host)
			p.tell("hint: to delete it: %s", left.Erase())
			continue
		}
		yes, err := p.confirm(c, deleteLeftover.Format(left.Name(), left, left.Host))
		switch {
		case err != nil:
			return err
		case !yes:
			p.tell("%s still has %s for %s, which no longer works", left.Name(), left, left.Host)
			p.tell("hint: to delete it: %s", p.again("--yes"))
			continue
		}
		if err := helpers.Forget(c.Context, left); err != nil {
			p.tell("warning: %v", err)
			p.tell("hint: %s", left.Erase())
			continue
		}
		p.tell("%s deleted what it had stored for %s", left.Name(), left.Host)
	}
	return nil
}

// again returns this command line with one more option. It keeps the other
// options, since they decide what is written. User names and passwords in URLs
// are left out.
func (p *program) again(option string) string {
	args := slices.Clone(p.Args[1:])
	at := slices.Index(args, "--")
	if at < 0 {
		at = len(args)
	}
	words := []string{name}
	for _, arg := range slices.Insert(args, at, option) {
		if u, err := url.Parse(arg); err == nil && u.User != nil {
			u.User = nil // mutation: a hint repeats no password of a URL
			arg = u.String()
		}
		words = append(words, word(arg))
	}
	return strings.Join(words, " ")
}

// confirm asks for a yes or no at a terminal. Without one the answer is no, so
// that no script waits. The error is for Ctrl-C.
func (p *program) confirm(c *cli.Context, question language.Text) (bool, error) {
	if c.Bool("yes") {
		return true, nil
	}
	if !p.StdinIsTerminal() {
		return false, nil // mutation: nothing is forgotten unasked
	}
	asker, err := p.prompter(c.Context, p.settings, target{byHand: true})
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(c.Context, confirmLimit)
	defer cancel()
	yes, err := asker.Confirm(ctx, question)
	if err != nil {
		p.trace("not asked: %v", err)
	}
	if c.Context.Err() != nil {
		return false, errReported(1)
	}
	return yes, nil
}

// hostOf returns the host of a section's label, and whether the label is the URL
// of one repository.
func hostOf(label string) (host string, repository bool) {
	host, _, repository = strings.Cut(strings.TrimPrefix(label, "https://"), "/")
	return host, repository
}

func (p *program) unconfigureCommand() *cli.Command {
	return &cli.Command{
		Name: "unconfigure", Usage: "remove what configure has written",
		Flags: fileFlags("print the block without removing it"),
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
