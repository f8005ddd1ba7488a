package prompt

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

var getConsoleWindow = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleWindow")

// openTerminal opens the console, past stdin and stdout; under MSYS, which git
// for Windows sets up for all that it runs, it lets bash, as git does.
//
// A console without a window is one that a GUI program started git with
// (CREATE_NO_WINDOW): it opens like any other, and nobody ever types there.
// Those of Windows Terminal and mintty have one, if a hidden one.
func openTerminal() (terminal, error) {
	if window, _, _ := getConsoleWindow.Call(); window == 0 {
		return nil, errors.New("there is no console with a window")
	}
	if os.Getenv("MSYSTEM") != "" {
		if bash := msysBash(os.Getenv("PATH"), os.Getenv("SystemRoot")); bash != "" {
			return openThroughBash(bash)
		}
	}
	return openConsole()
}

// msysBash finds bash on PATH, but neither in a relative folder, which may be
// a repository's, nor the one of Windows itself, which starts Linux (WSL).
func msysBash(path, windowsFolder string) string {
	for _, dir := range filepath.SplitList(path) {
		inWindows, err := filepath.Rel(windowsFolder, dir)
		if !filepath.IsAbs(dir) || err == nil && filepath.IsLocal(inWindows) || strings.Contains(dir, `\WindowsApps`) {
			continue
		}
		if bash, err := exec.LookPath(filepath.Join(dir, "bash.exe")); err == nil {
			return bash
		}
	}
	return ""
}

// console is Windows' own. Package os turns its UTF-16 into UTF-8 and back.
type console struct {
	in, out *os.File
	// lines is true in the usual mode, in which the console shows and edits
	// the line, and ends it with CR and LF.
	lines bool
}

func openConsole() (terminal, error) {
	// Writing alone would do, were it not for asking for the mode.
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return nil, err
	}
	c := console{in: in, out: out}
	var mode uint32
	if err := windows.GetConsoleMode(windows.Handle(in.Fd()), &mode); err != nil {
		return nil, errors.Join(fmt.Errorf("asking for the console's mode: %w", err), c.Close())
	}
	c.lines = mode&windows.ENABLE_LINE_INPUT != 0
	return c, nil
}

func (c console) name() string { return "the console" }

func (c console) Write(p []byte) (int, error) { return c.out.Write(p) }

// Read drops the CR before the LF. As the end of a line, which it is in raw
// mode, it would leave the LF to answer the next question.
func (c console) Read(p []byte) (int, error) {
	for {
		n, err := c.in.Read(p)
		if n != 1 || p[0] != '\r' || !c.lines {
			return n, err
		}
	}
}

func (c console) discard() { _ = windows.FlushConsoleInputBuffer(windows.Handle(c.in.Fd())) }

func (c console) Close() error { return errors.Join(c.in.Close(), c.out.Close()) }

// showColours has the console obey escape sequences, which it may show as text
// by default, and returns what undoes that.
func showColours(t terminal) func() {
	c, ok := t.(console)
	if !ok {
		return func() {}
	}
	handle := windows.Handle(c.out.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(handle, &mode); err != nil {
		return func() {}
	}
	_ = windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
	return func() { _ = windows.SetConsoleMode(handle, mode) }
}

// Fd is what is read from.
func (c console) Fd() uintptr { return c.in.Fd() }

// outputOf is what is written to, of which the console knows the size.
func outputOf(t terminal, input uintptr) int {
	if c, ok := t.(console); ok {
		input = c.out.Fd()
	}
	return int(input)
}
