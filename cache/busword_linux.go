package cache

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

// word returns the D-Bus name of an error, "" for errors of ours.
func word(err error) string {
	var remote dbus.Error
	if errors.As(err, &remote) {
		return remote.Name
	}
	return ""
}

// meaning sorts the bus's errors into ours. A provider that the bus can't even find is absent; one that is found and
// dies while it starts has failed.
func meaning(err error) error {
	const bus = "org.freedesktop.DBus.Error."
	switch word(err) {
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

// vanished tells whether an object is not there (any more). GNOME Keyring says it in four ways.
func vanished(err error) bool {
	const bus = "org.freedesktop.DBus.Error."
	switch word(err) {
	case secretsPrefix + "Error.NoSuchObject", bus + "UnknownObject", bus + "UnknownMethod", bus + "UnknownInterface":
		return true
	}
	return false
}

// confused tells whether the service answered nonsense, or went away while it answered.
func confused(err error) bool {
	const bus = "org.freedesktop.DBus.Error."
	return word(err) == bus+"UnknownMethod" || word(err) == bus+"NoReply"
}
