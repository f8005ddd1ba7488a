package policyfile

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// deny is a document of two lines whose statement stands on the second.
const deny = "{\"Version\": \"2012-10-17\", \"Statement\":\n" +
	`{"Sid": "Größe \"+1\"", "Effect": "Deny", "Action": "*", "Resource": "*"}}`

// quoted is a text as a JSON string.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func utf16le(text string) string {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return string(out)
}

// put writes a file and returns its path.
func put(t testing.TB, directory, name, text string) string {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestUnreadableSources has nothing to read, or nothing that can be.
func TestUnreadableSources(t *testing.T) {
	directory := t.TempDir()
	var said []string
	for _, c := range []struct{ sources Sources }{
		{Sources{Policies: []string{filepath.Join(directory, "none.json")}}},
		{Sources{Policies: []string{t.TempDir()}}},
		{Sources{Policies: []string{"-", "-"}, Stdin: strings.NewReader(deny)}},
		{Sources{Boundaries: []string{"-"}, User: "a", Stdin: strings.NewReader(`{"UserDetailList": [{"UserName": "a"}]}`)}},
	} {
		if r, err := c.sources.Read(); err == nil || len(r.Documents) != 0 {
			t.Errorf("%+v: %v", c.sources, err)
		} else {
			said = append(said, err.Error())
		}
	}
	for i, want := range []string{"none.json: ", "no *.json in the directory", "standard input can be read once only", "for --policy"} {
		if i >= len(said) || !strings.Contains(said[i], want) {
			t.Errorf("%q lacks %s", said, want)
		}
	}
}

func TestDirectory(t *testing.T) {
	directory := t.TempDir()
	if err := os.MkdirAll(filepath.Join(directory, "below.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	b := put(t, directory, "b.json", deny)
	a := put(t, directory, "a.JSON", deny)
	put(t, directory, "c.txt", "no policy")
	put(t, filepath.Join(directory, "below.json"), "d.json", "no policy")
	r, err := Sources{Policies: []string{directory, "-"}, SCPs: []string{b}, Stdin: strings.NewReader(deny)}.Read()
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, d := range r.Documents {
		sources = append(sources, d.Source+" "+string(d.Layer))
	}
	want := []string{a + " identity policy", b + " identity policy", "stdin identity policy", b + " service control policy"}
	if strings.Join(sources, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, want %q", sources, want)
	}
	put(t, directory, "z.json", "{")
	if _, err := (Sources{Policies: []string{directory}}).Read(); err == nil || !strings.Contains(err.Error(), "z.json:1: ") {
		t.Error(err)
	}
}

// TestTooLarge stops reading, rather than to fill the memory with /dev/zero.
func TestTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 256 MiB")
	}
	_, err := Sources{Policies: []string{"-"}, Stdin: endless{}}.Read()
	if err == nil || err.Error() != "reading stdin: over 256 MiB" {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestReadErrors(t *testing.T) {
	_, err := Sources{Policies: []string{"-"}, Stdin: failing{}}.Read()
	if !errors.Is(err, errFailing) || err.Error() != "reading stdin: out of order" {
		t.Error(err)
	}
}

var errFailing = errors.New("out of order")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errFailing }
