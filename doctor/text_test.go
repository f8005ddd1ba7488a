package doctor

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// TestTextIsBrokenForTheTerminal reads a report on a narrow terminal: its
// sentences fit, and the patch in it stays as it can be copied.
func TestTextIsBrokenForTheTerminal(t *testing.T) {
	const width = 60
	r := Examine(open("testdata/exempts-actions.json"))
	var wide, narrow bytes.Buffer
	if r.Text(&wide, Style{}) != nil || r.Text(&narrow, Style{Width: width}) != nil {
		t.Fatal("writing to a buffer failed")
	}
	// An address is whole where it fits, else in two parts.
	addressless := strings.NewReplacer(manual, "doctor.md#", "doctor.md:\n  "+folder+"\n", "")
	if got, want := strings.Fields(addressless.Replace(narrow.String())), strings.Fields(addressless.Replace(wide.String())); !slices.Equal(got, want) {
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

// TestTextInJapanese: the verdict, the titles, and what leads to the fix and to the
// page are Japanese, within the width, and all that programs read stays English.
func TestTextInJapanese(t *testing.T) {
	const width = 80
	r := Examine(open("testdata/exempts-actions.json"))
	var japanese, english, block, markdown bytes.Buffer
	style := Style{Width: width, Unicode: true, Language: language.Japanese}
	if r.Text(&japanese, style) != nil || r.Text(&english, Style{Width: width, Unicode: true}) != nil || Block(&block, r, style) != nil || r.Markdown(&markdown) != nil {
		t.Fatal("writing to a buffer failed")
	}
	for _, want := range []string{"このポリシーに、git から CodeCommit を使えなくするものはありません。ただし、CodeCommit が MFA の対象から外されている (CCM201)。対処: 下に示す変更\n",
		"‼  CCM201  CodeCommit が MFA の対象から外されている\n", "対処: 次の変更 (git apply または patch -p1 で適用):\n",
		"詳細: doctor.md#ccm201\n", "doctor.md:\n  https://github.com/git-credential-mfa/git-credential-mfa/tree/main/docs/ja\n", "エラー 0、警告 2、"} {
		if !strings.Contains(strings.ReplaceAll(japanese.String(), "\n  ", ""), want) && !strings.Contains(japanese.String(), want) {
			t.Errorf("does not show %q\n%s", want, &japanese)
		}
	}
	wide := bytes.Buffer{}
	if r.Text(&wide, Style{Language: language.Japanese}) != nil || !strings.Contains(wide.String(), "詳細: https://github.com/git-credential-mfa/git-credential-mfa/blob/main/docs/ja/doctor.md#ccm201\n") {
		t.Errorf("no address:\n%s", &wide)
	}
	for line := range strings.Lines(japanese.String()) {
		if printable.Columns(strings.TrimRight(line, "\n")) > width && strings.Contains(line, "を") {
			t.Errorf("wider than the terminal: %q", line)
		}
	}
	kana := regexp.MustCompile(`[\p{Hiragana}\p{Katakana}]`)
	for _, text := range []string{english.String(), block.String(), markdown.String()} {
		if found := kana.FindString(text); found != "" || strings.Contains(text, "docs/ja") {
			t.Errorf("not English: %q\n%s", found, text)
		}
	}
}

// TestVerdictsInJapanese: no sentence of a live run lacks its translation.
func TestVerdictsInJapanese(t *testing.T) {
	finding := Result{Code: "CCM510", Level: Error, Title: language.Text{English: "e", Japanese: "エ"}, Fix: "git-credential-mfa configure"}
	ran := Witness{Command: "git ls-remote"}
	passed := ran
	passed.Passed = true
	for _, c := range []struct {
		r    Report
		want string
	}{
		{Report{Live: true, Witness: passed}, "git はリポジトリにアクセスできます (x)。問題はありません"},
		{Report{Live: true, Witness: passed, Results: []Result{finding}}, "git はリポジトリにアクセスできます (x)。ただし、エ (CCM510)。対処: git-credential-mfa configure"},
		{Report{Live: true, Witness: ran, Results: []Result{finding}}, "git はリポジトリにアクセスできません (x): エ (CCM510)。対処: git-credential-mfa configure"},
		{Report{Live: true, Witness: Witness{Reason: "for --offline", Fix: "git-credential-mfa doctor"}},
			"git がリポジトリにアクセスできない原因は見つかりませんでした (x)。ただし git 自身は実行していません (for --offline)。実行するには: git-credential-mfa doctor"},
		{Report{Results: []Result{finding}}, "このポリシーでは git が CodeCommit を使えません (x): エ (CCM510)。対処: git-credential-mfa configure"},
		{Report{}, "このポリシーに、git から CodeCommit を使えなくするものはありません (x)"},
	} {
		if got := c.r.verdict("x").Japanese; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestDiffLabel promises git apply only where the diff names a file.
func TestDiffLabel(t *testing.T) {
	for diff, want := range map[string]string{
		"# policy a\n--- a/p.json\n+++ b/p.json\n@@ -1 +1 @@\n": "Fix: this change, for git apply or patch -p1:",
		"--- the document in p.yaml\n@@ -1 +1 @@\n-- a/b\n":     "Fix: this change to the document, by hand:",
	} {
		if got := diffLabel(diff).English; got != want {
			t.Errorf("%q: %s", diff, got)
		}
	}
}
