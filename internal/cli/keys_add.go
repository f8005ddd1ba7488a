package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/iamuser"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

var (
	errNotAKey   = errors.New("not an IAM user's access key, which has an id (AKIA...) and a secret of 16 or more characters without blanks")
	errKeyInFile = errors.New("it has an access key in a file")
)

// isKeyID reports whether a text can be the id of an IAM user's access key. It
// is no regular expression, since that would be compiled for each answer to
// git.
func isKeyID(id string) bool {
	return strings.HasPrefix(id, "AKIA") && len(id) >= 16 && len(id) <= 128 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isSecretKey reports whether a text can be a secret access key.
func isSecretKey(secret string) bool {
	odd := strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' })
	return len(secret) >= 16 && len(secret) <= 256 && !odd
}

// add stores a new access key for the profile, which need not exist yet.
func (k *keyring) add(fromStdin bool) error {
	if err := k.store.Keeps(); err != nil {
		return err
	}
	if err := k.canAdd(); err != nil {
		return err
	}
	process, err := k.processLine()
	if err != nil {
		return err
	}
	key, err := k.newKey(fromStdin)
	if err != nil {
		return err
	}
	old := k.storedID()
	if old != "" && old != key.AccessKeyID {
		if err := k.ask(replaceStored.Format(shortKey(old), k.profile, shortKey(key.AccessKeyID))); err != nil {
			return err
		}
	}
	if err := k.prove(key); err != nil {
		return err
	}
	if there, err := k.store.LongTermKey(key.AccessKeyID); err == nil && there.SecretAccessKey == key.SecretAccessKey {
		key = there // another profile uses it
	}
	if err := k.store.PutLongTermKey(key); err != nil {
		return err
	}
	if err := k.takeOut(key, process); err != nil {
		return err
	}
	k.tell("stored the access key %s of profile %s in the keyring (%s)", shortKey(key.AccessKeyID), k.profile, k.store.Backend())
	if old != "" && old != key.AccessKeyID {
		return k.forgetAll(old)
	}
	k.tell("hint: next: %s", k.command("login"))
	return nil
}

// canAdd refuses a profile that has other credentials.
func (k *keyring) canAdd() error {
	r, err := k.files.Profile(k.profile)
	if err != nil {
		if k.files.Has(k.profile) {
			return err
		}
		return nil // takeOut creates it
	}
	process := r.Get(processSetting)
	switch {
	case r.HasKeys():
		return fmt.Errorf("profile %q: %w: %s", k.profile, errKeyInFile, k.place(r.Value(keyIDSetting).Place))
	case r.Get("role_arn") != "":
		return fmt.Errorf("profile %q: %w: %s", k.profile, errRoleKey, r.Get("source_profile"))
	case process != "" && !awssource.ServesItself(process, k.profile):
		return fmt.Errorf("profile %q: %w: %s", k.profile, errOtherSource, k.place(r.Value(processSetting).Place))
	}
	return nil
}

// newKey reads the key from stdin, two lines, or asks for it and hides the secret.
func (k *keyring) newKey(fromStdin bool) (cache.LongTermKey, error) {
	key := cache.LongTermKey{Profile: k.profile}
	var err error
	if fromStdin {
		in := bufio.NewReader(io.LimitReader(k.Stdin, 4096))
		key.AccessKeyID, _ = in.ReadString('\n')
		key.SecretAccessKey, err = in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return key, fmt.Errorf("reading the access key from stdin: %w", err)
		}
	} else if err := k.askForKey(&key); err != nil {
		return key, asked(err)
	}
	key.AccessKeyID, key.SecretAccessKey = strings.TrimSpace(key.AccessKeyID), strings.TrimSpace(key.SecretAccessKey)
	switch {
	case strings.HasPrefix(key.AccessKeyID, "ASIA"):
		return key, session.ErrTemporary
	case !isKeyID(key.AccessKeyID) || !isSecretKey(key.SecretAccessKey):
		return key, errNotAKey
	}
	return key, nil
}

func (k *keyring) askForKey(key *cache.LongTermKey) error {
	asker, err := k.prompter(k.c.Context, k.settings, target{byHand: true})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(k.c.Context, enrollLimit)
	defer cancel()
	key.AccessKeyID, err = asker.Line(ctx, keyIDWanted.Format(k.profile), keyIDPlease, isKeyID)
	if err == nil {
		key.SecretAccessKey, err = asker.Secret(ctx, secretWanted)
	}
	return err
}

// prove asks STS whether the key works. If STS refuses it, that is an error; if
// STS could not be asked, a warning.
func (k *keyring) prove(key cache.LongTermKey) error {
	client, err := k.clientFor(aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey})
	if err == nil {
		_, err = client.Whoami(k.c.Context)
	}
	switch {
	case errors.Is(err, session.ErrKey), errors.Is(err, session.ErrSecret), errors.Is(err, iamuser.ErrNotUser):
		return err
	case err != nil:
		k.tell("warning: the key could not be tried: %v", err)
	}
	return nil
}
