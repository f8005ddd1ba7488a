package cache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// secretService is a client of the freedesktop.org Secret Service, for GNOME
// Keyring, KWallet 6 and KeePassXC. The library's own has no time limits, lets
// the service ask for passwords, and makes collections.
//
// Ours never unlocks, prompts or creates a collection. It speaks the "plain"
// algorithm: an encrypted transport would stop no one, as every process that
// can listen on the user's bus may ask for the secret itself.
type secretService struct {
	// ctx is kept because the library's interface passes none.
	ctx     context.Context
	address string
	limit   time.Duration
	trace   func(string, ...any)
}

// answerLimit bounds one operation with a daemon, the connection included: git
// waits for us, and one that was stopped never answers.
const answerLimit = 2 * time.Second

func openSecretService(ctx context.Context, trace func(string, ...any)) (*secretService, error) {
	address, err := busAddress()
	if err != nil {
		return nil, err
	}
	return &secretService{ctx: ctx, address: address, limit: answerLimit, trace: trace}, nil
}

// do runs op on a connection of its own. Between two operations a person may
// look for a phone for two minutes, in which a kept connection can die; a new
// one costs a millisecond.
func (s *secretService) do(op func(*exchange) error) error {
	ctx, cancel := context.WithTimeout(s.ctx, s.limit)
	defer cancel()
	err := s.once(ctx, op)
	if errors.Is(err, errNoCollection) {
		err = s.once(ctx, op) // it may be confused, see below; mostly it is true, and not worth waiting for
	}
	// GNOME Keyring, when many clients come and go at once, can take a client for
	// one that has gone, and answers that it knows no such method. Every operation
	// here may be done again.
	for try := 1; confused(err) && try < 4 && ctx.Err() == nil; try++ {
		s.trace("keyring: secret-service: once more: %v", err)
		time.Sleep(time.Duration(try) * 20 * time.Millisecond)
		err = s.once(ctx, op)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil || timedOut(err) {
		return s.late()
	}
	return mapError(err)
}

// late returns the error for an operation that took too long: the context's, if
// that has ended, or ErrTimeout.
func (s *secretService) late() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: no answer within %v", ErrTimeout, s.limit)
}

