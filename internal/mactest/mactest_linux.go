// Package mactest makes a pretend Mac for tests. In it, the code of the Mac's
// program runs on Linux, with a library that stands in for Apple's; its keychain
// is a file. How Apple's behaves only a Mac can show: see docs/unproven.md.
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
	// Bin is the folder of its programs, which must be first in PATH.
	Bin string
	// Keychain is the file of the keychain. The source of the stand-in library
	// describes the files beside it.
	Keychain string
	// Overlay is the file for go's option -overlay, to build programs for this Mac.
	Overlay string
	// Xcode is the folder of Apple's git. Tests may remove it.
	Xcode string
}

// tools are scripts that stand in for programs of macOS.
//
//go:embed testdata
var tools embed.FS

// Make makes a Mac in a folder, for the module of the current folder.
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

// Environment returns the variables that programs on this Mac need, without PATH.
func (m Mac) Environment() []string {
	return []string{"FAKE_KEYCHAIN=" + m.Keychain, "FAKE_XCODE=" + m.Xcode}
}

// Dialogs returns the list of dialogs that would have opened, or "".
func (m Mac) Dialogs() string {
	text, _ := os.ReadFile(m.Keychain + ".dialogs")
	return string(text)
}

// twins are the Mac's files, by the Linux files that they replace.
var twins = map[string]string{
	"cache/open_linux.go":                  "cache/keychain_darwin.go",
	"internal/prompt/dialog_linux.go":      "internal/prompt/dialog_darwin.go",
	"internal/stored/osxkeychain_other.go": "internal/stored/osxkeychain_darwin.go",
}

// writeOverlay writes the overlay. It replaces Linux's files with the Mac's, sets
// the pretend Mac's paths, and makes runtime.GOOS "darwin".
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

// programFiles returns the module's folder, and the files of the Linux program
// and of the packages that only the Mac's has.
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

// system matches the uses of runtime.GOOS. A comparison with "windows" must stay
// a constant.
var system = regexp.MustCompile(`runtime\.GOOS( [!=]= "windows")?`)

// onAMac returns the text that replaces a use of runtime.GOOS.
func onAMac(question string) string {
	if question != "runtime.GOOS" {
		return question
	}
	return `(runtime.GOOS[:0] + "darwin")`
}

// overlayInForce returns the overlay in GOFLAGS, with which .ci/mutations changes
// files.
func overlayInForce() map[string]string {
	_, name, _ := strings.Cut(os.Getenv("GOFLAGS"), "-overlay=")
	name, _, _ = strings.Cut(name, " ")
	var overlay struct{ Replace map[string]string }
	if text, err := os.ReadFile(name); err == nil {
		_ = json.Unmarshal(text, &overlay)
	}
	return overlay.Replace
}
