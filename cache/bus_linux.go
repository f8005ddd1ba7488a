package cache

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// busAddress finds the session bus without starting one: with neither an
// address nor a socket in its usual places there is no Secret Service either.
// (godbus would run dbus-launch, and leave a daemon behind.)
func busAddress() (string, error) {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return address, nil
	}
	dirs := []string{"/run/user/" + strconv.Itoa(os.Geteuid())}
	if dir, err := runtimeDir(); err == nil {
		dirs = append([]string{dir}, dirs...)
	}
	for _, dir := range dirs {
		place := filepath.Join(dir, "bus")
		if info, err := os.Stat(place); err == nil && info.Mode()&os.ModeSocket != 0 {
			return "unix:path=" + escapeAddress(place), nil
		}
	}
	return "", fmt.Errorf("%w: %w (DBUS_SESSION_BUS_ADDRESS is not set)", ErrUnavailable, ErrNoSessionBus)
}

// wire is a connection whose reads are buffered: godbus reads each message in
// five small pieces.
type wire struct {
	net.Conn
	in *bufio.Reader
}

func (w wire) Read(b []byte) (int, error) { return w.in.Read(b) }

// connect opens a connection of its own for one operation. The deadline lies on
// the socket, so it also ends the handshake, which takes no context, with a
// daemon that accepts and then says nothing.
func connect(ctx context.Context, address string) (*dbus.Conn, error) {
	socket, err := dialUnix(ctx, address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = socket.SetDeadline(deadline)
	}
	// A bare connection, not godbus's own transport: that one spends a round trip
	// on passing file descriptors.
	conn, err := dbus.NewConn(wire{socket, bufio.NewReader(socket)}, dbus.WithContext(ctx))
	if err != nil {
		_ = socket.Close()
		return nil, err
	}
	user := dbus.AuthExternal(strconv.Itoa(os.Geteuid()))
	if err := conn.Auth([]dbus.Auth{user}); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("connecting to the session bus: %w", err)
	}
	return conn, nil
}

// dialUnix tries the addresses of the list in turn, those of sockets only:
// others would run a program (unixexec), start a daemon (autolaunch) or send
// secrets over a network.
func dialUnix(ctx context.Context, addresses string) (net.Conn, error) {
	failed := fmt.Errorf("%w: the session bus's address %q is not that of a socket", ErrUnavailable, addresses)
	for address := range strings.SplitSeq(addresses, ";") {
		path := socketPath(address)
		if path == "" {
			continue
		}
		conn, err := dialOwn(ctx, path)
		if err == nil {
			return conn, nil
		}
		failed = err
	}
	return nil, failed
}

// dialOwn connects to a socket that a process of this user listens on. The
// address may be left over from a login that has ended, or inherited through
// su: another program that listens there now would get the session.
func dialOwn(ctx context.Context, path string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, dialError(err)
	}
	var foreign error
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { foreign = ownListener(int(fd), path) })
	}
	if err := cmp.Or(err, foreign); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// ownListener returns nil if a process of this user listens at the other end of
// a socket. The kernel notes the user at listen(2) (SO_PEERCRED, unix(7)).
func ownListener(fd int, path string) error {
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return fmt.Errorf("asking who listens on the session bus: %w", err)
	}
	if uid := int(peer.Uid); uid != os.Geteuid() { // mutation: the bus of another user
		return fmt.Errorf("%w: %w: the one at %s belongs to another user (uid %d)", ErrUnavailable, ErrNoSessionBus, path, uid)
	}
	return nil
}

// dialError: an address without a bus behind it is left over from a login that
// has ended, as in tmux, and one that denies access is that of another user, as
// after su.
func dialError(err error) error {
	for _, code := range []syscall.Errno{syscall.ENOENT, syscall.ENOTDIR, syscall.ECONNREFUSED, syscall.EACCES, syscall.EPERM} {
		if errors.Is(err, code) {
			return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrNoSessionBus, err)
		}
	}
	return fmt.Errorf("connecting to the session bus: %w", err)
}

// socketPath reads one address of the D-Bus specification, "" if it is not that
// of a socket.
func socketPath(address string) string {
	options, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		return ""
	}
	for option := range strings.SplitSeq(options, ",") {
		name, value, _ := strings.Cut(option, "=")
		path, err := url.PathUnescape(value)
		if err != nil {
			continue
		}
		switch name {
		case "path":
			return path
		case "abstract":
			return "@" + path
		}
	}
	return ""
}

// escapeAddress keeps the characters that the specification lets stand;
// PathEscape would let ',' and ';' through.
func escapeAddress(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-_/.\\*", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// errorName returns the D-Bus name of an error, "" for errors of ours.
func errorName(err error) string {
	var remote dbus.Error
	if errors.As(err, &remote) {
		return remote.Name
	}
	return ""
}

// mapError sorts the bus's errors into ours. A provider that the bus can't even
// find is absent; one that is found and dies while it starts has failed.
func mapError(err error) error {
	const bus = "org.freedesktop.DBus.Error."
	switch errorName(err) {
	case bus + "ServiceUnknown", bus + "NameHasNoOwner", bus + "Spawn.ServiceNotFound", bus + "Spawn.ExecFailed":
		return fmt.Errorf("%w: no program provides the Secret Service: %w", ErrUnavailable, err)
	case bus + "AccessDenied", bus + "AuthFailed", secretsPrefix + "Error.IsLocked":
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case bus + "NoReply", bus + "Timeout", bus + "TimedOut":
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return err
}

func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// vanished tells whether an object is not there (any more). GNOME Keyring says
// it in four ways.
func vanished(err error) bool {
	const bus = "org.freedesktop.DBus.Error."
	switch errorName(err) {
	case secretsPrefix + "Error.NoSuchObject", bus + "UnknownObject", bus + "UnknownMethod", bus + "UnknownInterface":
		return true
	}
	return false
}

// confused tells whether the service answered nonsense, or went away while it
// answered.
func confused(err error) bool {
	const bus = "org.freedesktop.DBus.Error."
	return errorName(err) == bus+"UnknownMethod" || errorName(err) == bus+"NoReply"
}
