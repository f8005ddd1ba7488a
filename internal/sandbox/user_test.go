package sandbox

import (
	"os"
	"testing"
)

func TestWriteAWSFilesReplacesOneProfile(t *testing.T) {
	w, alice, _ := start(t)
	bob, home := w.AddUser("bob"), t.TempDir()
	for _, err := range []error{
		alice.WriteAWSFiles(home, "default", map[string]string{"region": "us-east-1"}),
		bob.WriteAWSFiles(home, "work", map[string]string{"mfa_serial": "one", "aws_session_token": "tok"}),
		alice.WriteAWSFiles(home, "work", map[string]string{"mfa_serial": "two"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	credentials, _ := os.ReadFile(home + "/.aws/credentials")
	config, _ := os.ReadFile(home + "/.aws/config")
	keys := "aws_access_key_id = " + alice.AccessKeyID + "\naws_secret_access_key = " + alice.SecretAccessKey + "\n"
	if got, want := string(credentials), "[default]\n"+keys+"[work]\n"+keys; got != want {
		t.Errorf("credentials:\n%s", got)
	}
	if got, want := string(config), "[default]\nregion = us-east-1\n[profile work]\nmfa_serial = two\n"; got != want {
		t.Errorf("config:\n%s", got)
	}
}
