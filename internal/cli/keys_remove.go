package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// remove deletes the profile's access key from the keyring, and not at AWS.
func (k *keyring) remove() error {
	id := k.storedID()
	if id == "" {
		return k.removeUnused()
	}
	key, err := k.stored()
	canForget := err == nil || errors.Is(err, session.ErrKeyNotStored) || errors.Is(err, cache.ErrPassphrase) || errors.Is(err, session.ErrKeyDenied)
	if !canForget {
		return err
	}
	if err := k.ask(removeKey.Format(shortKey(id), k.profile)); err != nil {
		return err
	}
	undo := readOrigins(key)[k.profile]
	undo.Config.Old = "" // it may contain the key
	if err := k.revert(awsfile.Config, undo.Config, []awsfile.Change{unset(awssource.StoredKeySetting), unset(processSetting)}); err != nil {
		return err
	}
	if users := k.usersOf(id); len(users) > 0 {
		k.tell("profile %s no longer uses the access key %s; profile %s still does", k.profile, shortKey(id), users[0])
		if err != nil {
			return nil // the key can't be read
		}
		return k.leave(key)
	}
	if err := k.forgetAll(id); err != nil {
		return err
	}
	k.tell("forgot the access key %s of profile %s; at AWS it still works", shortKey(id), k.profile)
	k.tell("hint: to delete it there, if nothing else uses it: aws iam delete-access-key --access-key-id %s", id)
	return nil
}

// forgetAll forgets a key that is no longer in force, and with it the other key
// of an unfinished rotation, old or new.
func (k *keyring) forgetAll(id string) error {
	all, err := k.store.LongTermKeys()
	if err != nil {
		return err
	}
	for _, key := range all {
		switch {
		case key.AccessKeyID == id:
			err = errors.Join(err, k.forget(key.Replaces))
		case key.Replaces == id:
			err = errors.Join(err, k.forget(key.AccessKeyID))
		}
	}
	return errors.Join(err, k.forget(id))
}

// removeUnused forgets the keys that were stored for the profile and that no
// profile uses. A command that was killed leaves such keys.
func (k *keyring) removeUnused() error {
	all, err := k.store.LongTermKeys()
	if err != nil {
		return err
	}
	unused := slices.DeleteFunc(slices.Clone(all), func(key cache.LongTermKey) bool { return key.Profile != k.profile || k.isUsed(key, all) })
	if len(unused) == 0 {
		return fmt.Errorf("profile %q: %w", k.profile, errNotStored)
	}
	for _, key := range unused {
		if err := k.ask(removeUnused.Format(shortKey(key.AccessKeyID), k.profile)); err != nil {
			return err
		}
		if err := k.forget(key.AccessKeyID); err != nil {
			return err
		}
		k.tell("forgot the access key %s, which no profile used; at AWS it still works", shortKey(key.AccessKeyID))
	}
	return nil
}
