package awsfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func kept(undo *Undo) func(Undo) error {
	return func(u Undo) error {
		*undo = u
		return nil
	}
}

// What an Edit did is taken back to the byte, as long as its own lines stand as
// it left them; what was added since stays.
func TestRevert(t *testing.T) {
	const key, secret = "aws_access_key_id", "aws_secret_access_key"
	out := []Change{unset(key), unset(secret)}
	back := []Change{set(key, "AKIA"), set(secret, "s")}
	for name, c := range map[string]struct {
		old, since, added, want string
	}{
		"as it was":      {"[a]\nx=1\n\n[work]\naws_access_key_id=AKIA\nregion = r\n  aws_secret_access_key=s # mine\n[b]\n", "", "", ""},
		"CRLF":           {"[work]\r\naws_access_key_id = AKIA\r\naws_secret_access_key = s\r\n", "", "", ""},
		"no line end":    {"[work]\naws_access_key_id = AKIA\naws_secret_access_key = s", "", "", ""},
		"below a header": {"[work]\n  aws_access_key_id  :  AKIA\n  aws_secret_access_key  :  s\n", "", "", ""},
		"added since": {"[work]\naws_access_key_id=AKIA\naws_secret_access_key=s\n[b]\n", "[b]\n", "[b]\nnew = 1\n[c]\n",
			"[work]\naws_access_key_id=AKIA\naws_secret_access_key=s\n[b]\nnew = 1\n[c]\n"},
		"changed there since": {"[work]\naws_access_key_id=AKIA\naws_secret_access_key=s\nx = 1\n", "x = 1", "x = 2",
			"[work]\nx = 2\naws_access_key_id = AKIA\naws_secret_access_key = s\n"},
		"section gone since": {"[work]\naws_access_key_id=AKIA\naws_secret_access_key=s\n", "[work]\n", "",
			"[work]\naws_access_key_id = AKIA\naws_secret_access_key = s\n"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "credentials")
			if err := os.WriteFile(file, []byte(c.old), 0o600); err != nil {
				t.Fatal(err)
			}
			var undo Undo
			_, err := EditWithUndo(t.Context(), noLock, file, Credentials, "work", kept(&undo), out...)
			text, _ := os.ReadFile(file)
			if err != nil || strings.Contains(string(text), "AKIA") {
				t.Fatalf("%q, %v", text, err)
			}
			if err := os.WriteFile(file, []byte(strings.Replace(string(text), c.since, c.added, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := Revert(t.Context(), noLock, file, Credentials, "work", undo, back...); err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				c.want = c.old
			}
			if text, _ := os.ReadFile(file); string(text) != c.want {
				t.Errorf("%q, want %q", text, c.want)
			}
		})
	}
}

// Lines that an Edit put in, with their section and their file, are gone again.
func TestRevertOfWhatWasMade(t *testing.T) {
	for _, old := range []string{"", "[default]\nregion = r", "[default]\nregion = r\n", "[profile work]\n", "[profile work]\nregion = r\n\n[profile z]\r\n"} {
		file := filepath.Join(t.TempDir(), "config")
		if old != "" {
			if err := os.WriteFile(file, []byte(old), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var undo Undo
		_, err := EditWithUndo(t.Context(), noLock, file, Config, "work", kept(&undo), set("mfa_access_key_id", "AKIA"), set("credential_process", `"p" q`))
		if err != nil {
			t.Fatal(err)
		}
		if err := Revert(t.Context(), noLock, file, Config, "work", undo, unset("mfa_access_key_id"), unset("credential_process")); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if string(text) != old || (old == "") != os.IsNotExist(err) {
			t.Errorf("%q, want %q: %v", text, old, err)
		}
	}
}

// An Undo that was tampered with, or of another file, never says anything else
// than the changes do.
func TestRevertIsChecked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[work]\nregion = r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	undo := Undo{Before: "[work]\n", Old: "credential_process = evil\n"}
	if err := Revert(t.Context(), noLock, file, Credentials, "work", undo, set("x", "1")); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(file); string(text) != "[work]\nregion = r\nx = 1\n" {
		t.Errorf("%q", text)
	}
}
