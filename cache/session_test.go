package cache

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
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

// The sums come from a program in another language, so that a change of the
// key's bytes is noticed: it would orphan every stored session.
func TestKeys(t *testing.T) {
	plain := Identity{Partition: "aws", Source: "AKIAEXAMPLE", Serial: "arn:aws:iam::123456789012:mfa/phone"}
	chain := Identity{Partition: "aws", Source: "AKIAEXAMPLE", Role: "r", ExternalID: "e", RoleSessionName: "n"}
	for want, got := range map[string]string{
		"4dcdadb7bf5f3fae4cef5e57726cb227813062d54f7afd99b38a00639684e6ee":        plain.Key(),
		"299e126cdbf86c28d41fb7062f28ce052661c9dfb8d1917e2d383ab317c8695d":        chain.Key(),
		"device-a6036c415003f8819f792e95ee1d003aebdf18f5c10d096cc92e510384acbeeb": deviceKey(plain),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestKeyIsUnambiguous: fields that are merely strung together would let one
// account's session answer for another's.
func TestKeyIsUnambiguous(t *testing.T) {
	seen := map[string]Identity{}
	for _, id := range []Identity{
		{}, {Partition: "a"}, {Source: "a"}, {Serial: "a"}, {Role: "a"}, {ExternalID: "a"}, {RoleSessionName: "a"},
		{Partition: "aa"}, {Partition: "a", Source: "a"}, {Source: "aa"}, {Source: "a", Serial: "a"},
		{Partition: "a\x00", Source: "a"}, {Partition: "a", Source: "\x00a"}, {Partition: "a\x01a"},
		{Partition: "a", Source: "\x01a"}, {Role: "a", ExternalID: "b"}, {Role: "ab"}, {ExternalID: "b", RoleSessionName: "a"},
	} {
		if other, twice := seen[id.Key()]; twice {
			t.Errorf("%+v and %+v share a key", id, other)
		}
		seen[id.Key()] = id
	}
}

// The stored JSON must not change: a new version reads what an older one wrote.
func TestStoredForm(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	s := Session{Identity: Identity{Partition: "aws", Source: "S", Serial: "d", Role: "r", ExternalID: "e", RoleSessionName: "n"},
		Profile: "p", ARN: "a", Account: "1", Serial: "d", AccessKeyID: "A", SecretAccessKey: "K", SessionToken: "T",
		Expiration: at, ClockOffset: 7, SpentCode: "123456"}
	k := LongTermKey{AccessKeyID: "A", SecretAccessKey: "K", Profile: "p", Created: at, Origin: "o", Replaces: "R", Rotating: at}
	session, err := encodeSession(s)
	key, keyErr := encodeLongTermKey(k)
	if err != nil || keyErr != nil {
		t.Fatal(err, keyErr)
	}
	for got, want := range map[string]string{
		string(session): `{"v":1,"identity":{"partition":"aws","source":"S","serial":"d","role":"r","external_id":"e","role_session_name":"n"},` +
			`"profile":"p","arn":"a","account":"1","serial":"d","access_key_id":"A","secret_access_key":"K","session_token":"T",` +
			`"expiration":"2026-01-02T02:04:05Z","clock_offset":7,"spent_code":"123456"}`,
		string(key): `{"v":1,"access_key_id":"A","secret_access_key":"K","profile":"p","created":"2026-01-02T02:04:05Z","origin":"o",` +
			`"replaces":"R","rotating":"2026-01-02T02:04:05Z"}`,
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
