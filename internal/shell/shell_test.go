package shell

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"": "''", "work": "work", "a b": "'a b'", "it's": `'it'\''s'`, "arn:aws:iam::1:mfa/a.b+c=d,e@f": "arn:aws:iam::1:mfa/a.b+c=d,e@f",
		"=ls": "'=ls'", "~": "'~'", "é": "'é'", "a\nb": "'a\nb'", "!": "'!'",
	} {
		if got := Quote(word); got != want {
			t.Errorf("%q: %s", word, got)
		}
	}
	if got := Escape(`/a b/c\d é'`); got != `/a\ b/c\\d\ é\'` {
		t.Error(got)
	}
	if got := QuotePowerShell("it's"); got != "'it''s'" {
		t.Error(got)
	}
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"ykman oath accounts code -s aws":    {"ykman", "oath", "accounts", "code", "-s", "aws"},
		`op item get "My AWS" --otp`:         {"op", "item", "get", "My AWS", "--otp"},
		`  a	'b "c"'  d\ e `:                 {"a", `b "c"`, "d e"},
		`a "b\"c\d" ''`:                      {"a", `b"c\d`, ""},
		`a 'b\c'`:                            {"a", `b\c`},
		"a$(b);c|d #e":                       {"a$(b);c|d", "#e"},
		"a\\\nb \\\n c\nd":                   {"ab", "c", "d"},
		" ":                                  nil,
		"":                                   nil,
		"/x/mfa --profile 'a b' --prompt=''": {"/x/mfa", "--profile", "a b", "--prompt="},
	} {
		if got, err := Split(line); !slices.Equal(got, want) || err != nil {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
	for _, line := range []string{`a "b`, `a 'b`, `a \`, `a "b\`} {
		if got, err := Split(line); !errors.Is(err, ErrUnfinished) {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
}

func TestWordsEndWhereTheShellDoesMore(t *testing.T) {
	for line, want := range map[string][]string{
		"aws codecommit credential-helper $@": {"aws", "codecommit", "credential-helper"},
		"f() { git-credential-mfa; }; f":      {"f"},
		`"$HOME/bin/x" --a "$B"`:              {"$HOME/bin/x", "--a", "$B"},
		"a # b":                               {"a"},
		"a#b c":                               {"a#b", "c"},
		"a\nb":                                {"a"},
		`a "b`:                                {"a", "b"},
		"A=b /bin/x|y":                        {"A=b", "/bin/x"},
		`/a\ b/git-credential-mfa --profile 'a b'`: {"/a b/git-credential-mfa", "--profile", "a b"},
	} {
		if got := Words(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q", line, got)
		}
	}
}

func TestSplitWindows(t *testing.T) {
	for line, want := range map[string][]string{
		`C:\tools\ykman.exe "C:\a b\c"`: {`C:\tools\ykman.exe`, `C:\a b\c`},
		`op 'My AWS' ""`:                {"op", "My AWS", ""},
		`a "b\"c" \\\"d \\"e f"`:        {"a", `b"c`, `\"d`, `\e f`},
		`"a""b" "C:\x y\\"`:             {`a"b`, `C:\x y\`},
		" ":                             nil,
		`\\server\share\x.exe a\\b`:     {`\\server\share\x.exe`, `a\\b`},
	} {
		if got, err := SplitWindows(line); !slices.Equal(got, want) || err != nil {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
	for _, line := range []string{`a "b`, `a 'b`} {
		if got, err := SplitWindows(line); !errors.Is(err, ErrUnfinished) {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
	if got := join([]string{`C:\a b\x.exe`, "plain", "a&b", "", `c\`}, QuoteWindows); got != `"C:\a b\x.exe" plain "a&b" "" c\` {
		t.Error(got)
	}
}

// shWords has a real sh split a line.
func shWords(t *testing.T, line string) (words []string, ok bool) {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(sh, "-f", "-c", `printf '%s\0' `+line)
	out, err := cmd.Output()
	if err != nil {
		return nil, false
	}
	fields := bytes.Split(out, []byte{0})
	for _, field := range fields[:len(fields)-1] {
		words = append(words, string(field))
	}
	return words, true
}

// FuzzQuote puts words together and has a real sh take them apart.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"a b", "'", `"`, `\`, "$HOME", "`x`", "a\nb", "é 日本", "~", "*", "!x", "\\\n", "-", "#", "\xff'"} {
		f.Add(seed, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		words := []string{"first", a, b, "last"}
		if strings.ContainsRune(a+b, 0) {
			t.Skip("no argument holds NUL")
		}
		line := Join(words...)
		if got, err := Split(line); !slices.Equal(got, words) || err != nil {
			t.Errorf("%q: %q, %v", line, got, err)
		}
		if got := Words(line); !slices.Equal(got, words) {
			t.Errorf("Words: %q: %q", line, got)
		}
		if got, ok := shWords(t, line); !slices.Equal(got, words) || !ok {
			t.Errorf("sh: %q: %q", line, got)
		}
		if !strings.ContainsRune(a, '\n') && a != "" {
			if got, ok := shWords(t, Escape(a)); !ok || len(got) != 1 || got[0] != a {
				t.Errorf("sh: %q: %q", Escape(a), got)
			}
		}
		line = join(words, QuoteWindows)
		if got, err := SplitWindows(line); !slices.Equal(got, words) || err != nil {
			t.Errorf("Windows: %q: %q, %v", line, got, err)
		}
	})
}

// Lines that nobody quoted are split as sh splits them, and refused where sh
// refuses them.
func TestSplitIsThatOfSh(t *testing.T) {
	const letters = "ab  \t\n'\"\\\\x#"
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 500 {
		var line strings.Builder
		line.WriteString("a ")
		for range random.IntN(12) {
			line.WriteByte(letters[random.IntN(len(letters))])
		}
		text := line.String()
		got, err := Split(text)
		if strings.HasSuffix(text, `\`) {
			continue // shells differ
		}
		want, ok := shWords(t, text)
		switch {
		case ok != (err == nil) && !strings.ContainsAny(text, "\n#"):
			t.Errorf("%q: %v, sh splits it: %v", text, err, ok)
		case err != nil:
			refused++
		case !strings.ContainsAny(strings.ReplaceAll(text, "\\\n", ""), "\n#") && !slices.Equal(got, want):
			t.Errorf("%q: %q, sh: %q", text, got, want)
		case !strings.Contains(text, "\n") && !slices.Equal(Words(text), want):
			t.Errorf("Words: %q: %q, sh: %q", text, Words(text), want)
		}
	}
	if refused == 0 || refused > 400 {
		t.Error("refused:", refused)
	}
}
