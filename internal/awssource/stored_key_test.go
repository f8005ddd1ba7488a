package awssource

import "testing"

func TestServesItself(t *testing.T) {
	for line, want := range map[string]bool{
		`"/usr/local/bin/git-credential-mfa" --profile "my team" credential-process`: true,
		`git-credential-mfa --profile='my team' --keyring file credential-process`:   true,
		`"/usr/local/bin/git-credential-mfa" --profile other credential-process`:     false,
		`"/usr/local/bin/git-credential-mfa" credential-process`:                     false,
		`"/usr/local/bin/other" --profile "my team" credential-process`:              false,
		`"/usr/local/bin/git-credential-mfa" --profile "my team" get`:                false,
		`"/usr/local/bin/git-credential-mfa" --profile "my team credential-process`:  false,
		``: false,
	} {
		if got := ServesItself(line, "my team"); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}
