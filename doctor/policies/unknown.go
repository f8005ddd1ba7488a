package policies

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// openQuestion says which decisions depend on one unknown key.
type openQuestion struct {
	key     string
	actions []string
	who     []string
}

// Depends names the unknown keys on which decisions depend.
func (c *Case) Depends() Finding {
	questions, statements := c.openQuestions()
	if len(questions) == 0 {
		return fine()
	}
	var detail, fixes []string
	for i, q := range questions {
		if i < 2*maxLines {
			detail = append(detail, fmt.Sprintf("%s: decides %s, for %s", keyWords(q.key), join(q.actions), join(q.who)))
		}
		for _, option := range c.optionsFor(q.key, statements) {
			if !slices.Contains(fixes, option) {
				fixes = append(fixes, option)
			}
		}
	}
	if rest := len(questions) - 2*maxLines; rest > 0 {
		detail = append(detail, "and "+count(rest, "more key"))
	}
	fix := ""
	if len(fixes) > 0 {
		fix = "git-credential-mfa doctor " + strings.Join(fixes, " ")
	}
	if c.fixedByMFA() {
		detail = append(detail, "A session with MFA is allowed in either case: "+configure)
		fix = cmp.Or(fix, configure)
	}
	return finding(detail, fix, statements)
}

// fixedByMFA reports whether long-term keys may be refused, and a session with
// MFA is surely allowed.
func (c *Case) fixedByMFA() bool {
	open := false
	for _, action := range gitActions {
		if c.at(action, LongTerm, Direct).Outcome == policy.Depends {
			open = true
			if c.at(action, MFA, Direct).Outcome != policy.Allowed {
				return false
			}
		}
	}
	for _, action := range gitKMS {
		if c.at(action, MFA, Forwarded).Outcome != policy.Allowed {
			return false
		}
	}
	return open
}

// openQuestions returns the unknown keys in the order of the decisions, and the
// statements with them. Direct calls to KMS are left out: git makes none.
func (c *Case) openQuestions() ([]*openQuestion, []*policy.Statement) {
	var all []*openQuestion
	var statements statementSet
	known := make(map[string]*openQuestion)
	for _, d := range c.Decisions() {
		if d.Outcome != policy.Depends || isKMS(d.Action) && d.Via == Direct {
			continue
		}
		statements.add(d.Statements...)
		for _, key := range d.DependsOn {
			q := known[strings.ToLower(key)]
			if q == nil {
				q = &openQuestion{key: key}
				known[strings.ToLower(key)] = q
				all = append(all, q)
			}
			q.add(d)
		}
	}
	return all, statements.list
}

// add notes the action and the credentials of a decision.
func (q *openQuestion) add(d Decision) {
	what := d.Action
	if isKMS(what) {
		what = "KMS via CodeCommit"
	}
	if !slices.Contains(q.actions, what) {
		q.actions = append(q.actions, what)
	}
	if who := subjects[d.Credentials]; !slices.Contains(q.who, who) {
		q.who = append(q.who, who)
	}
}

// keyNames returns the names of unknown keys for people.
func keyNames(keys []string) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = keyWords(key)
	}
	return names
}

func keyWords(key string) string {
	switch key {
	case policy.UnknownResource:
		return "which repository, or which KMS key, the request is for"
	case policy.UnknownText:
		return "what the template fills in"
	}
	return key
}

// optionsFor returns the options that make a key known.
func (c *Case) optionsFor(key string, statements []*policy.Statement) []string {
	given := func(option, value, known string) []string {
		if known != "" {
			return nil
		}
		return []string{option + " " + value}
	}
	switch strings.ToLower(key) {
	case "aws:username", "aws:principalarn", "aws:userid":
		return given("--user", "NAME|ARN", c.User.ARN)
	case "aws:requestedregion", strings.ToLower(keyVia):
		return given("--region", "REGION", c.Repository.Region)
	case "aws:principalaccount", "aws:resourceaccount", "kms:calleraccount":
		return given("--account", "ACCOUNT", c.Repository.Account)
	case policy.UnknownResource:
		return c.resourceOptions(statements)
	}
	return nil
}

// resourceOptions returns the options for those parts of an ARN that statements
// name and that are not known.
func (c *Case) resourceOptions(statements []*policy.Statement) []string {
	var options []string
	for i, o := range []struct{ known, option string }{
		{c.Repository.Region, "--region REGION"}, {c.Repository.Account, "--account ACCOUNT"}, {c.Repository.Name, "--repo NAME"},
	} {
		names := func(arn string) bool {
			parts := strings.SplitN(arn, ":", 6)
			return len(parts) == 6 && parts[2] != "kms" && parts[3+i] != "*"
		}
		if o.known == "" && slices.ContainsFunc(statements, func(s *policy.Statement) bool {
			return slices.ContainsFunc(slices.Concat(s.Resources, s.NotResources), names)
		}) {
			options = append(options, o.option)
		}
	}
	return options
}
