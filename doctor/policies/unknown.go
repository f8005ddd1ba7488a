package policies

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// openQuestion is what hangs on one unknown thing.
type openQuestion struct {
	key        string
	actions    []string
	who        []string
	statements []*policy.Statement
}

// Depends names what would have to be known.
func (c *Case) Depends() Finding {
	questions := c.openQuestions()
	if len(questions) == 0 {
		return fine()
	}
	var detail, fixes []string
	var statements statementSet
	for _, q := range questions {
		detail = append(detail, fmt.Sprintf("%s: decides %s, for %s", keyWords(q.key), join(q.actions), join(q.who)))
		statements.add(q.statements...)
		if option := optionFor(q.key); option != "" && !slices.Contains(fixes, option) {
			fixes = append(fixes, option)
		}
	}
	fix := ""
	if len(fixes) > 0 {
		fix = "git-credential-mfa doctor " + strings.Join(fixes, " ")
	}
	if c.mendedByMFA() {
		detail = append(detail, "A session with MFA is allowed whatever it turns out to be: "+configure)
		fix = cmp.Or(fix, configure)
	}
	return finding(detail, fix, statements.list)
}

// mendedByMFA reports whether long-term keys may be refused and MFA may not.
func (c *Case) mendedByMFA() bool {
	for _, action := range gitActions {
		if c.at(action, LongTerm, Direct).Outcome == policy.Depends && c.at(action, MFA, Direct).Outcome != policy.Allowed {
			return false
		}
	}
	return c.at(gitPull, LongTerm, Direct).Outcome == policy.Depends || c.at(gitPush, LongTerm, Direct).Outcome == policy.Depends
}

// openQuestions are sorted as the decisions are. What only a direct call to KMS
// hangs on says nothing about git.
func (c *Case) openQuestions() []*openQuestion {
	var all []*openQuestion
	for _, d := range c.Decisions() {
		if d.Outcome != policy.Depends || isKMS(d.Action) && d.Via == Direct {
			continue
		}
		for _, key := range d.DependsOn {
			i := slices.IndexFunc(all, func(q *openQuestion) bool { return strings.EqualFold(q.key, key) })
			if i < 0 {
				i, all = len(all), append(all, &openQuestion{key: key})
			}
			q := all[i]
			q.add(d)
			if len(q.statements) == 0 {
				q.statements = d.Statements
			}
		}
	}
	return all
}

// add notes what a decision is about.
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

func keyWords(key string) string {
	if key == policy.UnknownResource {
		return "which KMS key encrypts the repository"
	}
	return key
}

// optionFor is the option that makes a key known.
func optionFor(key string) string {
	switch strings.ToLower(key) {
	case "aws:username", "aws:principalarn", "aws:userid":
		return "--user NAME"
	case "aws:requestedregion":
		return "--region REGION"
	case "aws:principalaccount", "aws:resourceaccount", "kms:calleraccount":
		return "--account ACCOUNT"
	}
	return ""
}
