//go:build unix

package regularfile

import "syscall"

// nonBlocking makes open(2) return at once if a named pipe has taken the place of
// the regular file that was checked.
const nonBlocking = syscall.O_NONBLOCK | syscall.O_NOCTTY
