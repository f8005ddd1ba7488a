// Package mactest makes a pretend Mac, in which the program runs on Linux as it
// is built for a Mac: the same code asks a library that stands in for Apple's,
// and its keychain is a file. How Apple's own behaves, only a Mac can show:
// docs/unproven.md.
package mactest

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// Mac is a pretend Mac.
type Mac struct {
	// Bin is the folder of its programs, the first of PATH.
	Bin string
	// Keychain is the file of the keychain. What else stands beside it is said
	// in the source of the stand-in library.
	Keychain string
	// Overlay is for go's option of that name: it builds programs for this Mac.
	Overlay string
	// Xcode is the folder of Apple's git, which may be taken away.
	Xcode string
}

// tools are scripts that stand in for programs of macOS's.
//
//go:embed testdata
var tools embed.FS

// Make makes a Mac in a folder, from the module that the current folder is in.
func Make(dir string) (Mac, error) {
	m := Mac{Bin: filepath.Join(dir, "bin"), Keychain: filepath.Join(dir, "keychain"), Overlay: filepath.Join(dir, "overlay.json"),
		Xcode: filepath.Join(dir, "Xcode-beta.app")}
	for _, folder := range []string{m.Bin, filepath.Join(m.Xcode, "Contents/Developer/usr/bin")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return m, err
		}
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return m, err
	}
	if err := os.Symlink(git, filepath.Join(m.Xcode, "Contents/Developer/usr/bin/git")); err != nil {
		return m, err
	}
	library, err := keyringtest.BuildSecurityLibrary(dir)
	if err != nil {
		return m, err
	}
	if err := m.installTools(); err != nil {
		return m, err
	}
	return m, m.writeOverlay(dir, library)
}

func (m Mac) installTools() error {
	scripts, err := tools.ReadDir("testdata")
	if err != nil {
		return err
	}
	for _, script := range scripts {
		text, err := tools.ReadFile("testdata/" + script.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(m.Bin, script.Name()), text, 0o700)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Environment is what programs on this Mac need in theirs, but for PATH.
func (m Mac) Environment() []string {
	return []string{"FAKE_KEYCHAIN=" + m.Keychain, "FAKE_XCODE=" + m.Xcode}
}

// Dialogs tells of the dialogs that would have come up, "" for none.
func (m Mac) Dialogs() string {
	text, _ := os.ReadFile(m.Keychain + ".dialogs")
	return string(text)
}

// twins are the files for a Mac, by those of the build for Linux in whose place
// they come.
var twins = map[string]string{
	"cache/open_linux.go":                  "cache/keychain_darwin.go",
	"internal/prompt/dialog_linux.go":      "internal/prompt/dialog_darwin.go",
	"internal/stored/osxkeychain_other.go": "internal/stored/osxkeychain_darwin.go",
}

// writeOverlay has the files of the Mac's build come in the place of Linux's,
// with the pretend Mac's paths, and the program believe that it is on a Mac.
func (m Mac) writeOverlay(dir, library string) error {
	root, files, err := programFiles()
	if err != nil {
		return err
	}
	paths := strings.NewReplacer(
		"/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation", library,
		"/System/Library/Frameworks/Security.framework/Security", library,
		`"/usr/bin/git"`, `"`+filepath.Join(m.Bin, "git")+`"`,
		"/usr/bin/xcode-select", filepath.Join(m.Bin, "xcode-select"),
		"/usr/bin/osascript", filepath.Join(m.Bin, "osascript"), "/bin/launchctl", filepath.Join(m.Bin, "launchctl"))
	replace, earlier := map[string]string{}, overlayInForce()
	for i, file := range files {
		source := file
		if twin, ok := twins[strings.TrimPrefix(file, root+"/")]; ok {
			source = filepath.Join(root, twin)
		}
		text, err := os.ReadFile(cmp.Or(earlier[source], source))
		if err != nil {
			return err
		}
		mac := system.ReplaceAllStringFunc(paths.Replace(string(text)), onAMac)
		if source == file && earlier[source] == "" && mac == string(text) {
			continue
		}
		replace[file] = filepath.Join(dir, fmt.Sprint(i, ".go"))
		if err := os.WriteFile(replace[file], []byte(mac), 0o600); err != nil {
			return err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(m.Overlay, overlay, 0o600)
}

const module = "github.com/git-credential-mfa/git-credential-mfa"

// programFiles returns the module's folder, and the files of the program for
// Linux and of what only the Mac's has.
func programFiles() (root string, files []string, err error) {
	list := exec.Command("go", "list", "-deps", "-f", `{{with .Module}}{{if .Main}}{{.Dir}}{{range $.GoFiles}} {{$.Dir}}/{{.}}{{end}}{{end}}{{end}}`,
		module+"/cmd/git-credential-mfa", module+"/internal/keychain")
	list.Env = append(os.Environ(), "GOFLAGS=")
	out, err := list.Output()
	if err != nil {
		return "", nil, fmt.Errorf("listing the program's files: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if words := strings.Fields(line); len(words) > 0 {
			root, files = words[0], append(files, words[1:]...)
		}
	}
	return root, files, nil
}

// system is where the program asks which system it is on. Whether that is
// Windows must stay a constant.
var system = regexp.MustCompile(`runtime\.GOOS( [!=]= "windows")?`)

func onAMac(question string) string {
	if question != "runtime.GOOS" {
		return question
	}
	return `(runtime.GOOS[:0] + "darwin")`
}

// overlayInForce is the overlay of GOFLAGS, by which .ci/mutations changes files.
func overlayInForce() map[string]string {
	_, name, _ := strings.Cut(os.Getenv("GOFLAGS"), "-overlay=")
	name, _, _ = strings.Cut(name, " ")
	var overlay struct{ Replace map[string]string }
	if text, err := os.ReadFile(name); err == nil {
		_ = json.Unmarshal(text, &overlay)
	}
	return overlay.Replace
}
