package policy

import (
	"regexp"
	"strings"
	"sync"
)

// principals are those of a statement (reference_policies_elements_principal).
type principals struct {
	not      bool
	everyone bool
	accounts []string // account numbers
	ids      []string // ARNs of users and roles, and their unique IDs
	unknown  []glob   // patterns for texts that are not known completely
}

// accountForm is an account as a principal: its number, or the ARN of its root.
var accountForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:arn:[^:]*:iam::([0-9]{12}):root|([0-9]{12}))$`)
})

// principals reads Principal or NotPrincipal.
func (b *builder) principals(s *Statement, n *node, what string, elements map[string]*node) error {
	value, found := elements["Principal"]
	negated, not := elements["NotPrincipal"]
	if not {
		value = negated
	}
	switch {
	case (found || not) && !b.layer.principals():
		return b.errorf(value.line, "%s %w", what, ErrPrincipal)
	case found && not:
		return b.errorf(negated.line, "%s has both Principal and NotPrincipal", what)
	case !found && !not && b.layer.principals():
		return b.errorf(n.line, "%s names no Principal, which a %s needs", what, b.layer)
	case value == nil:
		return nil
	}
	s.principals.not = not
	if value.kind != objectKind {
		return b.principal(s, what+": Principal", "AWS", value)
	}
	for _, m := range value.members {
		if err := b.principal(s, what+": Principal "+m.name, m.name, m.value); err != nil {
			return err
		}
	}
	return nil
}

// principal reads the principals of one kind.
func (b *builder) principal(s *Statement, what, kind string, value *node) error {
	texts, err := b.strings(value, what, false)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if kind != "AWS" {
			// Services and identity providers are never a user.
			s.Principals = append(s.Principals, kind+": "+text)
			continue
		}
		s.Principals = append(s.Principals, text)
		s.principals.add(text)
	}
	return nil
}

func (p *principals) add(text string) {
	parts := accountForm().FindStringSubmatch(text)
	switch {
	case strings.Contains(text, Unspecified):
		p.unknown = append(p.unknown, newGlob(gapsOpen([]rune(text))))
	case text == "*":
		p.everyone = true
	case parts != nil:
		p.accounts = append(p.accounts, parts[1]+parts[2])
	default:
		p.ids = append(p.ids, text)
	}
}

// names says whether the principal of the request is named itself, or by "*",
// and whether its account is. According to its page, NotPrincipal excepts a
// user only together with the account; naming the user alone "might" do
// something else, so that the result is unknown.
func (p principals) names(q *query) (itself, account verdict) {
	itself, account = verdict{is: no}, verdict{is: no}
	if p.everyone {
		itself = verdict{is: yes}
	}
	for _, name := range p.ids {
		key := "aws:PrincipalArn"
		if !strings.HasPrefix(name, "arn:") {
			key = "aws:userid"
		}
		itself = itself.or(q.isOne(key, name))
	}
	for _, number := range p.accounts {
		account = account.or(q.ofAccount(number))
	}
	for _, pattern := range p.unknown {
		one, all := q.mayBe(pattern)
		itself, account = itself.or(one), account.or(all)
	}
	if !p.not {
		return itself, account
	}
	left := itself
	if !p.everyone && itself.is != no && account.is != yes {
		left = dependsOn("NotPrincipal")
	}
	return left.not(), verdict{is: no}
}

// isOne compares a key of the request with a text of a policy.
func (q *query) isOne(key, text string) verdict {
	equal := fact{operator: stringEquals, key: strings.ToLower(key), text: text}
	values, v := q.lookup(equal.key, key)
	if v.is == maybe {
		return v.about(equal)
	}
	one := verdict{is: no}
	for _, actual := range values {
		one = one.or(value{actual, key}.equals(equal))
	}
	return one
}

// equals compares a value with the text of a fact, which is about it if it is
// known in part.
func (v value) equals(f fact) verdict {
	f.actual = v.text
	return v.verdict(newGlob([]rune(f.text)).matchValue(v.text)).about(f)
}

// mayBe says whether a principal that is not known completely may be that of
// the request, and whether it may be the principal's account.
func (q *query) mayBe(pattern glob) (itself, account verdict) {
	arns := q.context["aws:principalarn"]
	if len(arns) == 0 {
		return dependsOn(UnknownText), dependsOn(UnknownText)
	}
	itself, account = verdict{is: no}, verdict{is: no}
	for _, arn := range arns {
		parts := strings.SplitN(arn, ":", arnParts)
		if len(parts) < arnParts {
			continue
		}
		if pattern.matchValue(arn) != no {
			itself = dependsOn(UnknownText)
		}
		root := strings.Join(parts[:arnParts-1], ":") + ":root"
		if pattern.matchValue(root) != no || pattern.matchValue(parts[4]) != no {
			account = dependsOn(UnknownText)
		}
	}
	return itself, account
}

// ofAccount says whether the principal of the request belongs to an account, by
// aws:PrincipalAccount or else by its ARN.
func (q *query) ofAccount(number string) verdict {
	const key, principal = "aws:PrincipalAccount", "aws:PrincipalArn"
	if _, known := q.context[strings.ToLower(key)]; known {
		return q.isOne(key, number)
	}
	for _, arn := range q.context[strings.ToLower(principal)] {
		if parts := strings.SplitN(arn, ":", arnParts); len(parts) == arnParts {
			return value{parts[4], key}.equals(fact{operator: stringEquals, key: strings.ToLower(key), text: number})
		}
	}
	return q.isOne(key, number)
}
