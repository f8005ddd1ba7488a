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

// busSockets returns the paths of the session bus's sockets, in the order in
// which to try them. It does not start a bus, as godbus would with dbus-launch,
// which leaves a daemon behind: without a bus there is no Secret Service either.
func busSockets() ([]string, error) {
	if addresses := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); addresses != "" && addresses != "autolaunch:" {
		return socketPaths(addresses)
	}
	dirs := []string{"/run/user/" + strconv.Itoa(os.Geteuid())}
	if dir, err := runtimeDir(); err == nil {
		dirs = append([]string{dir}, dirs...)
	}
	for _, dir := range dirs {
		place := filepath.Join(dir, "bus")
		if info, err := os.Stat(place); err == nil && info.Mode()&os.ModeSocket != 0 {
			return []string{place}, nil
		}
	}
	return nil, fmt.Errorf("%w: %w (DBUS_SESSION_BUS_ADDRESS is not set)", ErrUnavailable, ErrNoSessionBus)
}

// wire is a connection with a buffer for reads, because godbus reads each
// message in five small pieces.
type wire struct {
	net.Conn
	in *bufio.Reader
}

func (w wire) Read(b []byte) (int, error) { return w.in.Read(b) }

// connect opens a connection to the bus. It sets ctx's deadline on the socket,
// because the handshake has no context, and a bus may accept the connection and
// then not answer.
func connect(ctx context.Context, sockets []string) (*dbus.Conn, error) {
	socket, err := dialUnix(ctx, sockets)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = socket.SetDeadline(deadline)
	}
	// Not with godbus's own transport, which spends a round trip to negotiate the
	// passing of file descriptors.
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

// dialUnix connects to the first of the sockets that can be used.
func dialUnix(ctx context.Context, sockets []string) (conn net.Conn, err error) {
	for _, path := range sockets {
		if conn, err = dialOwn(ctx, path); err == nil {
			break
		}
	}
	return conn, err
}

// dialOwn connects to a socket, if a process of this user listens on it. The
// address may be left over from an earlier login, or inherited through su, and
// another user's program that listens there would get the session.
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
// a socket. The kernel records the user at listen(2) (SO_PEERCRED, unix(7)).
func ownListener(fd int, path string) error {
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return fmt.Errorf("checking the owner of the session bus: %w", err)
	}
	if uid := int(peer.Uid); uid != os.Geteuid() { // mutation: the bus of another user
		return fmt.Errorf("%w: %w: the bus at %s belongs to another user (uid %d)", ErrUnavailable, ErrNoSessionBus, path, uid)
	}
	return nil
}

// dialError maps an error of connect(2). An address on which nothing listens is
// left over from an earlier login, for example in tmux; one that denies access
// is another user's, for example after su. Both mean that there is no bus.
func dialError(err error) error {
	for _, code := range []syscall.Errno{syscall.ENOENT, syscall.ENOTDIR, syscall.ECONNREFUSED, syscall.EACCES, syscall.EPERM} {
		if errors.Is(err, code) {
			return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrNoSessionBus, err)
		}
	}
	return fmt.Errorf("connecting to the session bus: %w", err)
}

// socketPaths returns the paths of the sockets in a list of D-Bus addresses.
// Other addresses would run a program (unixexec), start a daemon (autolaunch) or
// send secrets over a network.
func socketPaths(addresses string) ([]string, error) {
	var paths []string
	for address := range strings.SplitSeq(addresses, ";") {
		if path := socketPath(address); path != "" {
			paths = append(paths, path)
		}
	}
	if paths == nil {
		return nil, fmt.Errorf("%w: the session bus's address %q is not a socket's", ErrUnavailable, addresses)
	}
	return paths, nil
}

// socketPath returns the path of a socket in one D-Bus address, or "" if it is
// not a socket's.
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

// errorName returns the D-Bus name of an error, or "" if it has none.
func errorName(err error) string {
	var remote dbus.Error
	if errors.As(err, &remote) {
		return remote.Name
	}
	return ""
}

// mapError maps an error of the bus to one of this package. If the bus finds no
// Secret Service, it is unavailable; if it finds one that dies while it starts,
// that has failed.
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

// timedOut reports whether an operation ran into its deadline.
func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// vanished reports whether an object does not exist (any more). GNOME Keyring
// has four errors for that.
func vanished(err error) bool {
	const bus = "org.freedesktop.DBus.Error."
	switch errorName(err) {
	case secretsPrefix + "Error.NoSuchObject", bus + "UnknownObject", bus + "UnknownMethod", bus + "UnknownInterface":
		return true
	}
	return false
}

// confused reports whether the service did not know its own method, or went away
// before it answered.
func confused(err error) bool {
	const bus = "org.freedesktop.DBus.Error."
	return errorName(err) == bus+"UnknownMethod" || errorName(err) == bus+"NoReply"
}
