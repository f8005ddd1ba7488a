package policyfile

import (
	"errors"
	"io"
	"os"
	"slices"
	"time"
)

// maxFile bounds a file. An account's details are a few dozen megabytes.
const maxFile = 256 << 20

// pipeLimit is how long a program that writes to a named pipe has.
var pipeLimit = 30 * time.Second

// openFile opens a file. A named pipe waits for somebody to write to it, which may
// be nobody.
func openFile(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return os.Open(name)
	}
	type result struct {
		file *os.File
		err  error
	}
	done := make(chan result, 1)
	go func() {
		f, err := os.Open(name)
		done <- result{f, err}
	}()
	select {
	case o := <-done:
		if o.err == nil {
			_ = o.file.SetReadDeadline(time.Now().Add(pipeLimit))
		}
		return o.file, o.err
	case <-time.After(pipeLimit):
		return nil, errors.New("nobody writes to this pipe")
	}
}

// readAll is io.ReadAll with room from the start: growing would cost several
// times the file's size.
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
