package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/urfave/cli/v2"
)

// The script for PowerShell, which few machines have, is read by people: it is
// pinned for a small program.
func TestCompletionPowerShell(t *testing.T) {
	var out bytes.Buffer
	p := &program{System: System{Stdout: &out, Getenv: os.Getenv}}
	app := &cli.App{
		Name: "small", Writer: &out, HideHelpCommand: true,
		Flags: []cli.Flag{globalFlags()[0], globalFlags()[4]},
		Commands: []*cli.Command{
			{Name: "doctor", Usage: "say what's wrong", Flags: []cli.Flag{&cli.GenericFlag{Name: "policy", Usage: "judge `FILE` (repeatable)"}, &cli.BoolFlag{Name: "secret", Hidden: true}}},
			p.completionCommand(),
		},
	}
	if err := app.RunContext(context.Background(), []string{"small", "completion", "powershell"}); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "small.ps1")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(want, out.Bytes()) {
		t.Errorf("%v\n%s", err, out.Bytes())
	}
}

func TestProfileNames(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials")}
	getenv := func(name string) string { return env[name] }
	if got := profileNames(getenv); len(got) != 0 {
		t.Errorf("%q without files", got)
	}
	for name, text := range map[string]string{
		"config": "# [profile comment]\n[default]\r\nregion = x\n[profile work]\n[profile\t\"big team\"] # why\n[profile '日本']\n" +
			"[sso-session s]\n[services t]\n[profiles]\n[profile open\n[plain]\n [indented]\n[]\n",
		"credentials": "[default]\n[old style]\n[work]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := profileNames(getenv), []string{"big team", "default", "old style", "work", "日本"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

// A flag that takes a value in one command and none in another could not be
// told apart by what stands before the cursor.
func TestFlagsAreOfOneKind(t *testing.T) {
	p := &program{System: System{Getenv: os.Getenv}}
	kind := map[string]bool{}
	for _, command := range p.app().Commands {
		for _, f := range completedFlags(command.Flags) {
			if value, seen := kind[f.Name]; seen && value != f.Value {
				t.Errorf("%s %s takes a value here only", command.Name, f.Name)
			}
			kind[f.Name] = f.Value
			if f.Usage == "" {
				t.Errorf("%s %s says nothing", command.Name, f.Name)
			}
		}
	}
}
