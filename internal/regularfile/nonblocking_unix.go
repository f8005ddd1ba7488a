//go:build unix

package regularfile

import "syscall"

// nonBlocking keeps a named pipe that took a regular file's place after the look
// at it from being waited for.
const nonBlocking = syscall.O_NONBLOCK | syscall.O_NOCTTY
