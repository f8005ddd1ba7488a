package gitexec

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

const separators = `/\`

func isSystem32(folder string) bool {
	system, err := windows.GetSystemDirectory()
	return err == nil && strings.EqualFold(filepath.Clean(folder), filepath.Clean(system))
}

func isProgramFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// ShortName returns the 8.3 name of a path, C:\Users\ALICEB~1, or the path
// itself if it has none.
func ShortName(path string) string {
	long, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return path
	}
	var short [windows.MAX_LONG_PATH]uint16
	n, err := windows.GetShortPathName(long, &short[0], uint32(len(short)))
	if err != nil || n == 0 || int(n) > len(short) {
		return path
	}
	return windows.UTF16ToString(short[:n])
}

// Command returns a command that runs a program as git does, with git's PATH. The
// errors are ErrNotFound, ErrNoInterpreter and ErrNotAProgram.
func Command(folders []string, program string, args ...string) (*exec.Cmd, error) {
	path := Find(program, folders)
	if path == "" {
		return nil, fmt.Errorf("%s: %w", program, ErrNotFound)
	}
	head, err := beginning(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	var cmd *exec.Cmd
	interpreter := interpreterOf(head)
	switch extension := strings.ToLower(filepath.Ext(path)); {
	case interpreter != "" && extension != ".exe":
		shell := Find(strings.TrimSuffix(interpreter, ".exe")+".exe", folders)
		if shell == "" {
			return nil, fmt.Errorf("%s: %w: %s", program, ErrNoInterpreter, interpreter)
		}
		cmd = exec.Command(shell, append([]string{path}, args...)...)
		if isMSYSShell(shell) {
			cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: msysLine(cmd.Args)}
		}
	case bytes.HasPrefix(head, []byte("MZ")), slices.Contains([]string{".bat", ".cmd", ".com"}, extension):
		cmd = exec.Command(path, args...)
	default:
		return nil, fmt.Errorf("%s: %w", program, ErrNotAProgram)
	}
	cmd.Env = append(os.Environ(), "PATH="+strings.Join(folders, ";"))
	Hide(cmd)
	return cmd, nil
}

var getConsoleWindow = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleWindow")

// Hide keeps a command from opening a console window if this process has none. A
// GUI's git runs its helpers without a console, and Windows would open one for each
// program that they start.
func Hide(cmd *exec.Cmd) {
	if window, _, _ := getConsoleWindow.Call(); window != 0 {
		return
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= windows.CREATE_NO_WINDOW
}

// beginning returns the part of a file that git looks at.
func beginning(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, windows.MAX_PATH-1))
}

// interpreterOf returns the name of the program in a "#!" line, without its
// folder and options, or "" (parse_interpreter in compat/mingw.c).
func interpreterOf(head []byte) string {
	line, ok := bytes.CutPrefix(head, []byte("#!"))
	end := bytes.IndexAny(line, "\r\n")
	if !ok || end < 0 {
		return ""
	}
	line = line[:end]
	folder := max(bytes.LastIndexByte(line, '/'), bytes.LastIndexByte(line, '\\'))
	if folder < 0 {
		return ""
	}
	name, _, _ := strings.Cut(string(line[folder+1:]), " ")
	return name
}

// isMSYSShell reports whether a program is the sh of Git for Windows, which
// splits its command line by Cygwin's rules.
func isMSYSShell(shell string) bool {
	return strings.HasSuffix(strings.ToLower(shell), `\usr\bin\sh.exe`)
}

// msysLine quotes arguments for MSYS, so that it does not treat "*" as a
// pattern or a backslash as an escape (quote_arg_msys2 in compat/mingw.c).
func msysLine(args []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg
		if arg == "" || strings.ContainsAny(arg, " \t\n\v\f\r\\\"{'?*~") {
			words[i] = `"` + escape.Replace(arg) + `"`
		}
	}
	return strings.Join(words, " ")
}
