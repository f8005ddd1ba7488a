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

// desktopLanguage returns English: on Unix the locale is the desktop's too.
func desktopLanguage() language.Language { return language.English }

// ReaderGone returns a function whose channel is closed when the reader of a
// pipe is gone. A helper outlives a git that is killed, and its question would
// get in the way of the next git's.
func ReaderGone(pipe *os.File) func(context.Context) <-chan struct{} {
	return func(ctx context.Context) <-chan struct{} {
		gone := make(chan struct{})
		fd := int32(pipe.Fd())
		go func() {
			for ctx.Err() == nil {
				// An error and a hang-up are always reported (poll(2)), except by macOS,
				// which watches nothing when no event is asked for (poll_nocancel in xnu's
				// bsd/kern/sys_generic.c). POLLPRI never comes on a pipe. GNU tail uses a
				// similar event.
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

// noFollow makes opening a symbolic link an error.
const noFollow = syscall.O_NOFOLLOW
