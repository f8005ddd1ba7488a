//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// sampleRepository has the policies of a company in a folder.
func sampleRepository(t *testing.T, weak bool) string {
	t.Helper()
	directory := t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, "policies"), 0o700); err != nil {
		t.Fatal(err)
	}
	except := `"iam:ListMFADevices"`
	if weak {
		except += `, "codecommit:*"`
	}
	text := `{"Version": "2012-10-17", "Statement": [{"Sid": "AskForMFA", "Effect": "Deny", "NotAction": [` + except + `], "Resource": "*",
 "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}`
	if err := os.WriteFile(filepath.Join(directory, "policies", "force.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return directory
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestPreCommitHook runs the hook as pre-commit does: the entry and the
// arguments, in the repository.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct {
		ID, Name, Entry, Language, Files string
		Args                             []string
		PassFilenames                    bool `yaml:"pass_filenames"`
	}
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 1 || hooks[0].ID != "git-credential-mfa-audit" || hooks[0].Language != "golang" || hooks[0].PassFilenames {
		t.Fatalf("%+v", hooks)
	}
	words := append(strings.Fields(hooks[0].Entry), hooks[0].Args...)
	if words[0] != "git-credential-mfa" {
		t.Fatal(words)
	}
	for weak, want := range map[bool]int{false: 0, true: 1} {
		command := exec.Command(filepath.Join(built, "git-credential-mfa"), words[1:]...)
		command.Dir = sampleRepository(t, weak)
		out, _ := command.CombinedOutput()
		if got := command.ProcessState.ExitCode(); got != want || weak != strings.Contains(string(out), "CCM201") {
			t.Errorf("weak %t: exit status %d\n%s", weak, got, out)
		}
	}
}

// TestAction runs the shell steps of the action as a runner does, but for the
// steps that are others' actions, and with the program of the other tests in the
// place of the one that it builds.
func TestAction(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Using string
			Steps []struct {
				Name, Uses, Shell, Run string
				Env                    map[string]string
			}
		}
	}
	readYAML(t, "action.yml", &action)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for weak, want := range map[bool]int{false: 0, true: 1} {
		repository, temp := sampleRepository(t, weak), t.TempDir()
		given := map[string]string{"github.action_path": root, "inputs.policies": "policies\n", "inputs.sarif": "policies.sarif"}
		for name, input := range action.Inputs {
			if _, found := given["inputs."+name]; !found {
				given["inputs."+name] = input.Default
			}
		}
		if err := os.Symlink(filepath.Join(built, "git-credential-mfa"), filepath.Join(temp, "git-credential-mfa")); err != nil {
			t.Fatal(err)
		}
		status := 0
		for _, step := range action.Runs.Steps {
			if step.Run == "" || status != 0 {
				continue
			}
			if step.Name == "Build" && strings.HasSuffix(step.Run, ` -o "$RUNNER_TEMP/git-credential-mfa" ./cmd/git-credential-mfa`) {
				continue
			}
			command := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
			command.Dir = repository
			command.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "GITHUB_STEP_SUMMARY="+filepath.Join(temp, "summary.md"))
			for name, value := range step.Env {
				for key, of := range given {
					value = strings.ReplaceAll(value, "${{ "+key+" }}", of)
				}
				command.Env = append(command.Env, name+"="+value)
			}
			out, err := command.CombinedOutput()
			if command.ProcessState == nil {
				t.Fatal(err)
			}
			if status = command.ProcessState.ExitCode(); status != 0 && step.Name != "Audit" {
				t.Fatalf("%s: %s", step.Name, out)
			}
		}
		summary, _ := os.ReadFile(filepath.Join(temp, "summary.md"))
		sarif, _ := os.ReadFile(filepath.Join(repository, "policies.sarif"))
		if status != want || !strings.Contains(string(summary), "## git-credential-mfa doctor") || weak != strings.Contains(string(sarif), `"ruleId": "CCM201"`) || !strings.Contains(string(sarif), `"version": "2.1.0"`) {
			t.Errorf("weak %t: exit status %d\n%s\n%s", weak, status, summary, sarif)
		}
	}
}
