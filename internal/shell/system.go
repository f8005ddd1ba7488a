package shell

import (
	"fmt"
	"runtime"
	"strings"
)

// System is an operating system, by its name in Go. Its methods return what people
// there should type. On Windows that works in both cmd and PowerShell, or it is a
// description in words.
type System string

// The systems.
const (
	Linux   System = "linux"
	MacOS   System = "darwin"
	Windows System = "windows"
)

// Here is the system that this program runs on. Only tests change it.
var Here = System(runtime.GOOS)

// Quote returns a text as one word for the person's shell.
func (s System) Quote(word string) string {
	if s == Windows {
		return QuoteWindows(word)
	}
	return Quote(word)
}

// Set returns the command that sets a variable.
func (s System) Set(name, value string) string {
	if s == Windows {
		return "set the variable " + name + " to " + value
	}
	return "export " + name + "=" + value
}

// Unset returns the command that removes variables from the environment.
func (s System) Unset(names ...string) string {
	if s == Windows {
		return "take " + strings.Join(names, ", ") + " out of the environment"
	}
	return "unset " + strings.Join(names, " ")
}

// MakeFolder returns the command that creates a folder and its parents.
func (s System) MakeFolder(folder string) string {
	if s == Windows {
		return "mkdir " + s.Quote(folder)
	}
	return "mkdir -p " + s.Quote(folder)
}

// Move returns the command that renames a file.
func (s System) Move(from, to string) string {
	program := "mv "
	if s == Windows {
		program = "move "
	}
	return program + s.Quote(from) + " " + s.Quote(to)
}

// Show returns the command that lists files with their owners.
func (s System) Show(files ...string) string {
	program := "ls -lL "
	if s == Windows {
		program = "dir "
	}
	return program + strings.Join(files, " ")
}

// HomeFile returns the name of a file in the home folder as people write it. path
// has slashes.
func (s System) HomeFile(path string) string {
	if s == Windows {
		return `%UserProfile%\` + strings.ReplaceAll(path, "/", `\`)
	}
	return "~/" + path
}

// Administrator returns a command that needs an administrator's rights.
func (s System) Administrator(command string) string {
	if s == Windows {
		return command + ", as an administrator"
	}
	return "sudo " + command
}

// InstallGit returns how to install git.
func (s System) InstallGit() string {
	if s == MacOS {
		return "xcode-select --install"
	}
	return "install git: https://git-scm.com/downloads"
}

// EraseCredential returns the command that deletes the stored credential of a
// credential helper for a host, or, with path, for one of its repositories. helper
// is its line in git's configuration: "store --file ~/x". On Windows, there is no
// way to pipe two lines that works in both cmd and PowerShell. On a Mac,
// git-credential-osxkeychain deletes all credentials of the host since git 2.45,
// and can open a dialog.
func (s System) EraseCredential(helper, host, path string) string {
	name := helper
	if words := Words(helper); len(words) > 0 {
		name = words[0]
	}
	switch {
	case s == Windows && name == "store" && helper != name:
		return "take " + host + " out of the file of git-credential-" + helper
	case s == Windows && name == "store":
		return "take " + host + " out of " + s.HomeFile(".git-credentials")
	case s == Windows:
		return "cmdkey /delete:git:https://" + host
	case s == MacOS && name == "osxkeychain":
		return "in Keychain Access, look for " + host + " and delete the one of that user name"
	case path != "":
		path = "path=" + path + `\n`
	}
	return fmt.Sprintf(`printf 'protocol=https\nhost=%s\n%s\n' | git credential-%s erase`, host, path, helper)
}
