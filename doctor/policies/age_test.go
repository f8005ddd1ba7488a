package policies

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// slowLimit asks at every age.
func slowLimit(c *Case, longest int) (limit int, found bool) {
	for _, d := range c.Decisions() {
		if d.Credentials != MFA || isKMS(d.Action) && d.Via == Direct {
			continue
		}
		passes := false
		for age := range longest {
			r := c.request(d.Action, MFA, d.Via)
			r.Context[keyAge] = []string{strconv.Itoa(age)}
			refused := c.decide(c.stack(stackOf(d.Action, d.Via)), r, MFA, d.Via).refused()
			if refused && passes && (!found || age-1 < limit) {
				limit, found = age-1, true
			}
			if passes = !refused; !passes {
				break
			}
		}
	}
	return limit, found
}

// TestAgeLimit compares with asking at every age, over random policies.
func TestAgeLimit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	limits := 0
	for range 400 {
		var statements []string
		for range 1 + random.IntN(4) {
			effect := pick("Deny", "Allow")
			operator := pick("NumericGreaterThan", "NumericGreaterThanIfExists", "NumericGreaterThanEquals")
			if effect == "Allow" {
				operator = pick("NumericLessThan", "NumericLessThanEquals", "NumericLessThanIfExists")
			}
			condition := fmt.Sprintf(`{"%s": {"aws:MultiFactorAuthAge": "%d%s"}}`, operator, random.IntN(20), pick("", "", ".5"))
			if random.IntN(5) == 0 {
				condition = pick("{}", `{"IpAddress": {"aws:SourceIp": "192.0.2.1"}}`)
			}
			statements = append(statements, fmt.Sprintf(`{"Effect": "%s", "Action": "%s", "Resource": "*", "Condition": %s}`,
				effect, pick("*", "codecommit:*", "codecommit:GitPush", "kms:Decrypt"), condition))
		}
		text := `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ",\n") + "]}"
		d, err := policy.Parse("p", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c := &Case{AssumeAllow: random.IntN(2) == 0, Set: policyfile.Set{Documents: []*policyfile.Document{{Document: d, Layer: policy.Identity}}}}
		aged := c.statements("", func(s *policy.Statement) bool { return ofKey(s, keyAge) })
		limit, action := c.ageLimit(aged)
		want, found := slowLimit(c, 30)
		if found != (action != "") || limit != want {
			t.Errorf("assumed %t: %d by %q, want %d %t\n%s", c.AssumeAllow, limit, action, want, found, text)
		}
		if found {
			limits++
		}
	}
	t.Logf("%d limits", limits)
}

func TestHours(t *testing.T) {
	for seconds, want := range map[int]string{0: "0s", 59: "59s", 60: "1m", 600: "10m", 3600: "1h", 5400: "1h30m", 36001: "10h0m1s", 129600: "36h"} {
		if got := hours(seconds); got != want {
			t.Errorf("%d: %s, want %s", seconds, got, want)
		}
	}
}
