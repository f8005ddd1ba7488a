//go:build !linux && !darwin && !windows

package prompt

import "errors"

// dialog fails: there are no dialogs for this system yet.
func (p *Prompter) dialog() (dialog, error) {
	return nil, errors.New("dialogs are not supported on this system yet")
}
