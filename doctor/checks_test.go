package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// runCheck runs one check of the table.
func runCheck(code string, e *Evidence) Result {
	i := slices.IndexFunc(Checks, func(c Check) bool { return c.Code == code })
	return Checks[i].run(e)
}

// TestNothingIsKnown runs the checks on nothing at all.
func TestNothingIsKnown(t *testing.T) {
	for _, e := range []*Evidence{{}, {Live: true}, {Live: true, Offline: true}} {
		if r := Examine(e); len(r.Results) == 0 {
			t.Errorf("%+v", r)
		}
	}
}

// TestChecksAreExplained finds each code explained in both languages, and in the
// table once.
func TestChecksAreExplained(t *testing.T) {
	var codes []string
	for _, c := range Checks {
		if slices.Contains(codes, c.Code) {
			t.Errorf("%s is there twice", c.Code)
		}
		codes = append(codes, c.Code)
	}
	for _, name := range []string{"doctor.md", "ja/doctor.md"} {
		page, err := os.ReadFile(filepath.Join("..", "docs", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if !strings.Contains(strings.ReplaceAll(string(page), "\r\n", "\n"), "\n### "+code+"\n") {
				t.Errorf("%s does not explain %s", name, code)
			}
		}
		for i := 1; i <= 57; i++ {
			if !regexp.MustCompile(`(?m)^\| (?:[0-9]+, )*` + strconv.Itoa(i) + `(?:, [0-9]+)* \|`).Match(page) {
				t.Errorf("%s: cause %d has no line", name, i)
			}
		}
	}
}

// TestTitlesInBothLanguages: each title is there in English and in Japanese, and
// the pages explain the codes under the very titles that the program shows.
func TestTitlesInBothLanguages(t *testing.T) {
	kana := regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}]`)
	titles := map[string]string{"doctor.md": "", "ja/doctor.md": ""}
	for name := range titles {
		page, err := os.ReadFile(filepath.Join("..", "docs", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		titles[name] = strings.ReplaceAll(string(page), "\r\n", "\n")
	}
	for _, c := range Checks {
		if !kana.MatchString(c.FoundInJapanese) || !kana.MatchString(c.FineInJapanese) || kana.MatchString(c.Found+c.Fine) || c.Found == "" || c.Fine == "" {
			t.Errorf("%s: a title is missing, or in the other language: %+v", c.Code, c)
		}
		for name, want := range map[string]string{"doctor.md": c.Found, "ja/doctor.md": c.FoundInJapanese} {
			match := regexp.MustCompile(`\n### ` + c.Code + `\n\n\*\*([^*]+)\*\*`).FindStringSubmatch(titles[name])
			if match == nil || !strings.EqualFold(strings.NewReplacer("`", "", "\n", " ").Replace(match[1]), want) {
				t.Errorf("%s: the bold text of %s is %q, the program's title is %q", name, c.Code, match, want)
			}
		}
	}
}

// TestBrokenCheck: a check that panics is one error, and hides no other.
func TestBrokenCheck(t *testing.T) {
	all := Checks
	t.Cleanup(func() { Checks = all })
	Checks = append([]Check{{"CCM999", PolicyGroup, Info, cause, func(*Evidence) Finding {
		var none *Failure
		return fine(none.Text)
	}, "found", "fine", "あり", "なし"}}, all...)
	r := Examine(&Evidence{})
	first := r.Results[0]
	if first.Code != "CCM999" || first.Level != Error || first.Title != brokenTitle || !strings.Contains(first.Detail, "nil pointer") ||
		!strings.Contains(first.Detail, "checks_test.go:") || r.Status() != Failed || len(r.Results) < 14 {
		t.Errorf("%d, %+v", r.Status(), r.Results)
	}
	symptoms := []Result{first, {Code: "CCM822", Level: Error, symptom: Symptom{rank: 3}}}
	if demoteSymptoms(symptoms); symptoms[1].Level != Error {
		t.Errorf("%+v", symptoms)
	}
}

