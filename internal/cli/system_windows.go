package cli

import (
	"context"
	"os"

	"golang.org/x/sys/windows"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// desktopLanguage is that in which Windows talks to the person.
func desktopLanguage() language.Language {
	tags, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return language.English
	}
	return language.OfTags(tags)
}

// ReaderGone does nothing: Windows tells a writer of a pipe about its reader
// only when it writes.
func ReaderGone(*os.File) func(context.Context) <-chan struct{} { return nil }

// shortName is the name that Windows has for old programs, C:\Users\ALICEB~1,
// or the path itself.
func shortName(path string) string {
	long, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return path
	}
	var short [windows.MAX_LONG_PATH]uint16
	n, err := windows.GetShortPathName(long, &short[0], uint32(len(short)))
	if err != nil || n == 0 || int(n) > len(short) {
		return path
	}
	return windows.UTF16ToString(short[:n])
}

// noFollow is nothing on Windows, whose os.OpenFile knows no such flag: what
// was opened is compared with what has the name.
const noFollow = 0
