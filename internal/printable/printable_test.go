package printable

import (
	"encoding/json"
	"strings"
	"testing"
)

// steering has a character of each kind: C0, CR, DEL, C1 as a character and as
// a byte, each of Bidi_Control, the separators.
const steering = "\x00\x1b]0;x\a\r\x7f\u009b\x9b\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\u0085"

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mb\r\n\u202ec\u2028d\u009be\t\x9bö 日本": "a?[31mb???c?d?e\t\ufffdö 日本",
		"\u200dnon-joiners and 👩\u200d💻 stay":           "\u200dnon-joiners and 👩\u200d💻 stay",
		"": "",
	} {
		if got := Line(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	if got := Text("a\nb\r\nc" + steering); strings.Count(got, "\n") != 2 || strings.ContainsFunc(strings.ReplaceAll(got, "\n", ""), steers) {
		t.Errorf("%q", got)
	}
}

func TestWriteJSON(t *testing.T) {
	valid := strings.ToValidUTF8(steering, "")
	var out strings.Builder
	if err := WriteJSON(&out, map[string]string{"<k&": valid + "\n日本"}); err != nil {
		t.Fatal(err)
	}
	if text := strings.ReplaceAll(out.String(), "\n", ""); strings.ContainsFunc(text, steers) || !strings.Contains(text, `  "<k&": "\u0000\u001b]0;x\u0007`) || !strings.Contains(text, `日本`) {
		t.Errorf("%q", text)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil || back["<k&"] != valid+"\n日本" {
		t.Errorf("%q, %v", back, err)
	}
	if err := WriteJSON(&out, func() {}); err == nil {
		t.Error("a function was written")
	}
}
