package cache

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// readDirectly returns the secret of the only item of a key. Nearly every answer
// to git comes from here, in three round trips and without a goroutine. If
// anything is unusual (no such item, several, a locked one, an error), it
// returns errOdd or the connection's error, and exchange finds out what it is.
func (s *secretService) readDirectly(key string) ([]byte, error) {
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	c, err := openDirect(s.ctx, s.sockets[0], time.Now().Add(s.limit))
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.secret(key)
}

// directConn is a socket whose reads and writes block in the kernel, until the
// deadline at most.
type directConn struct {
	fd       int
	deadline time.Time
	stop     func() bool
	received []byte // and not yet used
	serial   int
}

func openDirect(ctx context.Context, path string, deadline time.Time) (*directConn, error) {
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	c := &directConn{fd: fd, deadline: deadline, received: make([]byte, 0, 4096)}
	c.stop = context.AfterFunc(ctx, func() { _ = unix.Shutdown(fd, unix.SHUT_RDWR) })
	if err = c.setLimit(unix.SO_SNDTIMEO); err == nil {
		err = ignoringEINTR(func() error { return unix.Connect(fd, &unix.SockaddrUnix{Name: path}) })
	}
	if err == nil {
		err = ownListener(fd, path)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *directConn) close() {
	// If it is too late to stop the shutdown, the descriptor stays open: its number
	// could otherwise be another file's by then.
	if c.stop() {
		_ = unix.Close(c.fd)
	}
}

// secret returns the secret of the item of a key.
func (c *directConn) secret(key string) ([]byte, error) {
	user := hex.EncodeToString([]byte(strconv.Itoa(os.Geteuid())))
	var search writer
	search.textMap([2]string{attributeOwner, appName}, [2]string{attributeKey, key})
	hello := c.call(call{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", ""}, nil)
	found := c.call(call{secretsName, string(secretsPath), secretsPrefix + "Service", "SearchItems", "a{ss}"}, search)
	// All in one write: the bus handles messages in order, so none of them has to
	// wait for an answer.
	greeting := "\x00AUTH EXTERNAL " + user + "\r\nBEGIN\r\n"
	if err := c.write(append(append([]byte(greeting), hello...), found...)); err != nil {
		return nil, err
	}
	if err := c.authenticated(); err != nil {
		return nil, err
	}
	answer, err := c.reply("aoao")
	if err != nil {
		return nil, err
	}
	items := answer.texts()
	if answer.failed || len(items) != 1 { // mutation: direct: the one item
		return nil, errOdd
	}
	var plain writer
	plain.text("plain")
	plain.signature("s")
	plain.text("")
	// Sent after the answer to the search, or GNOME Keyring aborts: see exchange.
	answer, err = c.ask(call{secretsName, string(secretsPath), secretsPrefix + "Service", "OpenSession", "sv"}, plain, "vo")
	if err != nil {
		return nil, err
	}
	if kind := answer.signature(); kind != "s" {
		return nil, errOdd
	}
	answer.text()
	var session writer
	session.text(answer.text())
	answer, err = c.ask(call{secretsName, items[0], itemInterface, "GetSecret", "o"}, session, "(oayays)")
	if err != nil {
		return nil, err
	}
	answer.text()
	answer.bytes()
	data := bytes.Clone(answer.bytes())
	answer.text()
	if answer.failed {
		return nil, errOdd
	}
	return data, nil
}

// authenticated reads the bus's answer to AUTH.
func (c *directConn) authenticated() error {
	for {
		if line, rest, ok := bytes.Cut(c.received, []byte("\r\n")); ok {
			c.received = rest
			if !bytes.HasPrefix(line, []byte("OK ")) {
				return fmt.Errorf("%w: authentication failed", errOdd)
			}
			return nil
		}
		if err := c.read(); err != nil {
			return err
		}
	}
}

// call returns the message of a call, with the next serial number.
func (c *directConn) call(what call, body writer) []byte {
	c.serial++
	return what.message(c.serial, body)
}

// ask calls a method and returns its results, which must have the types of the
// signature.
func (c *directConn) ask(what call, body writer, signature string) (reader, error) {
	if err := c.write(c.call(what, body)); err != nil {
		return reader{}, err
	}
	return c.reply(signature)
}

// reply returns the results of the last call. It skips other messages: signals,
// and the answer to Hello.
func (c *directConn) reply(signature string) (reader, error) {
	for {
		m, err := c.next()
		switch {
		case err != nil:
			return reader{}, err
		case m.serial != c.serial:
		case m.kind != methodReturn || m.signature != signature:
			return reader{}, fmt.Errorf("%w: a message of type %d, with %q", errOdd, m.kind, m.signature)
		default:
			return m.body, nil
		}
	}
}

// next returns the next message.
func (c *directConn) next() (reply, error) {
	if err := c.fill(headerSize); err != nil {
		return reply{}, err
	}
	rest, err := restOf(c.received[:headerSize])
	if err != nil {
		return reply{}, err
	}
	if err := c.fill(headerSize + rest); err != nil {
		return reply{}, err
	}
	data := c.received[:headerSize+rest]
	c.received = c.received[headerSize+rest:]
	return parse(data)
}

// fill reads until at least n bytes are received.
func (c *directConn) fill(n int) error {
	for len(c.received) < n {
		if err := c.read(); err != nil {
			return err
		}
	}
	return nil
}

// errClosed: the bus closed the connection.
var errClosed = errors.New("the session bus closed the connection")

func (c *directConn) read() error {
	if err := c.setLimit(unix.SO_RCVTIMEO); err != nil {
		return err
	}
	var buffer [4096]byte
	return ignoringEINTR(func() error {
		n, err := unix.Read(c.fd, buffer[:])
		if err == nil && n == 0 {
			return errClosed
		}
		c.received = append(c.received, buffer[:max(0, n)]...)
		return err
	})
}

func (c *directConn) write(data []byte) error {
	for len(data) > 0 {
		err := ignoringEINTR(func() error {
			n, err := unix.SendmsgN(c.fd, data, nil, nil, unix.MSG_NOSIGNAL)
			data = data[max(0, n):]
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// setLimit makes the kernel end blocking calls at the deadline. option is
// SO_RCVTIMEO or SO_SNDTIMEO.
func (c *directConn) setLimit(option int) error {
	left := time.Until(c.deadline)
	if left <= 0 {
		return os.ErrDeadlineExceeded
	}
	limit := unix.NsecToTimeval(max(int64(left), int64(time.Microsecond))) // 0 would be no limit
	return unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, option, &limit)
}

// ignoringEINTR repeats a call that a signal has interrupted, and maps the
// kernel's timeout to os.ErrDeadlineExceeded.
func ignoringEINTR(do func() error) error {
	for {
		switch err := do(); {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINPROGRESS):
			return os.ErrDeadlineExceeded
		default:
			return err
		}
	}
}

// The part of D-Bus's protocol that reading one secret needs (D-Bus
// Specification, "Message Protocol"). godbus encodes and decodes by reflection,
// an array of bytes one by one, and reads in a goroutine, which takes a fifth of
// the time of a cached answer.

// errOdd: the reply is not the expected one. The caller asks again with godbus.
var errOdd = errors.New("an unexpected answer on the bus")

// maxMessage is the largest message that is read, in bytes.
const maxMessage = 1 << 20

// The types of messages, and the codes of header fields.
const (
	methodCall, methodReturn, errorReply = 1, 2, 3

	fieldPath, fieldInterface, fieldMember, fieldReplySerial, fieldDestination, fieldSignature = 1, 2, 3, 5, 6, 8
)

// writer appends values in little-endian byte order, each at its alignment.
type writer []byte

func (w *writer) align(n int) {
	for len(*w)%n != 0 {
		*w = append(*w, 0)
	}
}

func (w *writer) uint32(n int) {
	w.align(4)
	*w = binary.LittleEndian.AppendUint32(*w, uint32(n))
}

// text appends a string or an object path.
func (w *writer) text(s string) {
	w.uint32(len(s))
	*w = append(append(*w, s...), 0)
}

func (w *writer) signature(s string) {
	*w = append(append(append(*w, byte(len(s))), s...), 0)
}

// textMap appends a map of strings, a{ss}.
func (w *writer) textMap(pairs ...[2]string) {
	w.uint32(0)
	size := len(*w) - 4
	w.align(8)
	start := len(*w)
	for _, pair := range pairs {
		w.align(8)
		w.text(pair[0])
		w.text(pair[1])
	}
	binary.LittleEndian.PutUint32((*w)[size:], uint32(len(*w)-start))
}

// call is a method call without its arguments.
type call struct{ destination, path, interfaceName, member, signature string }

// message returns the bytes of a call. body are its arguments, with the types of
// the signature.
func (c call) message(serial int, body writer) []byte {
	w := writer{'l', methodCall, 0, 1}
	w.uint32(len(body))
	w.uint32(serial)
	w.uint32(0)
	start := len(w)
	for _, field := range []struct {
		code  byte
		kind  string
		value string
	}{
		{fieldPath, "o", c.path}, {fieldInterface, "s", c.interfaceName}, {fieldMember, "s", c.member},
		{fieldDestination, "s", c.destination}, {fieldSignature, "g", c.signature},
	} {
		w.align(8)
		w = append(w, field.code)
		w.signature(field.kind)
		if field.kind == "g" {
			w.signature(field.value)
		} else {
			w.text(field.value)
		}
	}
	binary.LittleEndian.PutUint32(w[start-4:], uint32(len(w)-start))
	w.align(8)
	return append(w, body...)
}

// reader reads values from a message. After a value that is not there, failed
// stays true.
type reader struct {
	data   []byte
	at     int
	failed bool
}

// take returns the n bytes at the next multiple of alignment.
func (r *reader) take(alignment, n int) []byte {
	start := (r.at + alignment - 1) / alignment * alignment
	if r.failed || n < 0 || n > len(r.data) || start > len(r.data)-n {
		r.failed = true
		return nil
	}
	r.at = start + n
	return r.data[start:r.at]
}

func (r *reader) byte() byte {
	if b := r.take(1, 1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint32() int {
	if b := r.take(4, 4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// text returns a string or an object path.
func (r *reader) text() string {
	s := r.take(1, r.uint32())
	r.take(1, 1)
	return string(s)
}

func (r *reader) signature() string {
	s := r.take(1, int(r.byte()))
	r.take(1, 1)
	return string(s)
}

// bytes returns an array of bytes, without copying it.
func (r *reader) bytes() []byte { return r.take(1, r.uint32()) }

// texts returns an array of strings or object paths.
func (r *reader) texts() []string {
	var all []string
	size := r.uint32()
	for end := r.at + size; r.at < end && !r.failed; {
		r.align(4)
		all = append(all, r.text())
	}
	return all
}

func (r *reader) align(n int) { r.take(n, 0) }

// reply is a message that was received.
type reply struct {
	kind      byte
	serial    int // of the call that it replies to, 0 for a signal
	signature string
	body      reader
}

// headerSize is the size of a message's beginning, which tells how long the rest
// is.
const headerSize = 16

// restOf returns how many bytes of a message follow its first headerSize bytes.
func restOf(head []byte) (int, error) {
	r := reader{data: head, at: 4}
	body := r.uint32()
	r.uint32()
	fields := r.uint32()
	if head[0] != 'l' || fields > maxMessage || body > maxMessage {
		return 0, errOdd
	}
	return (fields+7)/8*8 + body, nil
}

// parse decodes a whole message.
func parse(data []byte) (reply, error) {
	r := reader{data: data, at: 12}
	m := reply{kind: data[1]}
	size := r.uint32()
	for end := r.at + size; r.at < end && !r.failed; {
		r.align(8)
		code := r.byte()
		switch kind := r.signature(); {
		case kind == "u" && code == fieldReplySerial:
			m.serial = r.uint32()
		case kind == "u":
			r.uint32()
		case kind == "g" && code == fieldSignature:
			m.signature = r.signature()
		case kind == "s" || kind == "o":
			r.text()
		default:
			return m, fmt.Errorf("%w: a header field of type %q", errOdd, kind)
		}
	}
	r.align(8)
	if r.failed {
		return m, errOdd
	}
	m.body = reader{data: data[r.at:]}
	return m, nil
}
