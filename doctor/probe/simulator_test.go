package probe

import (
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

// TestSimulatorRequest: a key without a value is left out, as AWS leaves the
// keys of MFA out for long-term keys, and only then.
func TestSimulatorRequest(t *testing.T) {
	for _, q := range (&policies.Case{}).SimulatorQuestions() {
		want := map[policies.Credentials]string{policies.MFA: "aws:MultiFactorAuthAge=300 numeric aws:MultiFactorAuthPresent=true boolean "}[q.Credentials]
		if q.Via == policies.Forwarded && q.Credentials == policies.LongTerm {
			want = "aws:MultiFactorAuthPresent=false boolean "
		}
		got := ""
		for _, e := range entries(q.Context) {
			if strings.Contains(*e.ContextKeyName, "MultiFactor") {
				got += *e.ContextKeyName + "=" + strings.Join(e.ContextKeyValues, ",") + " " + string(e.ContextKeyType) + " "
			}
		}
		if got != want {
			t.Errorf("%s, %s: %q, want %q", q.Credentials, q.Via, got, want)
		}
	}
}
