package keychain

import (
	"slices"
	"testing"
	"time"
)

// store does what git-credential-osxkeychain does.
func (i InternetPasswords) store(t *testing.T, server, username string) {
	t.Helper()
	_, err := do(i.keychain, func(p *pool) (struct{}, error) {
		item := append(p.passwordsOf(server), pair{p.account, p.text(username)}, pair{p.valueData, p.data([]byte("secret"))})
		return struct{}{}, i.keychain.meaning(p.secItemAdd(p.dictionary(item...), nil))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Passwords of a server are listed without a dialog, also from a locked
// keychain and when another program has stored them, and go one by one.
func TestInternetPasswords(t *testing.T) {
	_, f := opened(t)
	i, err := OpenInternetPasswords(t.Context(), Libraries{f.path, f.path}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	i.store(t, "a.example", "ASIAOLD%token")
	i.store(t, "a.example", "alice-at-123456789012")
	i.store(t, "b.example", "bob")
	f.set("foreign", 2)
	f.set("locked", 1)
	names, err := i.Usernames("a.example")
	slices.Sort(names)
	if err != nil || !slices.Equal(names, []string{"ASIAOLD%token", "alice-at-123456789012"}) {
		t.Errorf("%q, %v", names, err)
	}
	f.set("locked", 0)
	for range 2 {
		if err := i.Remove("a.example", "ASIAOLD%token"); err != nil {
			t.Error(err)
		}
	}
	if names, err := i.Usernames("a.example"); err != nil || !slices.Equal(names, []string{"alice-at-123456789012"}) {
		t.Errorf("%q, %v", names, err)
	}
	if names, err := i.Usernames("c.example"); err != nil || len(names) != 0 {
		t.Errorf("%q, %v", names, err)
	}
}
