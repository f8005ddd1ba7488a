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

// secretService is a client of the freedesktop.org Secret Service: GNOME
// Keyring, KWallet 6 and KeePassXC. 99designs/keyring has one without time
// limits, which lets the service ask for passwords, and creates collections.
//
// This one never unlocks, prompts or creates a collection. It uses the "plain"
// algorithm: encryption on the bus would stop no one, because every process that
// can listen there can ask for the secret.
type secretService struct {
	// ctx is stored because the methods of keyring.Keyring have no such parameter.
	ctx     context.Context
	sockets []string // of the session bus, at least one
	limit   time.Duration
	trace   func(string, ...any)
}

// answerLimit bounds one operation, with the connection to the bus: git waits
// for it, and a daemon that was stopped never answers.
const answerLimit = 2 * time.Second

func openSecretService(ctx context.Context, trace func(string, ...any)) (*secretService, error) {
	sockets, err := busSockets()
	if err != nil {
		return nil, err
	}
	return &secretService{ctx: ctx, sockets: sockets, limit: answerLimit, trace: trace}, nil
}

// do runs op on a new connection, which costs a millisecond. An open one could
// break between two operations, while a person looks for a phone.
func (s *secretService) do(op func(*exchange) error) error {
	ctx, cancel := context.WithTimeout(s.ctx, s.limit)
	defer cancel()
	err := s.once(ctx, op)
	if errors.Is(err, errNoCollection) {
		err = s.once(ctx, op) // at once, because mostly it is true
	}
	// When many clients come and go at once, GNOME Keyring can mistake one for
	// another that has gone, and answers UnknownMethod. All operations here can be
	// repeated.
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
	conn, err := connect(ctx, s.sockets)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	e := &exchange{ctx: ctx, conn: conn}
	// Not awaited: the bus handles messages in order, so the next may follow at
	// once.
	e.hello = conn.BusObject().GoWithContext(ctx, "org.freedesktop.DBus.Hello", 0, nil)
	return op(e)
}

// present returns nil if there is a Secret Service with a collection to use.
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
		// A parallel Set may replace the item between the search and the read. Then a
		// new search finds the new one.
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

// read returns the secret of the item of a key, or, if there are several, of the
// newest that can be decoded.
func (s *secretService) read(e *exchange, key string, paths []dbus.ObjectPath) ([]byte, error) {
	if len(paths) == 1 {
		return e.secret(paths[0])
	}
	// Several are left behind when the default collection changes.
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

// Keys returns the keys of the items that can be read, and ErrLocked if there
// are others.
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

// errNoCollection: there is no collection to store items in.
var errNoCollection = fmt.Errorf("%w: the Secret Service has neither a default nor a login collection", ErrUnavailable)

// exchange is the conversation of one operation with the Secret Service. It
// begins with one call, SearchItems or ReadAlias, and makes no other before the
// answer: GNOME Keyring registers a client a moment after its first message, and
// aborts if it is asked for a session or a property before that
// (GNOME/gnome-keyring work items 190, 196, 199).
type exchange struct {
	ctx  context.Context
	conn *dbus.Conn
	// hello is a call whose answer was not awaited yet.
	hello   *dbus.Call
	session dbus.ObjectPath
}

func (e *exchange) send(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return e.conn.Object(secretsName, path).GoWithContext(e.ctx, method, 0, nil, args...)
}

// wait stores a call's answer.
func (e *exchange) wait(call *dbus.Call, into ...any) error {
	answer, err := e.await(call)
	if err != nil {
		return err
	}
	return dbus.Store(answer, into...)
}

// await returns a call's answer. If the bus refused Hello, it returns that
// error, because then the bus refuses all other calls.
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

// opened returns the session for the transfer of secrets. It must not be the
// first call: see exchange.
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

// usable returns nil if a search that found nothing can be believed. KeePassXC
// finds nothing in a locked database, and without a collection nothing could
// ever have been stored.
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

// collection returns the collection to store items in: the default one, or else
// the login collection.
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
	// KeePassXC stores any type but text/plain as an attachment.
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

// unprompted returns ErrLocked if the service wants to ask the person something
// first. It is not allowed to: nobody may be there to see its dialog.
func unprompted(prompt dbus.ObjectPath) error {
	if prompt != "/" && prompt != "" {
		return fmt.Errorf("%w: it wants to ask for a password", ErrLocked)
	}
	return nil
}

// newestFirst sorts items by the time of their last change.
func (e *exchange) newestFirst(paths []dbus.ObjectPath) []dbus.ObjectPath {
	modified := make(map[dbus.ObjectPath]uint64, len(paths))
	for i, call := range e.property(paths, "Modified") {
		var at uint64
		_ = e.wait(call, &at) // an item that was removed goes last
		modified[paths[i]] = at
	}
	sorted := slices.Clone(paths)
	slices.SortStableFunc(sorted, func(a, b dbus.ObjectPath) int {
		return cmp.Compare(modified[b], modified[a])
	})
	return sorted
}

// keys returns the keys of items. It leaves out items that are removed meanwhile.
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

// property asks all items for a property, and does not wait for the answers.
func (e *exchange) property(paths []dbus.ObjectPath, name string) []*dbus.Call {
	calls := make([]*dbus.Call, len(paths))
	for i, path := range paths {
		calls[i] = e.send(path, propertyGet, itemInterface, name)
	}
	return calls
}

// readable reports whether the data can be decoded as the item of a key.
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

// secret returns the secret of an item.
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

// value returns the Value of the secret in an answer. dbus.Store would copy it
// byte by byte, by reflection, which takes an eighth of the time of an answer to
// git.
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
