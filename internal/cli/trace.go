package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// openTrace follows GIT_CREDENTIAL_MFA_TRACE, which is written as git's own
// GIT_TRACE: 1 or true for stderr, an absolute path for a file that is
// appended to. The file is made readable for its owner only.
func openTrace(setting string, stderr io.Writer) (trace func(string, ...any), closeTrace func()) {
	var out io.Writer
	closeTrace = func() {}
	switch {
	case setting == "1" || strings.EqualFold(setting, "true"):
		out = stderr
	case filepath.IsAbs(setting):
		file, err := openTraceFile(setting)
		if err != nil {
			fmt.Fprintf(stderr, "%s: warning: opening the trace: %v\n", name, err)
			break
		}
		out, closeTrace = file, func() { file.Close() }
	}
	if out == nil {
		return func(string, ...any) {}, closeTrace
	}
	return func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		fmt.Fprintf(out, "%s %s[%d]: %q\n", time.Now().Format("15:04:05.000000"), name, os.Getpid(), line)
	}, closeTrace
}

// openTraceFile opens a file or a terminal for the trace. It refuses a named
// pipe, which could block, and a symbolic link: in a folder where others may
// write, a link could make the trace go into any file of the user.
func openTraceFile(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK|noFollow, 0o600) // mutation: a trace is not written through a link
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if named, linkErr := os.Lstat(name); err == nil && (linkErr != nil || !os.SameFile(info, named)) { // mutation: a trace is not written through a link
		err = errors.New("it is a symbolic link")
	}
	if err == nil && !info.Mode().IsRegular() && info.Mode()&os.ModeCharDevice == 0 {
		err = errors.New("it is neither a file nor a terminal")
	}
	if err == nil && info.Mode().IsRegular() {
		err = file.Chmod(0o600) // it may have existed before
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
