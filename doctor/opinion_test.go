package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// TestSimulator compares opinions with decisions: MFA is asked for here, and
// KMS needs no Allow.
func TestSimulator(t *testing.T) {
	const deny, lack, allow = policy.ExplicitDeny, policy.ImplicitDeny, policy.Allowed
	for name, v := range map[string]struct {
		opinion Opinion
		level   Level
		says    string
	}{
		"the same":             {Opinion{gitPull, LongTerm, Direct, deny, nil, false}, OK, "1 of its answers"},
		"allowed there":        {Opinion{gitPull, LongTerm, Direct, allow, []string{"Admin"}, false}, Warning, "codecommit:GitPull, long-term keys: denied here, allowed there, by Admin"},
		"denied there":         {Opinion{gitPush, MFA, Direct, deny, []string{"Other"}, false}, Warning, "codecommit:GitPush, a session with MFA: allowed here, denied there, by Other"},
		"not allowed there":    {Opinion{gitPush, MFA, Direct, lack, nil, false}, Warning, "allowed here, not allowed there"},
		"KMS needs no Allow":   {Opinion{"kms:Decrypt", MFA, Forwarded, lack, nil, false}, OK, ""},
		"KMS denied there":     {Opinion{"kms:Decrypt", MFA, Forwarded, deny, nil, false}, Warning, "kms:Decrypt by way of CodeCommit, a session with MFA: allowed here, denied there"},
		"KMS allowed there":    {Opinion{"kms:Decrypt", LongTerm, Forwarded, allow, nil, false}, Warning, "denied here, allowed there"},
		"organization too":     {Opinion{gitPull, LongTerm, Direct, lack, nil, true}, OK, ""},
		"organization's alone": {Opinion{gitPull, MFA, Direct, lack, nil, true}, Warning, "service control policy"},
		"depends here":         {Opinion{"kms:Encrypt", MFA, Forwarded, deny, nil, false}, OK, "0 of its answers were compared, 1 depend"},
	} {
		c := &Case{Live: &Evidence{Simulator: SimulatorEvidence{Opinions: []Opinion{v.opinion}}}}
		c.Documents = []*policyfile.Document{document(t, policy.Identity, allowAny, askForMFA,
			`"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.1"}}`)}
		r := judge(ccm402, checkSimulator)(context.Background(), c)
		if len(r) != 1 || r[0].Level != v.level || !strings.Contains(r[0].Detail, v.says) {
			t.Errorf("%s: want %s, %q: %+v", name, v.level, v.says, r)
		}
	}
}

// TestSimulatorRequest: a key without a value is left out, as AWS leaves the
// keys of MFA out for long-term keys, and only then.
func TestSimulatorRequest(t *testing.T) {
	c := &Case{}
	for who, want := range map[Credentials]string{LongTerm: "", MFA: "aws:MultiFactorAuthAge=300 numeric aws:MultiFactorAuthPresent=true boolean "} {
		got := ""
		for _, e := range entries(c.request(gitPull, who, Direct).Context) {
			if strings.Contains(*e.ContextKeyName, "MultiFactor") {
				got += *e.ContextKeyName + "=" + strings.Join(e.ContextKeyValues, ",") + " " + string(e.ContextKeyType) + " "
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", who, got, want)
		}
	}
}
