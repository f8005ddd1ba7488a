package gitconfig

import (
	"slices"
	"testing"
)

func TestInert(t *testing.T) {
	env := Inert([]string{"A=b", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_VALUE_0=x"})
	for _, want := range []string{"A=b", "GIT_CONFIG_KEY_0=credential.helper", "GIT_CONFIG_KEY_1=core.fsmonitor", "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ASKPASS="} {
		if !slices.Contains(env, want) {
			t.Errorf("no %s in %v", want, env)
		}
	}
	if slices.Contains(env, "GIT_CONFIG_COUNT=1") {
		t.Error("the old count stays")
	}
}
