package cache

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

var crowd = flag.Int("crowd", 160, "how many processes ask one GNOME Keyring")

// TestCrowd: GNOME Keyring aborts when a client that it has not registered yet asks for some things. Processes of all
// kinds come and go; it lives, and none fails.
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

// visit is one operation with the keyring. On a machine that is busy with something else it may run out of time.
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
