package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary is its own child: promises about processes are tested with
// processes.
const (
	childRole = "CACHE_TEST_CHILD"
	childArgs = "CACHE_TEST_ARGS"
)

var children = map[string]func(args []string) error{
	"environment": func([]string) error {
		address, ok := os.LookupEnv("DBUS_SESSION_BUS_ADDRESS")
		fmt.Println(ok, address)
		return nil
	},
	"rewrite": func(args []string) error {
		usualCost = cost{Memory: 8, Time: 1, Threads: 1} // this is not about the passphrase
		options := Options{Backend: args[0], Dir: args[2], Passphrase: []byte("open sesame")}
		store, err := Open(context.Background(), options)
		if err != nil {
			return err
		}
		return rewriteIn(store, args[1])
	},
}

// rewriteIn writes and reads the session of all processes, and one that is this
// one's own.
func rewriteIn(store *Store, own string) error {
	for range 3 {
		for _, source := range []string{"shared", own} {
			if err := store.PutSession(aSession(source, 2048)); err != nil {
				return err
			}
			got, err := store.Session(anIdentity(source))
			if err != nil {
				return err
			}
			if got != aSession(source, 2048) {
				return errors.New("torn")
			}
		}
	}
	return nil
}

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		if err := children[role](strings.Split(os.Getenv(childArgs), "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is the test binary in a role, with env instead of the machine's own
// environment.
func child(t testing.TB, env []string, role string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append([]string{childRole + "=" + role, childArgs + "=" + strings.Join(args, "\n")}, env...)
	return cmd
}

// together runs n children at once; each must succeed.
func together(t testing.TB, n int, make func(i int) *exec.Cmd) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		cmd := make(i)
		wg.Go(func() {
			out, err := cmd.CombinedOutput()
			for try := 0; cmd.Process == nil && try < 3; try++ { // Wine on a busy machine: ERROR_INTERNAL_ERROR
				cmd = make(i)
				out, err = cmd.CombinedOutput()
			}
			if err != nil {
				t.Errorf("process %d: %v: %s", i, err, out)
			}
		})
	}
	wg.Wait()
}

var anExpiration = time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)

func anIdentity(source string) Identity {
	return Identity{Partition: "aws", Source: source, Serial: "arn:aws:iam::123456789012:mfa/phone"}
}

// aSession returns one with a token of that many bytes.
func aSession(source string, size int) Session {
	return Session{
		Identity: anIdentity(source), Profile: "work", ARN: "arn:aws:iam::123456789012:user/ann",
		Account: "123456789012", Serial: "arn:aws:iam::123456789012:mfa/phone",
		AccessKeyID: "ASIAEXAMPLEEXAMPLE42", SecretAccessKey: "the/secret/access/key",
		SessionToken: strings.Repeat("token/", size/6+1)[:size],
		Expiration:   anExpiration, ClockOffset: 90 * time.Second, SpentCode: "271828",
	}
}

func open(t testing.TB, backend string) *Store {
	t.Helper()
	store, err := Open(context.Background(), Options{Backend: backend, Trace: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	return store
}
