package cache

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

var crowd = flag.Int("crowd", 160, "how many processes ask one GNOME Keyring")

// TestCrowd: GNOME Keyring aborts when a client that it has not registered yet
// asks for some things. Processes of all kinds come and go; it lives, and none
// fails.
//
//	go test ./cache -run TestCrowd -crowd 8000 -timeout 1h
func TestCrowd(t *testing.T) {
	d := keyringtest.Start(t)
	use(t, d)
	if err := open(t, "auto").PutSession(aSession("A", 1500)); err != nil {
		t.Fatal(err)
	}
	const atOnce = 32
	for done := 0; done < *crowd; done += atOnce {
		together(t, atOnce, func(i int) *exec.Cmd {
			cmd := child(t, d.Env(), "visit", visits[(done+i)%len(visits)], fmt.Sprint("own", i))
			if i%2 == 1 { // in the background, as git's own maintenance and editors do it
				cmd.Args = append([]string{"nice", "-n", "19", cmd.Path}, cmd.Args[1:]...)
				cmd.Path = "/usr/bin/nice"
			}
			return cmd
		})
		if t.Failed() {
			t.Fatalf("after %d processes", done+atOnce)
		}
	}
	if n := d.Items(t); n == 0 {
		t.Error("the session is gone")
	}
}

var visits = []string{"cached", "missing", "put", "list", "name", "cached", "remove", "check"}

// visit is one operation with the keyring. On a machine that is busy with
// something else it may run out of time.
func visit(args []string) error {
	store, err := Open(context.Background(), Options{})
	if err != nil {
		return err
	}
	for err = ErrTimeout; errors.Is(err, ErrTimeout); {
		err = operate(store, args[0], args[1])
	}
	return err
}

// operate does what the commands do: the first question of each is another.
func operate(store *Store, what, own string) (err error) {
	switch what {
	case "cached":
		_, err = store.Session(anIdentity("A"))
	case "missing":
		if _, err = store.Session(anIdentity("nobody's")); errors.Is(err, ErrNotFound) {
			err = nil
		}
	case "put":
		err = store.PutSession(aSession(own, 1500))
	case "list":
		_, err = store.Sessions()
	case "name":
		store.Backend()
	case "remove":
		err = store.RemoveSession(anIdentity(own))
	case "check":
		err = store.Check()
	}
	return err
}

func init() { children["visit"] = visit }

// shy is a Secret Service that takes its time over a client's first question,
// and notes what else comes meanwhile. GNOME Keyring registers a client with
// its first question, and aborts on some others before that is done.
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
	s.mu.Lock()
	defer s.mu.Unlock()
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

// TestFirstQuestion: before the first answer there is one question, and it is
// one that GNOME Keyring registers a client by.
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
		fake.mu.Lock()
		fake.alias = alias
		fake.mu.Unlock()
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
