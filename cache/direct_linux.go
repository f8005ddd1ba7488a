package cache

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// readDirectly returns the secret of the one item of that key. It is the way of
// nearly every answer to git, in three round trips and without a goroutine.
// Whatever is not exactly as usual (no such item, several, a locked one, an
// error) is errOdd, or the connection's error, and for exchange to find out:
// nothing is decided here but that there is a secret.
func (s *secretService) readDirectly(key string) ([]byte, error) {
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	path := ""
	for address := range strings.SplitSeq(s.address, ";") {
		if path = socketPath(address); path != "" {
			break
		}
	}
	if path == "" {
		return nil, errOdd
	}
	c, err := openDirect(s.ctx, path, time.Now().Add(s.limit))
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.secret(key)
}

// directConn is a socket whose reads and writes block in the kernel, each until
// the deadline.
type directConn struct {
	fd       int
	deadline time.Time
	stop     func() bool
	// received is what was read and not used yet.
	received []byte
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
	if c.stop() { // otherwise it may be shut down at any time, and the number must stay taken
		_ = unix.Close(c.fd)
	}
}

// secret asks for the secret of the item of a key.
func (c *directConn) secret(key string) ([]byte, error) {
	user := hex.EncodeToString([]byte(strconv.Itoa(os.Geteuid())))
	var search writer
	search.textMap([2]string{attributeOwner, appName}, [2]string{attributeKey, key})
	hello := c.call(call{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", ""}, nil)
	found := c.call(call{secretsName, string(secretsPath), secretsPrefix + "Service", "SearchItems", "a{ss}"}, search)
	// The bus takes what it is sent in order, so that nothing of this need wait
	// for an answer.
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
	// Not sent along with the search, which would end GNOME Keyring: see exchange.
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

// authenticated takes the bus's line that it knows the user, or another that
// says why not.
func (c *directConn) authenticated() error {
	for {
		if line, rest, ok := bytes.Cut(c.received, []byte("\r\n")); ok {
			c.received = rest
			if !bytes.HasPrefix(line, []byte("OK ")) {
				return fmt.Errorf("%w: it does not take this user", errOdd)
			}
			return nil
		}
		if err := c.read(); err != nil {
			return err
		}
	}
}

// call returns a call with the next serial number.
func (c *directConn) call(what call, body writer) []byte {
	c.serial++
	return what.message(c.serial, body)
}

// ask calls a method and returns its results, of the types given.
func (c *directConn) ask(what call, body writer, signature string) (reader, error) {
	if err := c.write(c.call(what, body)); err != nil {
		return reader{}, err
	}
	return c.reply(signature)
}

// reply returns the results of the last call. What comes before is a signal, or
// the answer to Hello.
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

// next takes the next message.
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

// fill reads until there are n bytes.
func (c *directConn) fill(n int) error {
	for len(c.received) < n {
		if err := c.read(); err != nil {
			return err
		}
	}
	return nil
}

// errClosed is for a bus that hung up.
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

// setLimit has the kernel end what blocks at the deadline.
func (c *directConn) setLimit(option int) error {
	left := time.Until(c.deadline)
	if left <= 0 {
		return os.ErrDeadlineExceeded
	}
	limit := unix.NsecToTimeval(max(int64(left), int64(time.Microsecond))) // 0 would be no limit
	return unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, option, &limit)
}

// ignoringEINTR does what a signal interrupted once more, and words the
// kernel's limit as Go's.
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
