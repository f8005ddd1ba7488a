// Package gitexec finds and starts programs as git does. On Windows git.exe
// computes its own home folder and PATH, finds programs without .exe, and runs
// scripts by their "#!" line, which Windows can't (Git for Windows,
// compat/mingw.c).
package gitexec

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const onWindows = runtime.GOOS == "windows"

// Errors of Command.
var (
	// ErrNotFound is for a program that git does not find.
	ErrNotFound = errors.New("there is no such program")
	// ErrNoInterpreter is for a script whose "#!" line names a program that git
	// does not find.
	ErrNoInterpreter = errors.New("the program in its #! line does not exist")
	// ErrNotAProgram is for a file that is neither a program nor a script.
	ErrNotAProgram = errors.New("neither a program nor a script with a #! line")
)

// Lookup returns a variable of an environment, a list of NAME=VALUE, and whether it
// is set. The last one counts. Names are case-insensitive on Windows.
func Lookup(environ []string, name string) (value string, set bool) {
	for _, pair := range environ {
		key, v, _ := strings.Cut(pair, "=")
		if key == name || onWindows && strings.EqualFold(key, name) {
			value, set = v, true
		}
	}
	return value, set
}

// Home returns git's home folder, or "". If HOME is not set, git.exe sets it to
// HOMEDRIVE and HOMEPATH, unless that folder does not exist (an unconnected share)
// or is System32 (in a service), or else to USERPROFILE.
func Home(environ []string) string {
	home, set := Lookup(environ, "HOME")
	if set || !onWindows {
		return home // also when it is empty
	}
	drive, driveSet := Lookup(environ, "HOMEDRIVE")
	path, pathSet := Lookup(environ, "HOMEPATH")
	if driveSet && pathSet {
		if folder := drive + path; isFolder(folder) && !isSystem32(folder) {
			return folder
		}
	}
	profile, _ := Lookup(environ, "USERPROFILE")
	return profile
}

// Homes returns the paths of the home folder, so that each can be hidden: by
// git's rules and by the variables that others use, with links resolved, and as
// Windows' short name. Some may be "".
func Homes(environ []string) []string {
	home, _ := Lookup(environ, "HOME")
	profile, _ := Lookup(environ, "USERPROFILE")
	var all []string
	for _, path := range []string{Home(environ), home, profile} {
		all = append(all, path)
		if filepath.IsAbs(path) {
			if target, err := filepath.EvalSymlinks(path); err == nil {
				all = append(all, target)
			}
			all = append(all, ShortName(path))
		}
	}
	return all
}

// Folders returns where git looks for the programs that it runs, in its order: its
// own folder (execPath, which may be ""), then PATH's. git.exe puts three folders
// before PATH, unless MSYSTEM shows that a shell has done so: bin in the home
// folder, and two of the installation of the program git. Relative folders are left
// out, because they could be in a repository.
func Folders(git, execPath string, environ []string) []string {
	var folders []string
	add := func(folder string) {
		if filepath.IsAbs(folder) {
			folders = append(folders, filepath.Clean(folder))
		}
	}
	add(filepath.FromSlash(execPath))
	if system, _ := Lookup(environ, "MSYSTEM"); onWindows && system == "" {
		if home := Home(environ); home != "" {
			add(filepath.Join(home, "bin"))
		}
		for _, folder := range installation(git, execPath) {
			add(folder)
		}
	}
	path, _ := Lookup(environ, "PATH")
	for _, folder := range filepath.SplitList(path) {
		add(folder)
	}
	return folders
}

// systems are the names of the folder with Git for Windows' own programs: for 64
// bits since 2.56 and before, for ARM, and for 32 bits.
var systems = []string{"ucrt64", "mingw64", "clangarm64", "mingw32"}

// installation returns the two program folders of the Git for Windows to which a
// git.exe or its execPath belongs.
func installation(git, execPath string) []string {
	for _, folder := range []string{filepath.FromSlash(execPath), filepath.Dir(git)} {
		root := folder
		for _, end := range []string{filepath.Join("libexec", "git-core"), "cmd", "bin"} {
			if rest, ok := withoutEnd(folder, end); ok {
				root = rest
				break
			}
		}
		for _, system := range systems {
			parent, _ := withoutEnd(root, system)
			if bin := filepath.Join(parent, system, "bin"); filepath.IsAbs(bin) && isFolder(bin) {
				return []string{bin, filepath.Join(parent, "usr", "bin")}
			}
		}
	}
	return nil
}

// withoutEnd removes the last folders of a path, if it has them, in any case.
func withoutEnd(path, end string) (string, bool) {
	cut := len(path) - len(end) - 1
	if cut < 0 || !os.IsPathSeparator(path[cut]) || !strings.EqualFold(path[cut+1:], end) {
		return path, false
	}
	return path[:cut], true
}

// Find returns the path of the program that git runs for a name, or "". A name
// with a folder in it is not searched for. On Windows NAME.exe comes before
// NAME, which may be a script.
func Find(name string, folders []string) string {
	if strings.ContainsAny(name, separators) {
		return firstFile(filepath.FromSlash(name), true)
	}
	for _, folder := range folders {
		if path := firstFile(filepath.Join(folder, name), false); path != "" {
			return path
		}
	}
	return ""
}

// firstFile returns the first program file that a name can mean, or "".
func firstFile(path string, exact bool) string {
	paths := []string{path}
	switch {
	case !onWindows || filepath.Ext(path) == ".exe":
	case exact:
		paths = append(paths, path+".exe")
	default:
		paths = []string{path + ".exe", path}
	}
	for _, path := range paths {
		if isProgramFile(path) {
			return path
		}
	}
	return ""
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
