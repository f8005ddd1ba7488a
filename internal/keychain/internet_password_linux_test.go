package keychain

import (
	"slices"
	"testing"
	"time"
)

// store does what git-credential-osxkeychain does.
func (i InternetPasswords) store(t *testing.T, server, path, username string) {
	t.Helper()
	_, err := do(i.keychain, func(p *pool) (struct{}, error) {
		item := append(p.passwordsOf(server), pair{p.account, p.text(username)}, pair{p.valueData, p.data([]byte("secret"))})
		if path != "" {
			item = append(item, pair{p.path, p.text(path)})
		}
		return struct{}{}, i.keychain.mapError(p.secItemAdd(p.dictionary(item...), nil))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// usernames of what is stored, in order. Each must have been written just now.
func (i InternetPasswords) usernames(t *testing.T, server, path string) []string {
	t.Helper()
	all, err := i.List(server, path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, one := range all {
		names = append(names, one.Username)
		if age := time.Since(one.Written); age < -time.Minute || age > time.Minute {
			t.Errorf("%s was written %v ago", one.Username, age)
		}
	}
	slices.Sort(names)
	return names
}

// Passwords of a server are listed without a dialog, also from a locked
// keychain and when another program has stored them, and go by their username,
// whatever repositories they are of.
func TestInternetPasswords(t *testing.T) {
	_, f := opened(t)
	i, err := OpenInternetPasswords(t.Context(), Libraries{f.path, f.path}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	i.store(t, "a.example", "", "alice-at-123456789012")
	i.store(t, "a.example", "v1/repos/one", "ASIAOLD%token")
	i.store(t, "a.example", "v1/repos/two", "ASIAOLD%token")
	i.store(t, "b.example", "", "bob")
	f.set("foreign", 2)
	f.set("locked", 1)
	if names := i.usernames(t, "a.example", ""); !slices.Equal(names, []string{"ASIAOLD%token", "ASIAOLD%token", "alice-at-123456789012"}) {
		t.Errorf("%q", names)
	}
	if names := i.usernames(t, "a.example", "v1/repos/two"); !slices.Equal(names, []string{"ASIAOLD%token"}) {
		t.Errorf("of one repository: %q", names)
	}
	f.set("locked", 0)
	if err := i.Remove("a.example", "ASIAOLD%token"); err != nil {
		t.Error(err)
	}
	if names := i.usernames(t, "a.example", ""); !slices.Equal(names, []string{"alice-at-123456789012"}) {
		t.Errorf("after Remove: %q", names)
	}
	if err := i.Remove("a.example", "ASIAOLD%token"); err != nil {
		t.Errorf("what is not there: %v", err)
	}
	if names := i.usernames(t, "c.example", ""); len(names) != 0 {
		t.Errorf("%q", names)
	}
	f.set("status", int32(noDefaultKeychain))
	if names := i.usernames(t, "a.example", ""); len(names) != 0 {
		t.Errorf("without a keychain: %q", names)
	}
}
