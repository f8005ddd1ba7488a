package prompt

import "errors"

// openTerminal fails: asking in a Windows console, which may be hidden behind
// MSYS or invisible, is not built yet.
func openTerminal() (terminal, error) {
	return nil, errors.New("questions in a Windows console are not supported yet")
}
