package cache

import (
	"testing"

	"github.com/godbus/dbus/v5"
)

// TestSecretOfAnyShape: whoever owns the name on the bus may answer anything.
func TestSecretOfAnyShape(t *testing.T) {
	path := dbus.ObjectPath("/s")
	good := []any{[]any{path, []byte{}, []byte("data"), "text/plain"}}
	if data, err := value(good); string(data) != "data" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	for _, answer := range [][]any{nil, {}, {"data"}, {[]byte("data")}, {[]any{}}, {[]any{path, []byte{}, "data", "text/plain"}},
		{[]any{path, []byte{}, []byte("data")}}, {[]any{path, []byte{}, dbus.MakeVariant([]byte("data")), ""}}, append(good, good...)} {
		if data, err := value(answer); data != nil || err == nil {
			t.Errorf("%v: %q, %v", answer, data, err)
		}
	}
}
