// Package gitexec finds and starts programs as git does. What differs is
// Windows: git.exe has a home folder and a PATH of its own making, finds a name
// without .exe, and runs a script by its "#!" line, which Windows itself can't
// (Git for Windows, compat/mingw.c).
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
	// ErrNotFound is for a name under which git finds nothing.
	ErrNotFound = errors.New("there is no such program")
	// ErrNoInterpreter is for a script whose "#!" line names a program that
	// git does not find.
	ErrNoInterpreter = errors.New("the program that its #! line names is not there")
	// ErrNotAProgram is for a file that is neither a program nor a script.
	ErrNotAProgram = errors.New("it is neither a program nor a script with a #! line")
)

// Lookup returns a variable of an environment, a list of NAME=VALUE. The last
// one counts; Windows does not tell case.
func Lookup(environ []string, name string) (value string, set bool) {
	for _, pair := range environ {
		key, v, _ := strings.Cut(pair, "=")
		if key == name || onWindows && strings.EqualFold(key, name) {
			value, set = v, true
		}
	}
	return value, set
}

// Home is the folder that git takes for the person's, or "". git.exe sets HOME
// where it is not set: to HOMEDRIVE and HOMEPATH unless that folder is missing
// (a share that is not connected) or System32 (a service's), else to
// USERPROFILE.
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

// Folders returns where git looks for the programs that it runs, in its order:
// its own folder (execPath, which may be ""), then PATH's. git.exe, unless
// MSYSTEM says that a shell has done so, puts three before PATH: bin in the
// home folder, and two of the installation that the program git is a part of.
// Relative folders are left out: they would be a repository's.
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

// systems are the names of the folder in which Git for Windows keeps its own
// programs: that of 64 bits, since 2.56 and before, of ARM, and of 32 bits.
var systems = []string{"ucrt64", "mingw64", "clangarm64", "mingw32"}

// installation returns the two folders of programs of the Git for Windows that
// a git.exe or its folder of own programs belongs to.
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

// withoutEnd takes the last folders off a path, if it has them, in any case.
func withoutEnd(path, end string) (string, bool) {
	cut := len(path) - len(end) - 1
	if cut < 0 || !os.IsPathSeparator(path[cut]) || !strings.EqualFold(path[cut+1:], end) {
		return path, false
	}
	return path[:cut], true
}

// Find returns the path of the program that git runs under a name, or "". A
// name with a folder in it is not looked for. On Windows NAME.exe comes before
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

// firstFile returns the first of the files that a name can mean.
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
