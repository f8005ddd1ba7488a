package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// export puts the profile's access key back where it was. Each step leaves a
// profile that works: the key in the file is used as soon as it is there.
func (k *keyring) export() error {
	key, err := k.toExport()
	if err != nil {
		return err
	}
	if key.Replaces != "" || !key.Rotating.IsZero() {
		return fmt.Errorf("profile %q: %w", k.profile, errUnfinished)
	}
	if err := k.ask("put the access key %s of profile %s back into %s, in the clear?", shortKey(key.AccessKeyID), k.profile, k.place(awsfile.Place{File: awsfile.Name(k.Getenv, awsfile.Credentials)})); err != nil {
		return err
	}
	undo := readOrigin(key)
	back := []awsfile.Change{set(keyIDSetting, key.AccessKeyID), set(secretSetting, key.SecretAccessKey)}
	forget := []awsfile.Change{unset(session.StoredKeySetting), unset(processSetting)}
	inConfig := strings.Contains(undo.Config.Old, key.SecretAccessKey)
	if inConfig {
		forget = append(forget, back...)
	} else if err := awsfile.Revert(k.c.Context, lockFiles, awsfile.Name(k.Getenv, awsfile.Credentials), awsfile.Credentials, k.profile, undo.Credentials, back...); err != nil {
		return err
	}
	if err := k.revertConfig(undo, forget); err != nil {
		return err
	}
	if err := k.store.RemoveLongTermKey(key.AccessKeyID); err != nil {
		return err
	}
	k.tell("the access key %s of profile %s is back in the file, in the clear", shortKey(key.AccessKeyID), k.profile)
	return nil
}

// toExport is the key in the keyring: the profile's, or that of an export which
// was cut off when the key was in the file again.
func (k *keyring) toExport() (cache.LongTermKey, error) {
	r, err := k.files.Profile(k.profile)
	if err != nil {
		return cache.LongTermKey{}, err
	}
	id := r.Get(session.StoredKeySetting)
	if id == "" || id != r.Get(keyIDSetting) || !session.ServesItself(r.Get(processSetting), k.profile) {
		return k.stored()
	}
	return k.longTermKey(k.c, k.store)(id)
}

func (k *keyring) revertConfig(undo origin, changes []awsfile.Change) error {
	return awsfile.Revert(k.c.Context, lockFiles, awsfile.Name(k.Getenv, awsfile.Config), awsfile.Config, k.profile, undo.Config, changes...)
}

// remove forgets the profile's access key. At AWS it stays what it is.
func (k *keyring) remove() error {
	id := k.storedID()
	key, err := k.stored()
	canForget := err == nil || errors.Is(err, session.ErrKeyNotStored) || errors.Is(err, cache.ErrPassphrase) || errors.Is(err, session.ErrKeyDenied)
	if id == "" || !canForget {
		return err
	}
	if err := k.ask("forget the access key %s of profile %s? There is no copy of its secret anywhere", shortKey(id), k.profile); err != nil {
		return err
	}
	undo := readOrigin(key)
	undo.Config.Old = "" // which may hold the key
	if err := k.revertConfig(undo, []awsfile.Change{unset(session.StoredKeySetting), unset(processSetting)}); err != nil {
		return err
	}
	for _, forgotten := range []string{id, key.Replaces} {
		if forgotten == "" {
			continue
		}
		if err := k.store.RemoveLongTermKey(forgotten); err != nil {
			return err
		}
		if err := k.store.DropCarried(forgotten); err != nil {
			return err
		}
	}
	k.tell("the access key %s of profile %s is forgotten here; at AWS it still works", shortKey(id), k.profile)
	k.tell("hint: if nobody else uses it: aws iam delete-access-key --access-key-id %s", id)
	return nil
}
