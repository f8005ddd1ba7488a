//go:build unix

package main

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// TestDocsPictures: the pictures show the program's present output. The commands
// print nothing that differs from run to run. Line breaks do not matter.
func TestDocsPictures(t *testing.T) {
	t.Parallel()
	r := newReader(t, t.TempDir())
	for name, command := range map[string]string{
		"doctor.svg": "git-credential-mfa doctor --policy force-mfa.json",
		"clone.svg":  "git-credential-mfa configure",
	} {
		shown, _ := r.follow(command)
		want := squeeze("$ " + command + r.plain(shown))
		if !strings.Contains(squeeze(pictureText(t, name)), want) {
			t.Errorf("docs/pictures/%s is not the output of %s; to take it again: go run ./internal/sandbox/demo --pictures docs/pictures", name, command)
		}
	}
	pictureText(t, "way.svg")
}

// pictureText returns the text in a picture, which must be well-formed XML.
func pictureText(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(filepath.Join("../../docs/pictures", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var text strings.Builder
	for d := xml.NewDecoder(file); ; {
		token, err := d.Token()
		if err == io.EOF {
			return text.String()
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if words, ok := token.(xml.CharData); ok {
			text.Write(words)
		}
	}
}

// squeeze removes white space.
func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
