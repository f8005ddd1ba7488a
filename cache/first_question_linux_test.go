package cache

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// shy is a Secret Service that takes its time over a client's first question, and notes what else comes meanwhile. GNOME
// Keyring registers a client with its first question, and aborts on some others before that is done.
type shy struct {
	mu      sync.Mutex
	alias   dbus.ObjectPath
	clients map[dbus.Sender]*shyClient
}

type shyClient struct {
	early    []string
	answered bool
}

func (s *shy) asked(by dbus.Sender, question string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[by]
	if c == nil {
		c = new(shyClient)
		s.clients[by] = c
	}
	if c.answered {
		return
	}
	c.early = append(c.early, question)
	s.mu.Unlock()
	time.Sleep(30 * time.Millisecond)
	s.mu.Lock()
	c.answered = true
}

func (s *shy) ReadAlias(by dbus.Sender, _ string) (dbus.ObjectPath, *dbus.Error) {
	s.asked(by, "ReadAlias")
	return s.alias, nil
}

func (s *shy) SearchItems(by dbus.Sender, _ map[string]string) (unlocked, locked []dbus.ObjectPath, _ *dbus.Error) {
	s.asked(by, "SearchItems")
	return nil, nil, nil
}

func (s *shy) OpenSession(by dbus.Sender, _ string, _ dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	s.asked(by, "OpenSession")
	return dbus.MakeVariant(""), "/session", nil
}

func (s *shy) Get(by dbus.Sender, _, _ string) (dbus.Variant, *dbus.Error) {
	s.asked(by, "Get")
	return dbus.MakeVariant(false), nil
}

func (s *shy) CreateItem(by dbus.Sender, _ map[string]dbus.Variant, _ secret, _ bool) (item, prompt dbus.ObjectPath, _ *dbus.Error) {
	s.asked(by, "CreateItem")
	return "/item", "/", nil
}

// TestFirstQuestion: before the first answer there is one question, and it is one that GNOME Keyring registers a client by.
func TestFirstQuestion(t *testing.T) {
	use(t, keyringtest.StartBus(t))
	conn, err := dbus.SessionBusPrivate()
	if err == nil {
		err = errors.Join(conn.Auth(nil), conn.Hello())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fake := &shy{clients: map[dbus.Sender]*shyClient{}}
	err = errors.Join(conn.Export(fake, secretsPath, secretsPrefix+"Service"),
		conn.Export(fake, loginPath, "org.freedesktop.DBus.Properties"), conn.Export(fake, loginPath, secretsPrefix+"Collection"))
	if err == nil {
		_, err = conn.RequestName(secretsName, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, alias := range []dbus.ObjectPath{"/", loginPath} {
		fake.alias = alias
		store, err := Open(context.Background(), Options{Backend: "secret-service"})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = store.Session(anIdentity("A"))
		_, listErr := store.Sessions()
		if err := errors.Join(listErr, store.PutSession(aSession("A", 100)), store.RemoveSession(anIdentity("A"))); err != nil {
			t.Error(err)
		}
		service, _ := openSecretService(context.Background(), t.Logf)
		if err := service.present(); err != nil {
			t.Error(err)
		}
	}
	fake.mu.Lock()
	defer fake.mu.Unlock()
	if len(fake.clients) < 10 {
		t.Errorf("only %d clients", len(fake.clients))
	}
	for client := range maps.Values(fake.clients) {
		if len(client.early) != 1 || client.early[0] != "ReadAlias" && client.early[0] != "SearchItems" {
			t.Errorf("before the first answer: %v", client.early)
		}
	}
}