// once runs op on a new connection.
func (s *secretService) once(ctx context.Context, op func(*exchange) error) error {
	conn, err := connect(ctx, s.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	e := &exchange{ctx: ctx, conn: conn}
	// Not awaited: the bus takes messages in order, so the questions may follow at
	// once.
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
	data, err := s.readDirectly(key)
	if err == nil {
		item.Data = data
		return item, nil
	}
	if timedOut(err) {
		return item, s.late()
	}
	err = s.do(func(e *exchange) error {
		var err error
		// A parallel Set may replace an item between the search and the read: then
		// there is a new one to be found.
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
	// More than one is what a change of the default collection leaves behind. The
	// newest that is whole wins.
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

// Remove deletes every item of that key. It returns ErrLocked if one of them is
// in a locked collection.
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
			return cmp.Or(e.usable(), keyring.ErrKeyNotFound)
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

const (
	secretsName    = "org.freedesktop.secrets"
	secretsPath    = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath      = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	secretsPrefix  = "org.freedesktop.Secret."
	propertyGet    = "org.freedesktop.DBus.Properties.Get"
	itemInterface  = secretsPrefix + "Item"
	attributeKey   = "key"
	attributeOwner = "application"
)

// errNoCollection says that there is nowhere to keep anything.
var errNoCollection = fmt.Errorf("%w: the Secret Service has neither a default nor a login collection", ErrUnavailable)

// exchange is one operation's talk with the Secret Service. It begins with one
// question, SearchItems or ReadAlias, and asks nothing else before the answer.
// GNOME Keyring registers a client a moment after its first message, and aborts
// if it is asked for a session or a property before (GNOME/gnome-keyring work
// items 190, 196, 199).
type exchange struct {
	ctx  context.Context
	conn *dbus.Conn
	// hello is a question whose answer was not awaited yet.
	hello   *dbus.Call
	session dbus.ObjectPath
}

func (e *exchange) send(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return e.conn.Object(secretsName, path).GoWithContext(e.ctx, method, 0, nil, args...)
}

// wait takes a call's answer.
func (e *exchange) wait(call *dbus.Call, into ...any) error {
	answer, err := e.await(call)
	if err != nil {
		return err
	}
	return dbus.Store(answer, into...)
}

// await returns a call's answer. The bus refuses everything after a refused
// Hello, so that one's error comes first.
func (e *exchange) await(call *dbus.Call) ([]any, error) {
	if e.hello != nil {
		hello := e.hello
		e.hello = nil
		if err := (<-hello.Done).Err; err != nil {
			return nil, fmt.Errorf("greeting the session bus: %w", err)
		}
	}
	<-call.Done
	return call.Body, call.Err
}

// opened returns the session in which secrets are sent. Something else has been
// asked and answered before: see exchange.
func (e *exchange) opened() (dbus.ObjectPath, error) {
	if e.session != "" {
		return e.session, nil
	}
	var output dbus.Variant
	call := e.send(secretsPath, secretsPrefix+"Service.OpenSession", "plain", dbus.MakeVariant(""))
	if err := e.wait(call, &output, &e.session); err != nil {
		return "", fmt.Errorf("opening a session with the Secret Service: %w", err)
	}
	return e.session, nil
}

func (e *exchange) search(attributes map[string]string) (unlocked, locked []dbus.ObjectPath, err error) {
	call := e.send(secretsPath, secretsPrefix+"Service.SearchItems", attributes)
	if err := e.wait(call, &unlocked, &locked); err != nil {
		return nil, nil, fmt.Errorf("searching the Secret Service: %w", err)
	}
	return unlocked, locked, nil
}

// find returns the readable items of that key, at least one.
func (e *exchange) find(key string) ([]dbus.ObjectPath, error) {
	unlocked, locked, err := e.search(map[string]string{attributeOwner: appName, attributeKey: key})
	switch {
	case err != nil:
		return nil, err
	case len(unlocked) > 0:
		return unlocked, nil
	case len(locked) > 0:
		return nil, fmt.Errorf("%w: the item is in a locked collection", ErrLocked)
	}
	return nil, cmp.Or(e.usable(), keyring.ErrKeyNotFound)
}

// usable tells why nothing was found: KeePassXC shows nothing of a locked
// database, and where there is no collection at all nothing could ever have
// been stored.
func (e *exchange) usable() error {
	path, err := e.collection()
	if err != nil {
		return err
	}
	var locked bool
	call := e.send(path, propertyGet, secretsPrefix+"Collection", "Locked")
	if err := e.wait(call, &locked); err != nil {
		return fmt.Errorf("asking for the collection: %w", err)
	}
	if locked {
		return ErrLocked
	}
	return nil
}

// collection returns where items are made: the default collection, else the one
// of the login.
func (e *exchange) collection() (dbus.ObjectPath, error) {
	alias := e.send(secretsPath, secretsPrefix+"Service.ReadAlias", "default")
	var path dbus.ObjectPath // mutation: one question before the first answer
	if err := e.wait(alias, &path); err != nil {
		return "", fmt.Errorf("asking for the default collection: %w", err)
	}
	if path != "/" && path != "" {
		return path, nil
	}
	var locked bool
	err := e.wait(e.send(loginPath, propertyGet, secretsPrefix+"Collection", "Locked"), &locked)
	if vanished(err) {
		return "", errNoCollection
	}
	if err != nil {
		return "", fmt.Errorf("asking for the login collection: %w", err)
	}
	return loginPath, nil
}

func (e *exchange) create(collection dbus.ObjectPath, item keyring.Item) error {
	session, err := e.opened()
	if err != nil {
		return err
	}
	properties := map[string]dbus.Variant{
		itemInterface + ".Label":      dbus.MakeVariant(item.Label),
		itemInterface + ".Attributes": dbus.MakeVariant(map[string]string{attributeOwner: appName, attributeKey: item.Key}),
	}
	// KeePassXC keeps only text/plain as a password; anything else becomes an
	// attachment.
	value := secret{Session: session, Parameters: []byte{}, Value: item.Data, ContentType: "text/plain; charset=utf8"}
	var path, prompt dbus.ObjectPath
	call := e.send(collection, secretsPrefix+"Collection.CreateItem", properties, value, true)
	if err := e.wait(call, &path, &prompt); err != nil {
		return fmt.Errorf("writing to the Secret Service: %w", err)
	}
	return unprompted(prompt)
}

func (e *exchange) remove(item dbus.ObjectPath) error {
	var prompt dbus.ObjectPath
	if err := e.wait(e.send(item, itemInterface+".Delete"), &prompt); err != nil {
		return fmt.Errorf("removing from the Secret Service: %w", err)
	}
	return unprompted(prompt)
}

// unprompted returns ErrLocked when the service wants to ask the user something
// first. It is not let: nobody may see its dialog behind git.
func unprompted(prompt dbus.ObjectPath) error {
	if prompt != "/" && prompt != "" {
		return fmt.Errorf("%w: it wants to ask for a password", ErrLocked)
	}
	return nil
}

// newestFirst sorts items by when they were changed.
func (e *exchange) newestFirst(paths []dbus.ObjectPath) []dbus.ObjectPath {
	modified := make(map[dbus.ObjectPath]uint64, len(paths))
	for i, call := range e.property(paths, "Modified") {
		var at uint64
		_ = e.wait(call, &at) // an item that vanished goes last
		modified[paths[i]] = at
	}
	sorted := slices.Clone(paths)
	slices.SortStableFunc(sorted, func(a, b dbus.ObjectPath) int {
		return cmp.Compare(modified[b], modified[a])
	})
	return sorted
}

// keys reads the items' own attributes; items that vanish meanwhile are left out.
func (e *exchange) keys(paths []dbus.ObjectPath) []string {
	var keys []string
	for _, call := range e.property(paths, "Attributes") {
		var attributes map[string]string
		if e.wait(call, &attributes) == nil && attributes[attributeKey] != "" {
			keys = append(keys, attributes[attributeKey])
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// property asks all items at once.
func (e *exchange) property(paths []dbus.ObjectPath, name string) []*dbus.Call {
	calls := make([]*dbus.Call, len(paths))
	for i, path := range paths {
		calls[i] = e.send(path, propertyGet, itemInterface, name)
	}
	return calls
}

// readable tells whether the data is what the item of that key should hold.
func readable(key string, data []byte) bool {
	_, asSession := decodeSession(key, data)
	_, asDevice := decodeDevice(key, data)
	return asSession == nil || asDevice == nil
}

// secret is the Secret Service's struct (oayays).
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

func (e *exchange) secret(item dbus.ObjectPath) ([]byte, error) {
	session, err := e.opened()
	if err != nil {
		return nil, err
	}
	answer, err := e.await(e.send(item, itemInterface+".GetSecret", session))
	if err != nil {
		return nil, fmt.Errorf("reading from the Secret Service: %w", err)
	}
	return value(answer)
}

// value returns the Value of the one secret of an answer. By hand: Store would
// copy it byte by byte, by reflection, and that is an eighth of what an answer
// to git takes.
func value(answer []any) ([]byte, error) {
	if len(answer) == 1 {
		if s, ok := answer[0].([]any); ok && len(s) == 4 {
			if data, ok := s[2].([]byte); ok {
				return data, nil
			}
		}
	}
	return nil, errors.New("reading from the Secret Service: the answer is not a secret")
}
