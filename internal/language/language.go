// Package language chooses the language of a person, English or Japanese, and
// holds texts in both. Errors, hints and output for programs are English only.
package language

import (
	"fmt"
	"strings"
)

// Language is a language in which people are spoken to.
type Language int

// The languages. The zero value is English.
const (
	English Language = iota
	Japanese
)

// Text is the same text in each language.
type Text struct{ English, Japanese string }

// In returns the text in a language.
func (t Text) In(l Language) string {
	if l == Japanese {
		return t.Japanese
	}
	return t.English
}

// With returns the text followed by something that is the same in each
// language: a name, a command, another program's message.
func (t Text) With(more string) Text { return Text{t.English + more, t.Japanese + more} }

// Format formats the text of each language with the same values, as fmt.Sprintf.
func (t Text) Format(values ...any) Text {
	return Text{fmt.Sprintf(t.English, values...), fmt.Sprintf(t.Japanese, values...)}
}

// And returns both texts, one after the other.
func (t Text) And(other Text) Text {
	return Text{t.English + other.English, t.Japanese + other.Japanese}
}

// Empty reports whether there is no text.
func (t Text) Empty() bool { return t == Text{} }

// Of returns the language of a POSIX locale: the first of LC_ALL, LC_MESSAGES and
// LANG that is set decides (POSIX.1-2017, 8.2). ok is false if none is. Japanese
// is written in UTF-8 only, so a locale that names another encoding is English.
func Of(getenv func(string) string) (l Language, ok bool) {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := getenv(variable); locale != "" {
			return ofTag(locale), true
		}
	}
	return English, false
}

// ofTag returns the language of a locale's name: ja, ja_JP, ja-JP, ja_JP.UTF-8@x.
func ofTag(locale string) Language {
	locale, _, _ = strings.Cut(strings.ToLower(locale), "@")
	name, encoding, _ := strings.Cut(locale, ".")
	name, _, _ = strings.Cut(strings.ReplaceAll(name, "-", "_"), "_")
	encoding = strings.ReplaceAll(encoding, "-", "")
	if name == "ja" && (encoding == "" || encoding == "utf8") {
		return Japanese
	}
	return English
}

// OfTags returns the language of the first tag that a person prefers, as Windows
// lists them: ja-JP, en-US.
func OfTags(tags []string) Language {
	if len(tags) == 0 {
		return English
	}
	return ofTag(tags[0])
}
