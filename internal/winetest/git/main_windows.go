// Command git stands in for git.exe. It runs Linux's git, with the helpers that
// git.exe would find and with the Windows paths in its configuration translated.
// It reports the folders of Git for Windows around its own place
// (GIT\cmd\git.exe).
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/winetest/native"
)

func main() {
	native.Start()
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "git:", err)
		os.Exit(128)
	}
	execPath := filepath.ToSlash(filepath.Join(filepath.Dir(filepath.Dir(self)), "mingw64", "libexec", "git-core"))
	args := os.Args[1:]
	if name, ok := strings.CutPrefix(strings.TrimSuffix(filepath.Base(self), ".exe"), "git-"); ok {
		args = append([]string{name}, args...) // as git-credential-store.exe
	}
	if len(args) == 1 && args[0] == "--exec-path" {
		fmt.Println(execPath)
		return
	}
	git := native.Program{Name: "git", Args: native.Paths(args), Stdin: os.Stdin, Helpers: gitexec.Folders(self, execPath, os.Environ())}
	if value := len(args) - 1; !asksConfiguration(args) {
		git.Prepare = translateConfiguration
	} else if value > 2 && args[value-1] != "--file" && args[value-1] != "-f" {
		git.Args[value] = args[value] // the value to write is not translated
	}
	stdout, stderr, status, err := git.Run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "git:", err)
	}
	fmt.Print(strings.ReplaceAll(stdout, "file:/", "file:Z:/")) // config --show-origin
	fmt.Fprint(os.Stderr, stderr)
	os.Exit(status)
}

// asksConfiguration reports whether git shows or writes its configuration, which
// must not be translated then.
func asksConfiguration(args []string) bool {
	for i, arg := range args {
		switch {
		case arg == "config":
			return true
		case !strings.HasPrefix(arg, "-") && (i == 0 || args[i-1] != "-C" && args[i-1] != "-c"):
			return false
		}
	}
	return false
}

var (
	helperLine  = regexp.MustCompile(`(?m)^(\s*helper\s*=\s*"?)(Z:/)`)
	windowsPath = regexp.MustCompile(`(?m)^(\s*\w+\s*=\s*"?)Z:([/\\].*)$`)
)

// translateConfiguration writes copies of the person's and the system's
// configuration for Linux's git: with Linux paths, and Windows helpers run by
// Wine.
func translateConfiguration(dir string) ([]string, error) {
	var environ []string
	files := map[string]string{"GIT_CONFIG_GLOBAL": os.Getenv("GIT_CONFIG_GLOBAL"), "GIT_CONFIG_SYSTEM": os.Getenv("GIT_CONFIG_SYSTEM")}
	if files["GIT_CONFIG_GLOBAL"] == "" {
		files["GIT_CONFIG_GLOBAL"] = filepath.Join(gitexec.Home(os.Environ()), ".gitconfig")
	}
	for name, file := range files {
		text, err := os.ReadFile(file)
		if file == "" || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		translated := filepath.Join(dir, name)
		if err := os.WriteFile(translated, translate(text, dir), 0o600); err != nil {
			return nil, err
		}
		environ = append(environ, name+"="+native.Path(translated))
	}
	return environ, nil
}

// included translates an included file, and returns the path of its copy.
func included(file, dir string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return native.Path(file)
	}
	translated := filepath.Join(dir, "included-"+filepath.Base(file))
	if err := os.WriteFile(translated, translate(text, dir), 0o600); err != nil {
		return native.Path(file)
	}
	return native.Path(translated)
}

func translate(text []byte, dir string) []byte {
	text = helperLine.ReplaceAll(text, []byte("${1}!"+native.Path(filepath.Join(dir, native.Starter))+" $2"))
	return windowsPath.ReplaceAllFunc(text, func(line []byte) []byte {
		parts := windowsPath.FindSubmatch(line)
		path := strings.ReplaceAll(string(parts[2]), `\\`, "/")
		if strings.HasPrefix(strings.TrimSpace(string(parts[1])), "path") {
			path = included("Z:"+path, dir)
		}
		return append(parts[1], path...)
	})
}