// TestFixesOnWindows: what fixes a thing there can be typed there.
func TestFixesOnWindows(t *testing.T) {
	unixOnly := regexp.MustCompile(`printf|export [A-Z]|unset [A-Z]|sudo|'|keyctl|seahorse`)
	manager := Helper{Name: "manager", Label: "manager"}
	for _, kind := range []StoredKind{SignedPassword, GitCredential} {
		e := &Evidence{Live: true, System: shell.Windows, Now: time.Now()}
		e.Git.Gits = []Git{{Path: "git.exe"}}
		e.Git.Stored = []StoredCredential{{Helper: manager, Before: true, Kind: kind, Account: "123456789012", Signed: time.Now().Add(-time.Hour)}}
		e.Git.Header = "C:/x"
		e.AWS.Shadows, e.AWS.Profile = []Problem{{Text: "x", Fix: shell.Windows.Unset("A")}}, "a b"
		e.Keyring = KeyringEvidence{Backend: "wincred", Err: &Failure{Text: "locked", Kind: KeyringLocked}}
		e.Clock.Offset = time.Hour
		fixes := 0
		for _, r := range Examine(e).Results {
			if found := unixOnly.FindString(r.Fix); found != "" {
				t.Errorf("%s: %q in %s", r.Code, found, r.Fix)
			}
			if r.Fix != "" {
				fixes++
			}
		}
		code := map[StoredKind]string{SignedPassword: "CCM507", GitCredential: "CCM509"}[kind]
		want := map[StoredKind]string{SignedPassword: "git-credential-mfa configure --yes", GitCredential: "cmdkey /delete:git:https://; git-credential-mfa configure"}[kind]
		if got := runCheck(code, e).Fix; got != want || fixes < 5 {
			t.Errorf("%s: %q, %d fixes", code, got, fixes)
		}
	}
}

// On a Mac no fix is of another system, or has osxkeychain delete more than the
// password in the way, or ask.
func TestFixesOnAMac(t *testing.T) {
	elsewhere := regexp.MustCompile(`date -s|timedatectl|XDG_|keyctl|seahorse|libsecret|cmdkey|%UserProfile%|credential-osxkeychain erase`)
	keychain := Helper{Name: "osxkeychain", Label: "osxkeychain"}
	shell.Here = shell.MacOS
	defer func() { shell.Here = shell.System(runtime.GOOS) }()
	for code, stored := range map[string]StoredCredential{
		"CCM507": {Kind: SignedPassword, Key: "…ABCD"}, // the keychain has not said when
		"CCM508": {Kind: SignedPassword, Signed: time.Now().Add(3 * time.Hour)},
		"CCM509": {Kind: GitCredential, Account: "123456789012"},
	} {
		stored.Helper, stored.Before = keychain, true
		e := &Evidence{Live: true, System: shell.MacOS, Now: time.Now()}
		e.Git.Gits = []Git{{Path: "/opt/homebrew/bin/git"}}
		e.Git.Stored = []StoredCredential{stored}
		e.AWS.Shadows, e.AWS.Profile = []Problem{{Text: "x", Fix: shell.MacOS.Unset("A")}}, "a b"
		e.Keyring = KeyringEvidence{Backend: "keychain", Err: &Failure{Text: "locked", Kind: KeyringLocked}}
		e.Clock = ClockEvidence{Known: true, Offset: time.Hour}
		fixes := 0
		for _, r := range Examine(e).Results {
			if found := elsewhere.FindString(r.Fix); found != "" {
				t.Errorf("%s: %q in %s", r.Code, found, r.Fix)
			}
			if strings.Contains(r.Detail, " ago with the key …ABCD") {
				t.Errorf("%s: %s", r.Code, r.Detail)
			}
			if r.Fix != "" {
				fixes++
			}
		}
		want := map[bool]string{true: "git-credential-mfa configure --yes", false: "git-credential-mfa configure"}[stored.Kind == SignedPassword]
		if got := runCheck(code, e).Fix; got != want || fixes < 4 {
			t.Errorf("%s: %q, %d fixes", code, got, fixes)
		}
	}
}

// TestOldBlock: a block without proactiveAuth is pointed out for a git that
// knows it, and is no error.
func TestOldBlock(t *testing.T) {
	for _, c := range []struct {
		minor     int
		proactive bool
		want      bool
	}{{46, false, true}, {46, true, false}, {45, false, false}} {
		e := &Evidence{Git: GitEvidence{Proactive: c.proactive, Gits: []Git{{Path: "git", Major: 2, Minor: c.minor,
			Chain: Chain{Helpers: []Helper{{Ours: true}}}}}}}
		r := runCheck("CCM502", e)
		if got := strings.Contains(r.Detail, "proactiveAuth"); got != c.want || r.Level != OK {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}
