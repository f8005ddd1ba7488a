package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// TestUnreadableStdin: git is told to stop, since it would go on to ask for a
// username, and the person why.
func TestUnreadableStdin(t *testing.T) {
	folder, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for name, c := range map[string]struct {
		stdin io.Reader
		null  bool
	}{
		"a folder":          {folder, false},
		"an error":          {iotest.ErrReader(syscall.EIO), false},
		"an error half-way": {io.MultiReader(strings.NewReader("protocol=https\nhost=example.com\n"), iotest.ErrReader(syscall.EIO)), false},
		"closed":            {strings.NewReader(""), true},
	} {
		for operation, wanted := range map[string]string{"get": "quit=1\n", "erase": ""} {
			var stdout, stderr bytes.Buffer
			no := func() bool { return false }
			status := Run(context.Background(), System{Args: []string{name, operation}, Request: func() (credential.Request, error) { return credential.ReadRequest(c.stdin) }, Stdout: &stdout, Stderr: &stderr,
				Getenv: func(string) string { return "" }, StdinIsTerminal: no, StdinWasClosed: func() bool { return c.null }})
			if status != 1 || stdout.String() != wanted || !strings.Contains(stderr.String(), "error: stdin can't be read: ") ||
				!strings.Contains(stderr.String(), "hint: ") {
				t.Errorf("%s of %s: %d\n%s%s", operation, name, status, &stdout, &stderr)
			}
		}
	}
}
