package shell

import (
	"fmt"
	"runtime"
	"strings"
)

// System is an operating system, by its name in Go, whose people are told what
// to type. What is told on Windows works in cmd and in PowerShell alike; where
// nothing does, it is said in words.
type System string

// The systems.
const (
	Linux   System = "linux"
	MacOS   System = "darwin"
	Windows System = "windows"
)

// Here is the system that this program runs on. Only tests change it.
var Here = System(runtime.GOOS)

// Quote returns a text as one word of the person's shell.
func (s System) Quote(word string) string {
	if s == Windows {
		return QuoteWindows(word)
	}
	return Quote(word)
}

// Set sets a variable, for what is started from the same shell.
func (s System) Set(name, value string) string {
	if s == Windows {
		return "set the variable " + name + " to " + value
	}
	return "export " + name + "=" + value
}

// Unset takes variables out of the environment.
func (s System) Unset(names ...string) string {
	if s == Windows {
		return "take " + strings.Join(names, ", ") + " out of the environment"
	}
	return "unset " + strings.Join(names, " ")
}

// MakeFolder makes a folder, and those above it.
func (s System) MakeFolder(folder string) string {
	if s == Windows {
		return "mkdir " + s.Quote(folder)
	}
	return "mkdir -p " + s.Quote(folder)
}

// Move gives a file another name.
func (s System) Move(from, to string) string {
	program := "mv "
	if s == Windows {
		program = "move "
	}
	return program + s.Quote(from) + " " + s.Quote(to)
}

// Show shows whether files answer, and who owns them.
func (s System) Show(files ...string) string {
	program := "ls -lL "
	if s == Windows {
		program = "dir "
	}
	return program + strings.Join(files, " ")
}

// HomeFile names a file of the person's home, by its path with slashes, as
// people write it.
func (s System) HomeFile(path string) string {
	if s == Windows {
		return `%UserProfile%\` + strings.ReplaceAll(path, "/", `\`)
	}
	return "~/" + path
}

// Administrator words that a command is for those who may change the system.
func (s System) Administrator(command string) string {
	if s == Windows {
		return command + ", as an administrator"
	}
	return "sudo " + command
}

// InstallGit says how a person comes by a git.
func (s System) InstallGit() string {
	if s == MacOS {
		return "xcode-select --install"
	}
	return "install git: https://git-scm.com/downloads"
}

// EraseCredential returns the command that deletes what a credential helper has
// stored for a host, or, with path, for one repository of it. helper is its line
// in git's configuration: "store --file ~/x". On Windows, cmd and PowerShell
// have no common way to pipe two lines. On a Mac, git-credential-osxkeychain
// deletes everything of the host since git 2.45, and can open a dialog.
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
