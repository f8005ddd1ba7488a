package doctor

import (
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// organized is a policy that asks for MFA, and has an answer that depends.
const organized = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
{"Effect": "Deny", "NotAction": ["iam:ListMFADevices"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
{"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.1"}}}]}`

// TestSimulator compares results with decisions: MFA is asked for here, and
// KMS needs no Allow.
func TestSimulator(t *testing.T) {
	const deny, lack, allow = policy.ExplicitDeny, policy.ImplicitDeny, policy.Allowed
	for name, v := range map[string]struct {
		result policies.SimulatorResult
		level  Level
		says   string
	}{
		"the same":             {policies.SimulatorResult{Action: "codecommit:GitPull", Credentials: policies.LongTerm, Via: policies.Direct, Outcome: deny}, OK, "1 of its answers"},
		"allowed there":        {policies.SimulatorResult{Action: "codecommit:GitPull", Credentials: policies.LongTerm, Via: policies.Direct, Outcome: allow, Policies: []string{"Admin"}}, Warning, "codecommit:GitPull, long-term keys: denied here, allowed there, by Admin"},
		"denied there":         {policies.SimulatorResult{Action: "codecommit:GitPush", Credentials: policies.MFA, Via: policies.Direct, Outcome: deny, Policies: []string{"Other"}}, Warning, "codecommit:GitPush, a session with MFA: allowed here, denied there, by Other"},
		"not allowed there":    {policies.SimulatorResult{Action: "codecommit:GitPush", Credentials: policies.MFA, Via: policies.Direct, Outcome: lack}, Warning, "allowed here, not allowed there"},
		"KMS needs no Allow":   {policies.SimulatorResult{Action: "kms:Decrypt", Credentials: policies.MFA, Via: policies.Forwarded, Outcome: lack}, OK, ""},
		"KMS denied there":     {policies.SimulatorResult{Action: "kms:Decrypt", Credentials: policies.MFA, Via: policies.Forwarded, Outcome: deny}, Warning, "kms:Decrypt by way of CodeCommit, a session with MFA: allowed here, denied there"},
		"KMS allowed there":    {policies.SimulatorResult{Action: "kms:Decrypt", Credentials: policies.LongTerm, Via: policies.Forwarded, Outcome: allow}, Warning, "denied here, allowed there"},
		"organization too":     {policies.SimulatorResult{Action: "codecommit:GitPull", Credentials: policies.LongTerm, Via: policies.Direct, Outcome: lack, ByOrganization: true}, OK, ""},
		"organization's alone": {policies.SimulatorResult{Action: "codecommit:GitPull", Credentials: policies.MFA, Via: policies.Direct, Outcome: lack, ByOrganization: true}, Warning, "service control policy"},
		"depends here":         {policies.SimulatorResult{Action: "kms:Encrypt", Credentials: policies.MFA, Via: policies.Forwarded, Outcome: deny}, OK, "0 of its answers were compared, 1 depend"},
	} {
		e := &Evidence{Live: true}
		e.Policies.Simulator.Results = []policies.SimulatorResult{v.result}
		if err := e.Policies.Add(policy.Identity, "p", "", []byte(organized)); err != nil {
			t.Fatal(err)
		}
		r := runCheck("CCM402", e)
		if r.Level != v.level || !strings.Contains(r.Detail, v.says) {
			t.Errorf("%s: want %s, %q: %+v", name, v.level, v.says, r)
		}
	}
}
