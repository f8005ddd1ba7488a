package cli

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// ageLimit is how long list waits for IAM to tell the ages of keys.
const ageLimit = 5 * time.Second

// listedKey is a row of the list.
type listedKey struct {
	profile, id, where string
	created            time.Time
	// note says what is not finished, and what to run, or is "".
	note string
}

// list shows the access keys in the keyring and those in the files.
func (k *keyring) list() error {
	rows, err := k.storedRows()
	if err != nil {
		return err
	}
	rows = append(rows, k.fileRows()...)
	if len(rows) == 0 {
		k.tell("there is no access key, neither in the keyring (%s) nor in a file", k.store.Backend())
		return nil
	}
	ages := k.ages(rows)
	table := tabwriter.NewWriter(k.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROFILE\tKEY\tAGE\tWHERE")
	for _, row := range rows {
		if row.created.IsZero() {
			row.created = ages[row.id]
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.profile, shortKey(row.id), age(row.created), row.where)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, row := range rows {
		if row.note != "" {
			k.tell("%s", row.note)
		}
	}
	return nil
}

func (k *keyring) storedRows() ([]listedKey, error) {
	keys, err := k.store.LongTermKeys()
	if err != nil {
		return nil, err
	}
	var rows []listedKey
	for _, key := range keys {
		users := k.usersOf(key.AccessKeyID)
		if len(users) > 0 && !slices.Contains(users, key.Profile) {
			key.Profile = users[0]
		}
		row := listedKey{profile: key.Profile, id: key.AccessKeyID, created: key.Created, where: "keyring (" + k.store.Backend() + ")"}
		for _, user := range users {
			if user != key.Profile {
				rows = append(rows, listedKey{profile: user, id: row.id, created: row.created, where: row.where})
			}
		}
		row.note = k.unfinished(key, keys)
		rows = append(rows, row)
	}
	return rows, nil
}

// unfinished says what is not finished about a key in the keyring, and what to
// run, or "".
func (k *keyring) unfinished(key cache.LongTermKey, all []cache.LongTermKey) string {
	named := k.storedIDOf(key.Profile)
	state := rotationState{current: credentialsOf(key), since: key.Rotating}
	if named == key.AccessKeyID {
		state.old = key.Replaces
	} else if key.Replaces != "" {
		state.next = state.current
	}
	note := state.note(key.Profile)
	switch {
	case note != "":
		return note
	case named != key.AccessKeyID && k.inFile(key):
		return importNote(key.Profile, key.AccessKeyID)
	case k.isUsed(key, all):
		return ""
	}
	note = fmt.Sprintf("no profile uses the key %s, which was stored for profile %s", shortKey(key.AccessKeyID), key.Profile)
	if named == "" { // else the command is about the key that is named
		note += "; to forget it: " + keysCommandOf(key.Profile, "remove")
	}
	return note
}

// note says what is not finished about a rotation, and what to run, or "".
func (s rotationState) note(profile string) string {
	rotate := keysCommandOf(profile, "rotate")
	switch {
	case s.old != "":
		return fmt.Sprintf("the old key %s of profile %s is not deleted yet; to finish: %s", shortKey(s.old), profile, rotate)
	case s.next.AccessKeyID != "":
		return fmt.Sprintf("the new key %s of profile %s is not in force yet; to finish: %s", shortKey(s.next.AccessKeyID), profile, rotate)
	case !s.since.IsZero():
		return fmt.Sprintf("a rotation of the key %s of profile %s was interrupted; to continue: %s", shortKey(s.current.AccessKeyID), profile, rotate)
	}
	return ""
}

// importNote says that the import of a key is not finished, and what to run.
func importNote(profile, id string) string {
	return fmt.Sprintf("the import of the key %s of profile %s was interrupted; to finish: %s", shortKey(id), profile, keysCommandOf(profile, "import"))
}

// keysCommandOf is a command of keys for a profile, which need not be the one in
// force.
func keysCommandOf(profile, action string) string {
	return name + " --profile " + word(profile) + " keys " + action
}

// inFile reports whether the files still hold a key that is in the keyring.
func (k *keyring) inFile(key cache.LongTermKey) bool {
	r, err := k.files.Profile(key.Profile)
	return err == nil && r.Get(keyIDSetting) == key.AccessKeyID
}

// fileRows returns the long-term keys in the files. Keys with a token are
// temporary, and left out.
func (k *keyring) fileRows() []listedKey {
	var rows []listedKey
	for _, profile := range k.files.Names() {
		r, _ := k.files.Profile(profile)
		if r == nil || !r.HasKeys() || r.Get(tokenSetting) != "" {
			continue
		}
		rows = append(rows, listedKey{profile: profile, id: r.Get(keyIDSetting),
			where: k.place(r.Value(secretSetting).Place) + ", in the clear", note: fileNote(k, profile)})
	}
	return rows
}

// ages asks IAM when the keys were created, if the keyring does not know that.
// It uses the stored sessions and asks for no code.
func (k *keyring) ages(rows []listedKey) map[string]time.Time {
	ages := map[string]time.Time{}
	sessions, err := k.store.Sessions()
	if err != nil {
		k.trace("the ages of keys: %v", err)
	}
	ctx, cancel := context.WithTimeout(k.c.Context, ageLimit)
	defer cancel()
	for _, row := range rows {
		for _, s := range sessions {
			if !row.created.IsZero() || s.Identity.Source != row.id || s.Identity.Role != "" || s.Left() <= 0 || !ages[row.id].IsZero() {
				continue
			}
			client, err := k.clientFor(session.Credentials(s))
			if err != nil {
				k.trace("the age of %s: %v", shortKey(row.id), err)
				continue
			}
			keys, err := client.Keys(ctx)
			k.trace("the age of %s: %v", shortKey(row.id), err)
			for _, key := range keys {
				ages[key.ID] = key.Created
			}
		}
	}
	return ages
}

// age returns the age of a key in days.
func age(created time.Time) string {
	if created.IsZero() {
		return "unknown"
	}
	switch days := int(time.Since(created).Hours() / 24); {
	case days < 1:
		return "today"
	case days == 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", days)
	}
}
