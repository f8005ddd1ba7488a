//go:build !windows

package prompt

// showColours does nothing: terminals obey escape sequences.
func showColours(terminal) func() { return func() {} }

// outputOf is the terminal itself.
func outputOf(_ terminal, terminal uintptr) int { return int(terminal) }
