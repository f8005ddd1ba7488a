package policies

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// AWS's limits of a session in seconds (GetSessionToken in the STS API
// reference).
const (
	longest  = 129600
	shortest = 900
)

// AgeLimit reports how old a session may get before the policies refuse it.
func (c *Case) AgeLimit() Finding {
	aged := func(s *policy.Statement) bool {
		return slices.ContainsFunc(s.Conditions, func(c *policy.Condition) bool {
			return strings.EqualFold(c.Key, keyAge) && c.Name != "Null"
		})
	}
	statements := slices.Concat(c.statements(policy.Deny, aged), c.statements(policy.Allow, aged))
	statements = slices.DeleteFunc(statements, func(s *policy.Statement) bool {
		return !slices.ContainsFunc(slices.Concat(gitActions, kmsActions), s.Covers)
	})
	limit, action := c.ageLimit(statements)
	switch {
	case action == "":
		return fine()
	case limit >= longest:
		return fine(fmt.Sprintf("the limit of %d s is not shorter than AWS's own of %d s", limit, longest))
	}
	detail := []string{fmt.Sprintf("%s is refused when the MFA is more than %d s (%s) old: a session works until then", action, limit, hours(limit))}
	for i, s := range statements {
		if i == maxLines {
			detail = append(detail, "and more")
			break
		}
		for _, condition := range s.Conditions {
			if strings.EqualFold(condition.Key, keyAge) {
				detail = append(detail, s.Effect+", "+condensed(condition))
			}
		}
	}
	fix := fmt.Sprintf("aws configure set mfa_session_duration %d", limit)
	if limit < shortest {
		fix = fmt.Sprintf("raise the limit: AWS's shortest session is %d s", shortest)
	}
	return finding(detail, fix, statements)
}

// hours formats seconds, as in "1h30m".
func hours(seconds int) string {
	text := (time.Duration(seconds) * time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// ageLimit returns the greatest age at which everything that passes at age 0
// still passes, and an action that is refused after it; "" if there is none.
func (c *Case) ageLimit(statements []*policy.Statement) (limit int, action string) {
	limit = math.MaxInt
	groups := make(map[string]bool)
	for _, a := range slices.Concat(gitActions, kmsActions) {
		via := Direct
		if isKMS(a) {
			via = Forwarded
		}
		if group := coverages(statements, a) + string(via); groups[group] {
			continue // the same statements give the same answer
		} else {
			groups[group] = true
		}
		r := c.request(a, MFA, via)
		stack := stackOf(a, via)
		if r.Context[keyAge] = []string{"0"}; c.decide(c.stack(stack), r, MFA, via).refused() {
			continue // it is refused at any age
		}
		first := c.firstRefusal(policy.Deny, statements, r)
		// A layer that allows without these statements sets no limit.
		for _, layer := range c.withoutStatements(stack, statements).Evaluate(r).Lacking {
			first = min(first, c.firstRefusal(policy.Allow, c.inLayer(layer, statements), r))
		}
		if first-1 < limit {
			limit, action = first-1, a
		}
	}
	if limit >= math.MaxInt-1 {
		return 0, ""
	}
	return limit, action
}

// firstRefusal returns the first age above 0 at which a Deny surely applies, or
// at which the last Allow no longer does; math.MaxInt for never. Whether a
// statement applies changes only near its own numbers, so that it is tried
// there and nowhere else.
func (c *Case) firstRefusal(effect string, statements []*policy.Statement, r policy.Request) int {
	at := func(age int, some []*policy.Statement) *statementSet {
		r.Context[keyAge] = []string{strconv.Itoa(age)}
		if effect == policy.Allow {
			return applying(some, r)
		}
		var set statementSet
		sure, _ := policy.Applying(some, r)
		set.add(sure...)
		return &set
	}
	statements = slices.DeleteFunc(slices.Clone(statements), func(s *policy.Statement) bool { return s.Effect != effect })
	begin := at(0, statements)
	changes := make(map[*policy.Statement]int)
	for _, age := range ages(statements) {
		now := at(age.seconds, age.statements)
		for _, s := range age.statements {
			if _, found := changes[s]; !found && begin.has[s] == (effect == policy.Allow) && now.has[s] != begin.has[s] {
				changes[s] = age.seconds
			}
		}
	}
	if effect == policy.Deny {
		return slices.Min(append(slices.Collect(maps.Values(changes)), math.MaxInt))
	}
	return lastAllow(begin.list, changes)
}

// lastAllow returns the age at which the last of some Allows no longer applies;
// math.MaxInt if one always does, or none ever did.
func lastAllow(statements []*policy.Statement, changes map[*policy.Statement]int) int {
	last := 0
	for _, s := range statements {
		age, found := changes[s]
		if !found {
			return math.MaxInt
		}
		last = max(last, age)
	}
	if last == 0 {
		return math.MaxInt
	}
	return last
}

// askAt is an age, and the statements that have a number near it.
type askAt struct {
	seconds    int
	statements []*policy.Statement
}

// ages returns the ages just below and above each number on the key, in order.
func ages(statements []*policy.Statement) []askAt {
	near := make(map[int]*statementSet)
	for _, s := range statements {
		for _, condition := range s.Conditions {
			if !strings.EqualFold(condition.Key, keyAge) {
				continue
			}
			for _, value := range condition.Values {
				n, err := strconv.ParseFloat(value, 64)
				if err != nil || n < 0 || n > 2*longest {
					continue
				}
				low, high := int(math.Floor(n)), int(math.Ceil(n))
				for _, age := range []int{max(0, low-1), low, high, high + 1} {
					if near[age] == nil {
						near[age] = &statementSet{}
					}
					near[age].add(s)
				}
			}
		}
	}
	var all []askAt
	for _, age := range slices.Sorted(maps.Keys(near)) {
		all = append(all, askAt{age, near[age].list})
	}
	return all
}
