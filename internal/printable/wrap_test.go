package printable

import (
	"slices"
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc…": 4, "é": 1, "e\u0301": 1, "日本語": 6, "MFA コード": 10, "（。）": 6, "한글": 4, "ﾊﾟ": 2, "😀": 2} {
		if got := Columns(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
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
		{"git がリポジトリにアクセスできません: リモートの URL にユーザーが埋め込まれている", 40, []string{
			"git がリポジトリにアクセスできません:",
			"  リモートの URL にユーザーが",
			"  埋め込まれている",
		}},
		{"このプログラムは、「コード」を尋ねます。それから答えます。", 40, []string{
			"このプログラムは、「コード」を尋ねます。",
			"  それから答えます。",
		}},
	} {
		if got := Wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("Wrap(%q, %d):\n%q, want\n%q", c.text, c.width, got, c.want)
		}
	}
}
