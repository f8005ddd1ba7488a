//go:build !linux && !darwin && !windows

package prompt

import "errors"

// dialog fails: windows of this system are not built yet.
func (p *Prompter) dialog() (dialog, error) {
	return nil, errors.New("dialogs are not supported on this system yet")
}
