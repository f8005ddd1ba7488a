package policies

import "github.com/git-credential-mfa/git-credential-mfa/policy"

// statementSet holds statements, each once, in the order in which they were
// added.
type statementSet struct {
	list []*policy.Statement
	has  map[*policy.Statement]bool
}

func (s *statementSet) add(more ...*policy.Statement) {
	if s.has == nil {
		s.has = make(map[*policy.Statement]bool)
	}
	for _, one := range more {
		if !s.has[one] {
			s.has[one] = true
			s.list = append(s.list, one)
		}
	}
}

// applying returns the statements that apply, or may, to a request.
func applying(statements []*policy.Statement, r policy.Request) *statementSet {
	var set statementSet
	sure, unsure := policy.Applying(statements, r)
	set.add(sure...)
	set.add(unsure...)
	return &set
}

func (s *statementSet) remove(some ...*policy.Statement) {
	for _, one := range some {
		delete(s.has, one)
	}
}

// of returns the statements of a list that are in the set.
func (s *statementSet) of(list []*policy.Statement) []*policy.Statement {
	var found []*policy.Statement
	for _, one := range list {
		if s.has[one] {
			found = append(found, one)
		}
	}
	return found
}
