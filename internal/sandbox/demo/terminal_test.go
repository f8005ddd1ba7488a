package main

import (
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	for text, want := range map[string]string{
		"a\r\nb":                     "a\nb",
		"10%\r100%\r\ndone":          "100%\ndone",
		"remote: 50%\rremote:\x1b[K": "remote:",
		"12345678901":                "1234567890\n1",
		"\x1b[1;31mred\x1b[0m ink":   "red ink",
		"ends in \x1b[":              "ends in ",
	} {
		var rows []string
		for _, row := range render(text, 10+strings.Count(text, "e")) {
			line := ""
			for _, cell := range row {
				line += string(cell.char)
			}
			rows = append(rows, line)
		}
		if got := strings.Join(rows, "\n"); got != want {
			t.Errorf("%q shows %q, want %q", text, got, want)
		}
	}
	rows := render("\x1b[1;31mr\x1b[0mb", 80)
	if hex, bold := colour(rows[0][0].style); hex != "#ff7b72" || !bold {
		t.Error("not red and bold:", rows[0][0])
	}
	if hex, bold := colour(rows[0][1].style); hex != "#e6edf3" || bold {
		t.Error("not plain:", rows[0][1])
	}
}

func TestSVGEscapes(t *testing.T) {
	picture := svg("a < b", render("x <&> y", 80), 80)
	if !strings.Contains(picture, "x &lt;&amp;&gt; y") || !strings.Contains(picture, "<title>a &lt; b</title>") {
		t.Error(picture)
	}
}
