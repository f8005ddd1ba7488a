// Package credential speaks git's language: the lines of key=value that git
// writes to a credential helper and reads back from it, as git-credential(1)
// and gitcredentials(7) describe them. It is pure: it knows readers and
// writers, and nothing of AWS.
package credential

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrMalformed says that a request is not one that git would have written
// whole: a control byte, a duplicate, a line or an input beyond every limit,
// or no protocol or host. The right answer to it is silence: git itself can
// die half-way through writing a request (its check for carriage returns runs
// while it writes), and everything else is an attack.
var ErrMalformed = errors.New("malformed credential request")

const (
	// maxLine is git's own limit for a line, its line feed included
	// (credential.c reads into a strbuf, helpers into LARGE_PACKET_MAX).
	maxLine = 65535
	// maxInput bounds the whole request: wwwauth[] lines are written by the
	// server, so their number is the server's choice.
	maxInput = 1 << 20
)

// Request holds the attributes of a credential that this program uses. The
// values are as git sent them: the host keeps the user's case and port, the
// path has neither leading nor trailing slash and is percent-decoded.
type Request struct {
	Protocol string
	Host     string
	Path     string
	Username string
}

// ReadRequest reads one request, up to an empty line or the end of input.
// Attributes that it does not know are skipped, as git-credential(1) asks.
// The error is ErrMalformed, wrapped, or one of reading.
func ReadRequest(r io.Reader) (Request, error) {
	var req Request
	attributes := map[string]*string{
		"protocol": &req.Protocol,
		"host":     &req.Host,
		"path":     &req.Path,
		"username": &req.Username,
	}
	seen := make(map[string]bool, len(attributes))
	lines := newScanner(r)
	for lines.Scan() {
		line := bytes.TrimSuffix(lines.Bytes(), []byte("\r"))
		if len(line) == 0 {
			break
		}
		key, value, ok := bytes.Cut(line, []byte("="))
		if !ok {
			return Request{}, fmt.Errorf("%w: a line without =", ErrMalformed)
		}
		attribute := attributes[string(key)]
		if attribute == nil {
			continue
		}
		if err := check(string(key), value, seen); err != nil {
			return Request{}, err
		}
		*attribute = string(value)
	}
	if err := lines.Err(); err != nil {
		return Request{}, fmt.Errorf("reading the credential request: %w", err)
	}
	if req.Protocol == "" || req.Host == "" {
		return Request{}, fmt.Errorf("%w: no protocol or no host", ErrMalformed)
	}
	return req, nil
}

// check refuses what has carried attacks through other helpers: a second
// value for the same attribute (CVE-2020-5260 injected a second host), and
// control bytes, of which the bare carriage return was taken for the end of a
// line (CVE-2024-52006, CVE-2024-50338) and the rest steer terminals.
func check(key string, value []byte, seen map[string]bool) error {
	if seen[key] {
		return fmt.Errorf("%w: two attributes of the same name", ErrMalformed)
	}
	seen[key] = true
	for _, b := range value {
		if b < 0x20 || b == 0x7f {
			return fmt.Errorf("%w: a control byte", ErrMalformed)
		}
	}
	return nil
}

// newScanner returns a scanner of lines that fails, rather than cut a line in
// two, where a line or the input is too long: git's own helpers once parsed
// the second half of a long wwwauth[] as a host (git 71201ab0e5).
func newScanner(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(&limited{r: r, left: maxInput})
	lines.Buffer(make([]byte, 0, 4096), maxLine+1)
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		end := bytes.IndexByte(data, '\n')
		switch {
		case end >= maxLine, end < 0 && len(data) >= maxLine:
			return 0, nil, fmt.Errorf("%w: a line over %d bytes", ErrMalformed, maxLine)
		case end >= 0:
			return end + 1, data[:end], nil
		case atEOF && len(data) > 0:
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	return lines
}

// limited fails where io.LimitReader would report a clean end of input: a
// request must not be believed up to a point that an attacker chooses.
type limited struct {
	r    io.Reader
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= n; l.left < 0 {
		return 0, fmt.Errorf("%w: over %d bytes", ErrMalformed, maxInput)
	}
	return n, err
}
