//go:build unix

package cli

import (
	"context"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// desktopLanguage is English: a terminal's locale says what the desktop's is.
func desktopLanguage() language.Language { return language.English }

// ReaderGone returns a function whose channel is closed when nobody reads a
// pipe any more. A helper outlives a git that is killed, and its question
// would stand in the way of the next git's.
func ReaderGone(pipe *os.File) func(context.Context) <-chan struct{} {
	return func(ctx context.Context) <-chan struct{} {
		gone := make(chan struct{})
		fd := int32(pipe.Fd())
		go func() {
			for ctx.Err() == nil {
				// An error and a hang-up are always reported (poll(2)), except
				// by macOS, which watches nothing when no event is asked for
				// (poll_nocancel in xnu's bsd/kern/sys_generic.c). This one
				// never comes on a pipe; GNU tail asks for its like.
				fds := []unix.PollFd{{Fd: fd, Events: unix.POLLPRI}}
				n, err := unix.Poll(fds, int((200 * time.Millisecond).Milliseconds()))
				if err == nil && n > 0 {
					if fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0 {
						close(gone)
					}
					return
				}
			}
		}()
		return gone
	}
}

// shortName is for Windows.
func shortName(path string) string { return path }

// noFollow makes opening a symbolic link an error.
const noFollow = syscall.O_NOFOLLOW
