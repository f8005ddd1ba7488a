package prompt

import (
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// The texts of questions. Why a code was refused comes from package session, in
// English.
var (
	heading     = language.Text{English: "AWS MFA for profile %s (%s)", Japanese: "AWS MFA: プロファイル %s (%s)"}
	codeWanted  = language.Text{English: "6-digit code", Japanese: "6 桁のコード"}
	nextWanted  = language.Text{English: "next 6-digit code", Japanese: "次の 6 桁のコード"}
	windowTitle = language.Text{English: "git-credential-mfa: AWS MFA code, 6 digits", Japanese: "git-credential-mfa: AWS の MFA コード (6 桁)"}
	windowFor   = language.Text{English: "For: ", Japanese: "用途: "}
	windowOf    = language.Text{English: "Profile: ", Japanese: "プロファイル: "}
	windowBy    = language.Text{English: "Device: ", Japanese: "デバイス: "}
	rowWanted   = language.Text{English: "number, 1 to %d: ", Japanese: "番号 (1〜%d): "}
	rowPlease   = language.Text{English: "a number from the list, please: ", Japanese: "一覧の番号を入力してください: "}
	yesOrNo     = language.Text{English: "y or n, please: ", Japanese: "y か n を入力してください: "}
	rowInWindow = language.Text{English: "one row of the list, please", Japanese: "一覧から一つ選んでください"}
)

// CodePlease asks again after an answer that is not six digits.
var CodePlease = language.Text{English: "six digits, please", Japanese: "6 桁の数字を入力してください"}

// say returns a text in the person's language, formatted with values.
func (p *Prompter) say(text language.Text, values ...any) string {
	l := language.English
	if p.Language != nil {
		l = p.Language()
	}
	if len(values) == 0 {
		return text.In(l)
	}
	return fmt.Sprintf(text.In(l), values...)
}
