// Package regularfile reads files at paths where anything may be: the person's
// settings, git's and AWS's files, and our own. Every read ends: it opens only
// regular files, reads at most MaxSize bytes, and has a time limit for a drive
// that does not answer. It does not read a named pipe, because that takes its
// content away from another program.
package regularfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/bounded"
)

// MaxSize is the most bytes that Read returns. The largest files in use are
// bundles of certificates, of less than 1 MiB.
const MaxSize = 16 << 20

// timeLimit is long for a network drive that works, and short for a person who
// waits for git. Tests change it.
var timeLimit = 10 * time.Second

// heldLimit is how long a file that another program has open is tried again on
// Windows.
const heldLimit = 500 * time.Millisecond

var (
	// ErrNotRegular: the path is a folder, named pipe, device or socket.
	ErrNotRegular = errors.New("not a regular file")

	// ErrTooLarge: the file has more than MaxSize bytes.
	ErrTooLarge = fmt.Errorf("larger than %d MiB", MaxSize>>20)

	// ErrTimeout: the drive did not answer within 10 seconds.
	ErrTimeout = errors.New("the file can't be read in time")
)

// Read returns the content of a regular file. The null device is empty, because
// people use it for "no file". The error is a *fs.PathError, which may wrap
// fs.ErrNotExist, ErrNotRegular, ErrTooLarge or ErrTimeout, or it is ctx's.
func Read(ctx context.Context, path string) ([]byte, error) {
	data, err := Within(ctx, func() ([]byte, error) { return read(path) })
	if errors.Is(err, ErrTimeout) {
		err = &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return data, err
}

// Check returns nil for a regular file or the null device, or else the error
// that Read would return. It reads nothing. It is for files that a library
// opens.
func Check(ctx context.Context, path string) error {
	err := Do(ctx, func() error {
		_, err := isNull(path)
		return err
	})
	if errors.Is(err, ErrTimeout) {
		err = &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return err
}

// Within returns what do returns, or ErrTimeout after 10 seconds, or ctx's
// error. It is for code that opens files without a time limit; see bounded.Do.
func Within[T any](ctx context.Context, do func() (T, error)) (T, error) {
	value, err := bounded.Do(ctx, timeLimit, do)
	if errors.Is(err, bounded.ErrTimeout) {
		err = fmt.Errorf("%w (%v)", ErrTimeout, timeLimit)
	}
	return value, err
}

// Do is Within for code that only returns an error.
func Do(ctx context.Context, do func() error) error {
	_, err := Within(ctx, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

func read(path string) ([]byte, error) {
	if null, err := isNull(path); null || err != nil {
		return nil, err
	}
	return readRegular(path)
}

// readRegular reads a file. It checks the open file again, because another may
// have taken the place of the one that was checked.
func readRegular(path string) ([]byte, error) {
	var file *os.File
	err := atomicfile.Patiently(heldLimit, func() (err error) {
		file, err = os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if nonBlocking != 0 {
		info, err := file.Stat()
		if err == nil { // mutation: a pipe that took a file's place
			err = regular(path, info)
		}
		if err != nil {
			return nil, err
		}
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err == nil && len(data) > MaxSize { // mutation: a file has a limit in size
		err = &fs.PathError{Op: "read", Path: path, Err: ErrTooLarge}
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// isNull reports whether the path is the null device. The error is for what is
// neither that nor a regular file. It opens nothing, because opening some
// devices has an effect.
func isNull(path string) (bool, error) {
	if strings.EqualFold(path, os.DevNull) { // Windows compares names without regard to case
		return true, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if info.Mode()&fs.ModeCharDevice != 0 {
		if null, err := os.Stat(os.DevNull); err == nil && os.SameFile(info, null) {
			return true, nil
		}
	}
	return false, regular(path, info)
}

// regular returns nil for a regular file, or else an error that names its kind.
func regular(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() { // mutation: only a regular file is read
		return nil
	}
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%s, %w", kind(info.Mode()), ErrNotRegular)}
}

// kind describes a file that is not regular.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
