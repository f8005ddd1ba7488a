package policy

import (
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

func compileString(wildcards, fold bool) compiler {
	return func(text string, variables bool) test {
		t := newTemplate(text, style{variables: variables, wildcards: wildcards, fold: fold})
		var ready glob
		if t.fixed() {
			runes, _ := t.resolve(nil)
			ready = newGlob(runes)
		}
		return func(value string, q *query) verdict {
			g, resolved := ready, verdict{is: yes}
			if !t.fixed() {
				var runes []rune
				runes, resolved = t.resolve(q)
				g = newGlob(runes)
			}
			if fold {
				value = strings.ToLower(value)
			}
			return resolved.and(known(g.match(value)))
		}
	}
}

func compileARN(text string, variables bool) test {
	pattern := newARN(text, variables)
	return func(value string, q *query) verdict {
		return pattern.match(q, value, false)
	}
}

// compileBool ignores case: "False" is in use, and JSON's false reads as text.
func compileBool(text string, variables bool) test {
	if !variables || !strings.Contains(text, "${") {
		if !isBool(text) {
			return nil
		}
	}
	return compileString(false, true)(text, variables)
}

func isBool(text string) bool {
	return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

// compileBinary compares the base64 texts, which are canonical on both sides.
func compileBinary(text string, _ bool) test {
	return func(value string, _ *query) verdict {
		return known(value == text)
	}
}

func equal(c int) bool          { return c == 0 }
func less(c int) bool           { return c < 0 }
func lessOrEqual(c int) bool    { return c <= 0 }
func greater(c int) bool        { return c > 0 }
func greaterOrEqual(c int) bool { return c >= 0 }

func compileNumeric(holds func(int) bool) compiler {
	return func(text string, _ bool) test {
		limit, ok := parseNumber(text)
		if !ok {
			return nil
		}
		return func(value string, _ *query) verdict {
			n, ok := parseNumber(value)
			return known(ok && holds(n.Cmp(limit)))
		}
	}
}

// parseNumber bounds the text, as big.Rat writes 1e999999999 out in full.
func parseNumber(text string) (*big.Rat, bool) {
	if len(text) > 64 || strings.Trim(text, "+-.0123456789eE") != "" {
		return nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if exponent, err := strconv.Atoi(text[i+1:]); err != nil || exponent < -400 || exponent > 400 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(text)
}

// compileDate compares times, not texts: a policy may write any of the forms.
func compileDate(holds func(int) bool) compiler {
	return func(text string, _ bool) test {
		limit, ok := parseDate(text)
		if !ok {
			return nil
		}
		return func(value string, _ *query) verdict {
			t, ok := parseDate(value)
			return known(ok && holds(t.Compare(limit)))
		}
	}
}

// dateLayouts are the W3C profiles of ISO 8601 (w3.org/TR/NOTE-datetime), which
// the operators' page names, and the zone without a colon. time.Parse accepts a
// fraction of a second by itself.
var dateLayouts = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05", "2006-01-02", "2006-01", "2006",
}

// parseDate reads a date or seconds since 1970. Four digits are a year.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}

// compileIP accepts a range or a single address.
func compileIP(text string, _ bool) test {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil
		}
		address = address.Unmap()
		network = netip.PrefixFrom(address, address.BitLen())
	}
	return func(value string, _ *query) verdict {
		address, err := netip.ParseAddr(value)
		return known(err == nil && network.Contains(address.Unmap()))
	}
}
