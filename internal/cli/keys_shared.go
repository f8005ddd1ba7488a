package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

// Profiles can share an access key. In the keyring it is one item, which each
// of them names.

// sharedKey is the error for an access key that two profiles have, at least one
// of them in a file.
type sharedKey struct {
	id, profile, place string   // the other profile, and where it has the key
	imports            []string // the commands after which the two share it in the keyring
}

// Error names the other profile.
func (e *sharedKey) Error() string {
	return fmt.Sprintf("profile %q has the access key %s too: %s", e.profile, shortKey(e.id), e.place)
}

func (e *sharedKey) hints(*program) []string {
	return []string{"to have the profiles share it in the keyring: " + strings.Join(e.imports, "; ")}
}

// sharedInFile returns a sharedKey error if another profile has that access
// key, and it or this one has it in a file: the key could not be changed for
// both in one step.
func (k *keyring) sharedInFile(id string) error {
	var imports []string
	if k.storedID() == "" {
		imports = append(imports, k.command("keys import"))
	}
	for _, profile := range k.files.Names() {
		r, err := k.files.Profile(profile)
		if err != nil || profile == k.profile || id == "" {
			continue
		}
		e := sharedKey{id: id, profile: profile, imports: imports}
		switch {
		case r.Get(keyIDSetting) == id:
			e.place, e.imports = k.place(r.Value(keyIDSetting).Place)+", in the clear", append(imports, name+" --profile "+word(profile)+" keys import")
			return &e
		case awssource.StoredKey(r) == id && k.storedID() == "":
			e.place = "in the keyring"
			return &e
		}
	}
	return nil
}

// usersOf returns the profiles that name a key in the keyring.
func (k *keyring) usersOf(id string) []string {
	return slices.DeleteFunc(k.files.Names(), func(profile string) bool { return id == "" || k.storedIDOf(profile) != id })
}

// nameKey makes all profiles that name one key in the keyring name another. The
// command's own profile comes last, since the state of a rotation is read from
// it.
func (k *keyring) nameKey(from, to string) error {
	users := k.usersOf(from)
	if at := slices.Index(users, k.profile); at >= 0 {
		users = append(slices.Delete(users, at, at+1), k.profile)
	}
	for _, profile := range users {
		if err := k.editOf(profile, awsfile.Config, set(awssource.StoredKeySetting, to)); err != nil {
			return err
		}
	}
	return nil
}

// forget removes an access key from the keyring, with its sessions, unless a
// profile uses it.
func (k *keyring) forget(id string) error {
	if id == "" || len(k.usersOf(id)) > 0 { // mutation: keys: a key that another profile uses stays
		return nil
	}
	if err := k.store.RemoveLongTermKey(id); err != nil {
		return err
	}
	return k.store.DropCarried(id)
}

// isUsed reports whether a profile uses a key in the keyring, or a rotation or an
// import that is not finished does.
func (k *keyring) isUsed(key cache.LongTermKey, all []cache.LongTermKey) bool {
	if k.inFile(key) || len(k.usersOf(key.AccessKeyID)) > 0 || len(k.usersOf(key.Replaces)) > 0 {
		return true
	}
	return slices.ContainsFunc(all, func(other cache.LongTermKey) bool {
		return other.Replaces == key.AccessKeyID && len(k.usersOf(other.AccessKeyID)) > 0
	})
}
