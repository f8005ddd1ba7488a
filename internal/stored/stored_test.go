package stored

import (
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

func TestRecognise(t *testing.T) {
	hex := strings.Repeat("0f", 32)
	for answer, want := range map[string]Kind{
		"":                                   "",
		"username=x\n":                       "",
		"username=bob\npassword=p\n":         Other,
		"username=AKIAEXAMPLE\npassword=p\n": Other,
		"username=bob\npassword=20260101T000000Z" + hex + "\n":                           Other,
		"username=AKIAEXAMPLE\r\npassword=20260101T000000Z" + hex + "\r\n":               Signed,
		"username=ASIAEXAMPLE%tok=en\npassword=20260101T000000Z" + hex + "\n":            Signed,
		"password=abc=\nusername=bob-at-123456789012\n":                                  GitCredential,
		"username=AKIAEXAMPLE\npassword=20260101T000000Z" + hex + "0\n":                  Other,
		"username=ASIAEXAMPLE%\rhost=github.com\npassword=20260101T000000Z" + hex + "\n": Other,
	} {
		h := recognise([]byte(answer))
		if h.Kind != want {
			t.Errorf("%q: %v, want %v", answer, h.Kind, want)
		}
		if want == Signed && !h.SignedAt.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%q: %v", answer, h.SignedAt)
		}
	}
}

// The command that erases a password names the file that the helper uses.
func TestErase(t *testing.T) {
	defer func(here shell.System) { shell.Here = here }(shell.Here)
	shell.Here = shell.Linux
	left := Leftover{Helper: gitconfig.Helper{Entry: gitconfig.Entry{Value: "store --file ~/.keep"}}, Host: "h"}
	if got := left.Erase(); !strings.Contains(got, "git credential-store --file ~/.keep erase") {
		t.Error(got)
	}
}
