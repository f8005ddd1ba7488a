package doctor

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestWrapped(t *testing.T) {
	const sentence = "Deny, NotAction lacks kms:Encrypt, kms:Decrypt, kms:GenerateDataKeyWithoutPlaintext, kms:DescribeKey"
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{sentence, 0, []string{sentence}},
		{sentence, 20, []string{sentence}}, // the terminal does it
		{sentence, 200, []string{sentence}},
		{sentence, 50, []string{
			"Deny, NotAction lacks kms:Encrypt, kms:Decrypt,",
			"  kms:GenerateDataKeyWithoutPlaintext,",
			"  kms:DescribeKey",
		}},
		{"", 80, []string{""}},
		{"  " + sentence, 50, []string{"  " + sentence}},
		{strings.Repeat("é", 50) + " b", 52, []string{strings.Repeat("é", 50) + " b"}}, // columns, not bytes
		{strings.Repeat("x", 90) + " b", 50, []string{strings.Repeat("x", 90), "  b"}},
	} {
		if got := wrapped(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("wrapped(%q, %d):\n%q, want\n%q", c.text, c.width, got, c.want)
		}
	}
}

// TestTextIsBrokenForTheTerminal reads a report on a narrow terminal: its
// sentences fit, and the patch in it stays as it can be copied.
func TestTextIsBrokenForTheTerminal(t *testing.T) {
	const width = 60
	r := Examine(open("testdata/exempts-actions.json"))
	var wide, narrow bytes.Buffer
	if r.Text(&wide, Style{}) != nil || r.Text(&narrow, Style{Width: width}) != nil {
		t.Fatal("writing to a buffer failed")
	}
	if got, want := strings.Fields(narrow.String()), strings.Fields(wide.String()); !slices.Equal(got, want) {
		t.Errorf("other words:\n%s", narrow.String())
	}
	for _, result := range r.Results {
		for _, line := range strings.Split(result.Fix, "\n") {
			if !strings.Contains(narrow.String(), strings.TrimRight(line, " ")) {
				t.Errorf("not whole: %q", line)
			}
		}
		for _, sentence := range strings.Split(result.Detail, "\n") {
			if strings.Count(sentence, " ") > 3 && len(sentence) > width && strings.Contains(narrow.String(), sentence) {
				t.Errorf("not broken: %q", sentence)
			}
		}
	}
}
