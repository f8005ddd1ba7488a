package cli

import (
	"context"
	"os"

	"golang.org/x/sys/windows"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// desktopLanguage returns the display language of Windows.
func desktopLanguage() language.Language {
	tags, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return language.English
	}
	return language.OfTags(tags)
}

// ReaderGone returns nil: on Windows a writer learns only by writing that the
// reader of a pipe is gone.
func ReaderGone(*os.File) func(context.Context) <-chan struct{} { return nil }

// noFollow is zero, since os.OpenFile has no such flag on Windows: the opened
// file is compared with the named one instead.
const noFollow = 0
