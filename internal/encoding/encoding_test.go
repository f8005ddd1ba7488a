package encoding

import "testing"

func TestUTF8(t *testing.T) {
	for raw, want := range map[string]string{
		"":                              "",
		"plain":                         "plain",
		"\xEF\xBB\xBFx":                 "x",
		"\xFF\xFE":                      "",
		"\xFE\xFF\x00x":                 "x",
		"\xFF\xFEx\x00\x3D\xD8\x00\xDE": "x😀",
		"\xFE\xFF\xD8\x3D\xDE\x00\x00x": "😀x",
		"\xFF\xFE\x3D\xD8x\x00":         "\uFFFDx",
		"\xFF\xFE\x00\xDE\x3D\xD8":      "\uFFFD\uFFFD",
		"\xFF\xFEx\x00y":                "x",
		"\xFF\xFE\xF6\x00\xAC\x20\x3D\xD8\x00\xDE": "ö€😀",
	} {
		if got := string(UTF8([]byte(raw))); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
