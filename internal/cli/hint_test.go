package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
	"github.com/git-credential-mfa/git-credential-mfa/internal/stored"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// unixOnly is what cmd and PowerShell do not know.
var unixOnly = regexp.MustCompile(`\bprintf\b|\bexport [A-Z]|mkdir -p|\bsudo\b|\bunset\b|\bchmod\b|\bls -|keyctl|XDG_|~/|(^|\s)'|'(\s|$)`)

// notOnAMac is what macOS does not know: Linux's clock, keyrings and folders
// (os.UserCacheDir heeds no XDG_CACHE_HOME there), and Windows' programs.
var notOnAMac = regexp.MustCompile(`keyctl|secret-service|seahorse|Passwords and Keys|XDG_CACHE|timedatectl|\bdate -s\b|libsecret|wincred|w32tm|cmdkey|icacls|attrib |%\w+%|as an administrator`)

// command is how what a hint ends in begins if it is there to be copied.
var command = regexp.MustCompile(`^ (git-credential-mfa|git|aws|sudo|icacls|https:|timedatectl|export|winget|credential_process =) ?`)

// TestHintsPerSystem: every hint is for the shells of its system; what has no
// use there is not offered.
func TestHintsPerSystem(t *testing.T) {
	home := newConfigureHome(t)
	config := filepath.Join(home, "config")
	if err := os.WriteFile(config, []byte("[profile a b]\nregion = us-east-1\n[profile c]\nregion = us-east-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	here := shell.Here
	defer func() { shell.Here = here }()
	for _, shell.Here = range []shell.System{shell.Linux, shell.MacOS, shell.Windows} {
		for _, profile := range []string{"", "it is mine"} {
			p := &program{System: System{Getenv: os.Getenv}, settings: settings{source: session.Source{Profile: profile}}}
			hints := append(cache.FolderHints(cache.ErrNoFolder), unlockHint(), keyringHint(), keepingHint(), doctor.SetClock(), shell.Here.InstallGit(),
				stored.Leftover{Helper: gitconfig.Helper{Entry: gitconfig.Entry{Value: "osxkeychain"}}, Host: "h"}.Erase())
			for _, h := range p.table() {
				hints = append(hints, h.text)
			}
			for _, err := range []error{session.ErrNoCredentials, severalDevices{errors.New("x"), []string{"a b", "c"}}} {
				hints = append(hints, p.hints(err)...)
			}
			for _, hint := range hints {
				if found := unixOnly.FindString(hint); found != "" && shell.Here == shell.Windows {
					t.Errorf("on Windows, %q: %s", found, hint)
				}
				if found := notOnAMac.FindString(hint); found != "" && shell.Here == shell.MacOS {
					t.Errorf("on a Mac, %q: %s", found, hint)
				}
				if tail := hint[strings.LastIndex(hint, ": ")+1:]; len(tail) < len(hint) && len(tail) > 77 && !command.MatchString(tail) {
					t.Errorf("a terminal would break what stands behind the last colon: %s", hint)
				}
				if strings.Contains(hint, "['") || strings.Contains(hint, `["`) {
					t.Errorf("quotes of a shell in a file's section: %s", hint)
				}
			}
			if text := fmt.Sprint(hints); !strings.Contains(text, shell.Here.Set("GIT_CREDENTIAL_MFA_PASSPHRASE", "")) || len(hints) < 40 {
				t.Errorf("%s: %d hints", shell.Here, len(hints))
			}
		}
	}
}

// logout --all names every item that it can't delete.
func TestKeptCommands(t *testing.T) {
	err := fmt.Errorf("clearing the keyring: %w", errors.Join(nil, fmt.Errorf("%w: %w", cache.KeptError{Command: "one"}, errors.New("refused")),
		errors.New("else"), cache.KeptError{Command: "two"}))
	if got := keptCommands(err); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q", got)
	}
}
