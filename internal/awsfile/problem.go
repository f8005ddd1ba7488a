package awsfile

import (
	"bytes"
	"errors"
)

var (
	// ErrEncoding is for a file that is not UTF-8 without a byte order mark: the SDK does not see its first header, or
	// nothing at all.
	ErrEncoding = errors.New("the AWS SDK reads UTF-8 without a byte order mark only")
	// ErrNotAFile is for a folder or a pipe in the place of a file.
	ErrNotAFile = errors.New("not a regular file")
	// ErrLoneQuote is for a value that is a quote and nothing else.
	ErrLoneQuote = errors.New("a value is a single quote, which the AWS SDK can't read")
)

// foreign is an error for a text in another encoding.
func foreign(text []byte) error {
	for mark, name := range map[string]string{"\xef\xbb\xbf": "a byte order mark (BOM)", "\xff\xfe": "UTF-16", "\xfe\xff": "UTF-16"} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return encodingError(name)
		}
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return encodingError("NUL bytes, as UTF-16 has them")
	}
	return nil
}

type encodingError string

func (e encodingError) Error() string { return "it has " + string(e) + ": " + ErrEncoding.Error() }
func (e encodingError) Unwrap() error { return ErrEncoding }
