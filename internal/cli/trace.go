package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
		file, err := os.OpenFile(setting, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
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
