package policyfile

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/bounded"
)

// maxFile bounds a file. An account's details are a few dozen megabytes.
const maxFile = 256 << 20

// pipeLimit is the time that a program has to write to a named pipe.
var pipeLimit = 30 * time.Second

// openFile opens a file. Opening a named pipe waits for a writer, which may
// never come.
func openFile(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return os.Open(name)
	}
	file, err := bounded.Do(context.Background(), pipeLimit, func() (*os.File, error) { return os.Open(name) })
	if errors.Is(err, bounded.ErrTimeout) {
		err = errors.New("no program writes to this pipe")
	}
	if err == nil {
		_ = file.SetReadDeadline(time.Now().Add(pipeLimit))
	}
	return file, err
}

// readAll is io.ReadAll with a buffer of the file's size, as growing one would
// take several times that.
func readAll(r io.Reader) ([]byte, error) {
	limited := io.LimitReader(r, maxFile+1)
	var text []byte
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() <= maxFile {
			text = make([]byte, 0, info.Size()+512)
		}
	}
	for {
		text = slices.Grow(text, 512)
		n, err := limited.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		if errors.Is(err, io.EOF) {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
