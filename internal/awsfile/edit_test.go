package awsfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func noLock(context.Context) (func(), error) { return func() {}, nil }

func set(key, value string) Change { return Change{Key: key, Value: value} }
func unset(key string) Change      { return Change{Key: key, Remove: true} }

func TestChangedText(t *testing.T) {
	for _, c := range []struct {
		name, old string
		kind      Kind
		profile   string
		changes   []Change
		want      string
	}{
		{"a new file", "", Config, "work", []Change{set("region", "eu-west-1")}, "[profile work]\nregion = eu-west-1\n"},
		{"default", "", Config, "default", []Change{set("a", "1"), set("b", "2")}, "[default]\na = 1\nb = 2\n"},
		{"credentials", "# mine\n", Credentials, "work", []Change{set("a", "1")}, "# mine\n\n[work]\na = 1\n"},
		{"no line end", "[a]\nx = 1", Credentials, "b", []Change{set("y", "2")}, "[a]\nx = 1\n\n[b]\ny = 2"},
		{"no line end, same section", "[a]\r\nx = 1", Credentials, "a", []Change{set("y", "2")}, "[a]\r\nx = 1\r\ny = 2"},
		{"below the last key", "[a]\r\nx = 1\r\n\r\n# of b\r\n[b]\r\nx = 2\r\n", Credentials, "a", []Change{set("y", "2")}, "[a]\r\nx = 1\r\ny = 2\r\n\r\n# of b\r\n[b]\r\nx = 2\r\n"},
		{"in its place", "[a]\nX=1 # why\ny : 2\n", Credentials, "a", []Change{set("x", "3"), set("Y", "4")}, "[a]\nX=3 # why\ny : 4\n"},
		{"the one that counts", "[a]\nx = 1\n[b]\n[a]\nx = 2\n", Credentials, "a", []Change{set("x", "3")}, "[a]\nx = 1\n[b]\n[a]\nx = 3\n"},
		{"a value of several lines", "[a]\nx = 1\n  more\ny = 2\n", Credentials, "a", []Change{set("x", "3")}, "[a]\nx = 3\ny = 2\n"},
		{"nested", "[a]\ns3 =\n  x = 1\n", Credentials, "a", []Change{set("x", "3")}, "[a]\ns3 =\n  x = 1\nx = 3\n"},
		{"take all out", "[a]\nx = 1\nk = 2\n x = 3\n[a]\nX = 4\n", Credentials, "a", []Change{unset("x")}, "[a]\nk = 2\n[a]\n"},
		{"take out what is not there", "[a]\nx = 1\n", Credentials, "b", []Change{unset("x")}, "[a]\nx = 1\n"},
		{"the last line", "[a]\r\nx = 1", Credentials, "a", []Change{unset("x")}, "[a]"},
		{"as the AWS CLI quotes", "[profile 'my team']\nx = 1\n", Config, "my team", []Change{set("y", "2")}, "[profile 'my team']\nx = 1\ny = 2\n"},
		{"the default that counts", "[default]\nx = 1\n[profile default]\n", Config, "default", []Change{set("y", "2")}, "[default]\nx = 1\n[profile default]\ny = 2\n"},
		{"a new name with a blank", "", Config, "my team", []Change{set("y", "2")}, "[profile my team]\ny = 2\n"},
		{"a comment on a header", "[ profile\twork ] ; mine\nx = 1\n", Config, "work", []Change{set("x", "2")}, "[ profile\twork ] ; mine\nx = 2\n"},
		{"no value yet", "[a]\nx =\n", Credentials, "a", []Change{set("x", "2")}, "[a]\nx = 2\n"},
		{"the import of a key", "[default]\naws_access_key_id = AKIA\naws_secret_access_key = s\nregion = x\n", Credentials, "default",
			[]Change{unset("aws_access_key_id"), unset("aws_secret_access_key"), set("credential_process", `"/a b/x" --profile default credential-process`)},
			"[default]\nregion = x\n" + `credential_process = "/a b/x" --profile default credential-process` + "\n"},
	} {
		if got, err := changedText(c.old, c.kind, c.profile, c.changes); got != c.want || err != nil {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// What the SDK would read otherwise is refused.
func TestEditRefuses(t *testing.T) {
	for _, c := range []struct {
		old, profile string
		change       Change
		err          error
	}{
		{"", "a", set("x", "y # z"), ErrNotAsWritten},
		{"", "a", set("x", " y"), ErrNotAsWritten},
		{"", "a", set("x", "y\nz = 1"), ErrNotAsWritten},
		{"", "a", set("x", `"y" "z"`), ErrNotAsWritten},
		{"", "a", set("x", `"`), ErrNotAsWritten},
		{"", "a", set("x y:z", "1"), ErrNotAsWritten},
		{"", "a]\n[b", set("x", "1"), ErrNotAsWritten},
		{"", "a#b", set("x", "1"), ErrNotAsWritten},
		{"[a]\ns3 =\nx = 1\n  y = 2\n", "a", unset("x"), ErrNotAsWritten}, // y would become one of s3's
		{"\xef\xbb\xbf[a]\nx = 1\n", "a", set("x", "2"), ByteOrderMark},
		{"\xff\xfe[\x00", "a", set("x", "2"), UTF16},
		{"[a]\nx = \"\n", "a", set("y", "2"), LoneQuote},
	} {
		if got, err := changedText(c.old, Credentials, c.profile, []Change{c.change}); !errors.Is(err, c.err) {
			t.Errorf("%q, %+v: %q, %v", c.old, c.change, got, err)
		}
	}
}

// FuzzEdit: an edit is refused, or the file says what was asked, and all else
// stays.
func FuzzEdit(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "work", "x", "y")
	}
	f.Fuzz(func(t *testing.T, old, profile, key, value string) {
		text, err := changedText(old, Credentials, profile, []Change{set(key, value)})
		if err != nil {
			return
		}
		if got := parse(text).values()[profile][strings.ToLower(key)]; got != value {
			t.Errorf("%q instead of %q in %q", got, value, text)
		}
		without, err := changedText(text, Credentials, profile, []Change{unset(key)})
		if err != nil {
			return // an indented line would belong to another key
		}
		if _, there := parse(without).values()[profile][strings.ToLower(key)]; there || strings.Contains(old, "\n"+key) {
			return
		}
		if again, err := changedText(without, Credentials, profile, []Change{set(key, value)}); err != nil {
			t.Errorf("%q: %v", again, err)
		}
	})
}

func TestEditKeepsTheFile(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "real")
	link := filepath.Join(dir, "credentials")
	if err := os.WriteFile(real, []byte("[a]\nx = 1\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", link); err != nil {
		t.Skip(err)
	}
	if _, err := os.Readlink(link); err != nil {
		t.Skip("Wine makes symlinks, and can't read them:", err)
	}
	// What a killed process has left is nobody's.
	if err := os.WriteFile(filepath.Join(dir, ".real.git-credential-mfa"), []byte("left"), 0o600); err != nil {
		t.Fatal(err)
	}
	changed, err := Edit(context.Background(), noLock, link, Credentials, "a", set("x", "2"))
	if !changed || err != nil {
		t.Fatal(changed, err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the symlink is gone")
	}
	if info, err := os.Stat(real); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Error(info.Mode(), err)
	}
	if text, err := os.ReadFile(link); string(text) != "[a]\nx = 2\n" || err != nil {
		t.Errorf("%q %v", text, err)
	}
	if changed, err := Edit(context.Background(), noLock, link, Credentials, "a", set("x", "2")); changed || err != nil {
		t.Error("nothing to change:", changed, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Error("left behind:", left)
	}
}

func TestEditMakesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".aws", "config")
	if changed, err := Edit(context.Background(), noLock, file, Config, "work", set("x", "1")); !changed || err != nil {
		t.Fatal(changed, err)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if _, err := Edit(context.Background(), noLock, filepath.Dir(file), Config, "work", set("x", "1")); !errors.Is(err, NotAFile) {
		t.Error(err)
	}
}

// A program that takes no lock writes between our reading and our writing: its
// change is not lost.
func TestEditBeginsAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	reads := 0
	afterRead = func() {
		if reads++; reads == 1 {
			if err := os.WriteFile(file, []byte("[b]\ny = 1\n"), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	defer func() { afterRead = func() {} }()
	if _, err := Edit(context.Background(), noLock, file, Credentials, "a", set("x", "1")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); string(text) != "[b]\ny = 1\n\n[a]\nx = 1\n" || err != nil {
		t.Errorf("%q %v", text, err)
	}
	afterRead = func() { _ = os.WriteFile(file, []byte(strings.Repeat("#", reads)), 0o600); reads++ } // and again
	if _, err := Edit(context.Background(), noLock, file, Credentials, "a", set("x", "2")); !errors.Is(err, ErrChanged) {
		t.Error(err)
	}
}

// seeds are files of the shapes that people have.
var seeds = []string{
	"", "[", "[profile", "[default]\nmfa_process = p", "[profile work]\r\nmfa_process = op item get x --otp # note\r\n",
	"[profile 'work']\nmfa_process=a\n  nested = b\n[profile work]\nMFA_PROCESS = c ; d",
	"[work]\naws_access_key_id = AKIA\naws_secret_access_key = s\n\n# x\n[default]\naws_access_key_id: AKIA\n", "[work]\ns3 =\n  a = b\n  c\nx = \"y\"\n z\n",
	"\x00[default]\n=\n", "[work] x\ny = '\n", "\xef\xbb\xbf[default]\n",
}
