package early

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// A caller that never ends its request is not waited for, however much it has
// written.
func TestInputThatNeverEnds(t *testing.T) {
	for name, written := range map[string]string{"nothing": "", "half a request": "protocol=https\nhost=example.com\n"} {
		from, to, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close() // which waits for the read on Windows
		defer to.Close()
		if _, err := to.WriteString(written); err != nil {
			t.Fatal(err)
		}
		read := make(chan error, 1)
		go func() {
			_, err := credential.ReadRequest(&input{from, time.Now().Add(50 * time.Millisecond)})
			read <- err
		}()
		select {
		case err := <-read:
			if !errors.Is(err, ErrNoEnd) || errors.Is(err, credential.ErrMalformed) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: it waits", name)
		}
	}
}

// One that is slow, but ends, is heard.
func TestInputThatIsSlow(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	go func() {
		defer to.Close()
		for _, line := range []string{"protocol=https\n", "host=example.com\n", "\n"} {
			time.Sleep(20 * time.Millisecond)
			_, _ = to.WriteString(line)
		}
	}()
	request, err := credential.ReadRequest(&input{from, time.Now().Add(time.Minute)})
	if err != nil || request.Host != "example.com" {
		t.Error(request, err)
	}
}
