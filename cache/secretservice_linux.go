package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
	"github.com/godbus/dbus/v5"
)

// secretService is a client of the freedesktop.org Secret Service, for GNOME Keyring, KWallet 6 and KeePassXC. The
// library's own has no time limits, lets the service ask for passwords, and makes collections.
//
// Ours never unlocks, prompts or creates a collection. It speaks the "plain" algorithm: an encrypted transport would
// stop no one, as every process that can listen on the user's bus may ask for the secret itself.
type secretService struct {
	noMetadata
	// ctx is kept because the library's interface passes none.
	ctx     context.Context
	address string
	limit   time.Duration
	trace   func(string, ...any)
}

func openSecretService(ctx context.Context, trace func(string, ...any)) (*secretService, error) {
	address, err := busAddress()
	if err != nil {
		return nil, err
	}
	return &secretService{ctx: ctx, address: address, limit: answerLimit, trace: trace}, nil
}

// do runs op on a connection of its own. Between two operations a person may look for a phone for two minutes, in which
// a kept connection can die; a new one costs a millisecond.
func (s *secretService) do(op func(*exchange) error) error {
	ctx, cancel := context.WithTimeout(s.ctx, s.limit)
	defer cancel()
	err := s.once(ctx, op)
	if errors.Is(err, errNoCollection) {
		err = s.once(ctx, op) // it may be confused, see below; mostly it is true, and not worth waiting for
	}
	// GNOME Keyring, when many clients come and go at once, can take a client for one that has gone, and answers that
	// it knows no such method. Every operation here may be done again.
	for try := 1; confused(err) && try < 4 && ctx.Err() == nil; try++ {
		s.trace("keyring: secret-service: once more: %v", err)
		time.Sleep(time.Duration(try) * 20 * time.Millisecond)
		err = s.once(ctx, op)
	}
	if err == nil {
		return nil
	}
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if ctx.Err() != nil || timedOut(err) {
		return fmt.Errorf("%w: no answer within %v", ErrTimeout, s.limit)
	}
	return mapError(err)
}

// once runs op on a new connection.
func (s *secretService) once(ctx context.Context, op func(*exchange) error) error {
	conn, err := connect(ctx, s.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	e := &exchange{ctx: ctx, conn: conn}
	// Not awaited: the bus takes messages in order, so the questions may follow at once.
	e.hello = conn.BusObject().GoWithContext(ctx, "org.freedesktop.DBus.Hello", 0, nil)
	return op(e)
}

// present tells whether there is a Secret Service with a collection to use.
func (s *secretService) present() error {
	return s.do(func(e *exchange) error {
		_, err := e.collection()
		return err
	})
}

func (s *secretService) Get(key string) (keyring.Item, error) {
	item := keyring.Item{Key: key}
	err := s.do(func(e *exchange) error {
		var err error
		// A parallel Set may replace an item between the search and the read: then there is a new one to be found.
		for try := 0; try < 3; try++ {
			var paths []dbus.ObjectPath
			if paths, err = e.find(key); err != nil {
				return err
			}
			item.Data, err = s.read(e, key, paths)
			if !vanished(err) {
				return err
			}
		}
		return keyring.ErrKeyNotFound
	})
	return item, err
}

// read gets the secret of the one item that there usually is.
func (s *secretService) read(e *exchange, key string, paths []dbus.ObjectPath) ([]byte, error) {
	if len(paths) == 1 {
		return e.secret(paths[0])
	}
	// More than one is what a change of the default collection leaves behind. The newest that is whole wins.
	s.trace("keyring: secret-service: %d items for %s", len(paths), key)
	var newest []byte
	for _, path := range e.newestFirst(paths) {
		data, err := e.secret(path)
		if err != nil {
			return nil, err
		}
		if readable(key, data) {
			return data, nil
		}
		if newest == nil {
			newest = data
		}
	}
	return newest, nil
}

func (s *secretService) Set(item keyring.Item) error {
	return s.do(func(e *exchange) error {
		collection, err := e.collection()
		if err != nil {
			return err
		}
		return e.create(collection, item)
	})
}

// Remove deletes every item of that key. What is locked may hold one as well, so it is an error.
func (s *secretService) Remove(key string) error {
	return s.do(func(e *exchange) error {
		unlocked, locked, err := e.search(map[string]string{attributeOwner: appName, attributeKey: key})
		if err != nil {
			return err
		}
		for _, path := range unlocked {
			if err := e.remove(path); err != nil && !vanished(err) {
				return err
			}
		}
		if len(locked) > 0 {
			return fmt.Errorf("%w: an item is in a locked collection", ErrLocked)
		}
		if len(unlocked) == 0 {
			return e.usable()
		}
		return nil
	})
}

// Keys lists the items that can be read, with ErrLocked if there are others.
func (s *secretService) Keys() ([]string, error) {
	var keys []string
	err := s.do(func(e *exchange) error {
		unlocked, locked, err := e.search(map[string]string{attributeOwner: appName})
		if err != nil {
			return err
		}
		keys = e.keys(unlocked)
		if len(locked) > 0 {
			return fmt.Errorf("%w: %d items are in a locked collection", ErrLocked, len(locked))
		}
		if len(unlocked) == 0 {
			return e.usable()
		}
		return nil
	})
	return keys, err
}
