package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// A code on stdin is read as shells and programs on Windows write it.
func TestCodeFromStdin(t *testing.T) {
	const utf16 = "\xff\xfe1\x002\x003\x004\x005\x006\x00\r\x00\n\x00"
	for stdin, good := range map[string]bool{
		"123456\n": true, "123456": true, "123456\r\n": true, " 123 456 \r\n": true, "123\u00a0456\n": true,
		"\xef\xbb\xbf123456\r\n": true, utf16: true, "\xfe\xff\x001\x002\x003\x004\x005\x006\x00\n": true,
		"": false, "12345\n": false, "1234567\n": false, "\n123456\n": false, "\xff\xfe\n": false,
	} {
		p := &program{System: System{Stdin: strings.NewReader(stdin)}}
		code := ""
		give, err := p.codeFromStdin()
		if err == nil {
			code, err = give(context.Background(), session.Question{})
		}
		if good != (err == nil && code == "123456") {
			t.Errorf("%q: %q, %v", stdin, code, err)
		}
	}
}
