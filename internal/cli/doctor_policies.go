package cli

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

// policyOptions name files of policies, by layer.
var policyOptions = []string{"policy", "scp", "rcp", "boundary", "key-policy", "endpoint-policy"}

// live reports whether doctor is to look at git, the system and AWS: it does
// unless it is given policies to judge.
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
	if len(user) > 4 && user[:4] == "arn:" && !regexp.MustCompile(userForm).MatchString(user) {
		return errUsage{fmt.Errorf("--user %s: that is no user's ARN, arn:aws:iam::ACCOUNT:user/NAME", user)}
	}
	switch all, each := c.Bool("all-users"), c.Bool("each"); {
	case all && each:
		return errUsage{errors.New("--all-users and --each: the users of an account's details, or documents one by one")}
	case all && user != "":
		return errUsage{errors.New("--all-users and --user: all users, or one")}
	case (all || each) && len(pathsOf(c, "policy")) == 0:
		return errUsage{errors.New("--all-users and --each judge policies from files: --policy FILE")}
	case c.Bool("audit") && live(c):
		return errUsage{errors.New("--audit judges policies from files: --policy FILE")}
	}
	return nil
}

// sources are the files that are given.
func (p *program) sources(c *cli.Context) policyfile.Sources {
	return policyfile.Sources{
		Policies: pathsOf(c, "policy"), SCPs: pathsOf(c, "scp"), RCPs: pathsOf(c, "rcp"), Boundaries: pathsOf(c, "boundary"),
		Keys: pathsOf(c, "key-policy"), Endpoints: pathsOf(c, "endpoint-policy"), User: c.String("user"), Stdin: p.Stdin,
	}
}

// fileReport judges policies from files as one user's.
func (p *program) fileReport(c *cli.Context, repository policies.Repository) doctor.Report {
	set, err := p.sources(c).Read()
	return p.judge(c, repository, set, err)
}

// judge is the report on one set of policies.
func (p *program) judge(c *cli.Context, repository policies.Repository, set policyfile.Set, err error) doctor.Report {
	given := doctor.PolicyEvidence{Case: policies.Case{Set: set, Repository: repository, Now: time.Now()}, Err: err, Audit: c.Bool("audit")}
	given.Repository.Account = cmp.Or(repository.Account, set.User.Account())
	// A whole account's details say what is allowed.
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
	s := doctor.Subjects{Audit: c.Bool("audit"), Home: doctor.NewHome(p.homes()...), Version: p.Version}
	for _, one := range all {
		s.All = append(s.All, doctor.Subject{Name: one.Name, Report: p.judge(c, repository, one.Set, one.Err)})
	}
	return s
}
