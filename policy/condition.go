package policy

import "strings"

// Condition is one key under one operator of a statement's Condition, as in
// "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}.
type Condition struct {
	Operator string   // as written
	Key      string   // as written
	Values   []string // JSON's booleans and numbers as text
	Line     int      // of the key

	// Name is the operator as the IAM user guide writes it, without prefix and
	// IfExists, such as "Bool"; empty when this package does not know it.
	Name     string
	IfExists bool
	Set      Set

	key     string // lower case
	negated bool
	tests   []test // of the values that can match
}

// compile fills in what follows from the exported fields. It returns the values
// that no request can match.
func (c *Condition) compile(variables bool) (useless []string) {
	c.key = strings.ToLower(c.Key)
	o, set, ifExists, found := parseOperator(c.Operator)
	if !found {
		return nil
	}
	c.Name, c.Set, c.IfExists, c.negated = o.name, set, ifExists, o.negated
	for _, text := range c.Values {
		if o.compile == nil {
			if !isBool(text) {
				useless = append(useless, text)
			}
			continue
		}
		if t := o.compile(text, variables); t != nil {
			c.tests = append(c.tests, t)
		} else {
			useless = append(useless, text)
		}
	}
	return useless
}

// holds says whether the condition is met. The pages:
// reference_policies_elements_condition_operators ("Condition operators with
// multiple keys or values", IfExists, Null) and
// reference_policies_condition-single-vs-multi-valued-context-keys.
func (c *Condition) holds(q *query) verdict {
	if c.Name == "" {
		// An operator newer than this package must not hide a Deny.
		return dependsOn(c.Operator)
	}
	values, v := q.lookup(c.key, c.Key)
	switch {
	case v.is == maybe:
		return v
	case c.Name == null:
		return known(c.wants(len(values) == 0))
	case len(values) == 0:
		return known(c.holdsWithout())
	case c.Set == ForAllValues:
		all := verdict{is: yes}
		for _, value := range values {
			if all = all.and(c.accepts(value, q)); all.is == no {
				break
			}
		}
		return all
	case c.Set == NoSet && c.negated:
		// None of the key's values may be one of the policy's.
		return c.some(values, c.equals, q).not()
	}
	return c.some(values, c.accepts, q)
}

// wants reports whether Null asks for a key that is absent, or present.
func (c *Condition) wants(absent bool) bool {
	for _, text := range c.Values {
		if isBool(text) && strings.EqualFold(text, "true") == absent {
			return true
		}
	}
	return false
}

// holdsWithout is the answer when the key is absent: what BoolIfExists is about.
// An absent key is not equal to anything, so that a negated operator holds.
func (c *Condition) holdsWithout() bool {
	switch {
	case c.IfExists || c.Set == ForAllValues:
		return true
	case c.Set == ForAnyValue:
		return false
	}
	return c.negated
}

// accepts tests one value of the request: it is one of the policy's values, or
// for a negated operator none of them ("NOR").
func (c *Condition) accepts(value string, q *query) verdict {
	if c.negated {
		return c.equals(value, q).not()
	}
	return c.equals(value, q)
}

func (c *Condition) equals(value string, q *query) verdict {
	one := verdict{is: no}
	for _, t := range c.tests {
		if one = one.or(t(value, q)); one.is == yes {
			break
		}
	}
	return one
}

func (c *Condition) some(values []string, holds func(string, *query) verdict, q *query) verdict {
	one := verdict{is: no}
	for _, value := range values {
		if one = one.or(holds(value, q)); one.is == yes {
			break
		}
	}
	return one
}
