package cache

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSessionPrintsNoSecret(t *testing.T) {
	s := aSession("A", 60)
	forms := []any{s, &s, []Session{s}, []*Session{&s}, map[string]Session{"a": s}, [1]Session{s}, any(s),
		struct{ S Session }{s}, fmt.Errorf("with %v", s)}
	var out strings.Builder
	for _, form := range forms {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%10v", "%!"} {
			fmt.Fprintf(&out, verb+"\n", form)
		}
		data, err := json.Marshal(form)
		fmt.Fprintln(&out, form, string(data), err)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "session", form)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "session", form)
	}
	for _, text := range []string{s.SecretAccessKey, s.SessionToken, s.SpentCode} {
		for _, secret := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("printed %q", secret)
			}
		}
	}
	want := `session{profile "work", account "123456789012", key …LE42, until 2031-02-03T04:05:06Z}`
	if got := fmt.Sprintf("%+v", s); got != want {
		t.Errorf("got %s", got)
	}
	if got := fmt.Sprint(Session{AccessKeyID: "ABCD"}); strings.Contains(got, "ABCD") {
		t.Errorf("a short key id is shown whole: %s", got)
	}
}

// BenchmarkDecodeSession reads an item of 1.5 KB, which every answer does.
func BenchmarkDecodeSession(b *testing.B) {
	s := aSession("A", 800)
	data, err := encodeSession(s)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := decodeSession(sessionKey(s.Identity), data); err != nil {
			b.Fatal(err)
		}
	}
}
