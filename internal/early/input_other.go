//go:build !linux

package early

import "time"

// Read leaves a read that takes too long behind.
func (i *input) Read(p []byte) (int, error) {
	if isTerminal(i.file) {
		return i.file.Read(p)
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := i.file.Read(p)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-time.After(time.Until(i.end)):
		return 0, ErrNoEnd
	}
}
