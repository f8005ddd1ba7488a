package prompt

import "golang.org/x/sys/windows"

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
