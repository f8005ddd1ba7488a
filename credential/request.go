// Package credential reads and writes the protocol between git and a credential
// helper: lines of key=value, described in git-credential(1) and
// gitcredentials(7).
package credential

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrMalformed: git did not write this request, or not to its end. It has a
// control byte, a duplicate, a line or input that is too long, or no protocol or
// host. A helper should not answer it: git can die while it writes a request
// (it checks for carriage returns meanwhile), and everything else is an attack.
var ErrMalformed = errors.New("malformed credential request")

const (
	// maxLine is git's limit for a line, with its line feed (credential.c reads into
	// a strbuf, helpers into LARGE_PACKET_MAX).
	maxLine = 65535
	// maxInput is the limit for a request. The server decides how many wwwauth[]
	// lines there are.
	maxInput = 1 << 20
)

// Request holds the attributes that this program uses, as git sent them: the
// host in the case that the person typed and with its port, the path decoded and
// without a slash at either end.
type Request struct {
	Protocol string
	Host     string
	Path     string
	Username string
}

// ReadRequest reads one request, up to an empty line or the end of input. It
// skips unknown attributes, as git-credential(1) demands. The error wraps
// ErrMalformed, or is one of reading.
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

// check refuses two means of attacks on helpers: a second value of an attribute
// (CVE-2020-5260 injected a second host), and control bytes. Some helpers read a
// bare carriage return as the end of a line (CVE-2024-52006, CVE-2024-50338),
// and others control the terminal.
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

// newScanner returns a scanner of lines. It fails if a line or the input is too
// long, and does not split a line: git's own helpers once read the second half
// of a long wwwauth[] line as a host (git 71201ab0e5).
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

// limited is a reader that fails at its limit. io.LimitReader would report the
// end of input, and the request would be accepted without its rest.
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
