package early

import (
	"syscall"
	"time"
)

// Read asks the kernel whether there is input, which costs less than a
// goroutine that waits for it. It does so with package syscall: an import of
// golang.org/x/sys would have all of github.com initialised before this
// package.
func (i *input) Read(p []byte) (int, error) {
	fd := int(i.file.Fd())
	for {
		var ready syscall.FdSet
		ready.Bits[0] = 1 << fd
		left := syscall.NsecToTimeval(max(0, int64(time.Until(i.end))))
		n, err := syscall.Select(fd+1, &ready, nil, nil, &left)
		if err == syscall.EINTR {
			continue
		}
		if n == 0 && err == nil && !isTerminal(i.file) { // mutation: a request that never ends
			return 0, ErrNoEnd
		}
		return i.file.Read(p)
	}
}
