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

// openTerminal opens the console, independently of stdin and stdout. Under
// MSYS, which Git for Windows sets up for all that it runs, bash opens the
// terminal, as for git itself. It fails for a console without a window: a GUI
// program started git with it (CREATE_NO_WINDOW), and nobody can type there.
// The consoles of Windows Terminal and mintty have a window, though a hidden
// one.
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

// msysBash finds bash on PATH. It ignores relative folders, which may be in a
// repository, and the bash of Windows itself, which starts Linux (WSL).
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

// console is the console of Windows. Package os converts between its UTF-16 and
// UTF-8.
type console struct {
	in, out *os.File
	// lines is true in the usual mode, in which the console edits the line and
	// ends it with CR and LF.
	lines bool
}

func openConsole() (terminal, error) {
	// Both are opened for reading too, since GetConsoleMode needs that.
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

// Read drops the CR before the LF. Otherwise the CR would end the line, as in
// raw mode, and the LF would answer the next question.
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

// showColours makes the console interpret escape sequences, which it may
// otherwise show as text. It returns a function that undoes that.
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

// Fd returns the handle for reading.
func (c console) Fd() uintptr { return c.in.Fd() }

// outputOf returns the handle for writing, which has the console's size.
func outputOf(t terminal, input uintptr) int {
	if c, ok := t.(console); ok {
		input = c.out.Fd()
	}
	return int(input)
}
