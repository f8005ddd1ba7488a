package policyfile

import (
	"encoding/json"
	"testing"
)

// FuzzValue compares with encoding/json: members, items and strings.
func FuzzValue(f *testing.F) {
	for _, text := range []string{`{"a": [1, "b\"]", {"c": {}}, [], true], "d\u0061": -1.5e3, "": null}`, ` [ ] `, `"\\"`, `[{"a":1,"a":2}]`, `7`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want any
		if json.Unmarshal(text, &want) != nil {
			return
		}
		same(t, NewValue(text), want)
	})
}

func same(t *testing.T, s Value, want any) {
	switch want := want.(type) {
	case map[string]any:
		last := make(map[string]Value)
		for _, m := range s.Items() {
			last[m.Name()] = m.Value()
		}
		if len(last) != len(want) || s.Kind() != '{' {
			t.Fatalf("%s: %d members, want %d", s.Raw(), len(last), len(want))
		}
		for name, value := range want {
			same(t, last[name], value)
		}
	case []any:
		items := s.Items()
		if len(items) != len(want) || s.Kind() != '[' {
			t.Fatalf("%s: %d items, want %d", s.Raw(), len(items), len(want))
		}
		for i, item := range items {
			same(t, item, want[i])
		}
	case string:
		if s.String() != want {
			t.Fatalf("%s: %q, want %q", s.Raw(), s.String(), want)
		}
	default:
		var got any
		if err := json.Unmarshal(s.Raw(), &got); err != nil || got != want {
			t.Fatalf("%q: %v, want %v", s.Raw(), got, want)
		}
	}
}
