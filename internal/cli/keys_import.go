package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/iamuser"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

var (
	errTwoKeys      = errors.New("it has two different access keys")
	errOtherSource  = errors.New("it has another source of credentials, which would be used instead")
	errNoSuchWords  = errors.New("it can't be written in a credential_process line")
	errNotStoredNow = errors.New("the AWS SDK still finds other credentials for the profile")
)

// origin is what an import changed in the two files. It is stored with the key,
// so that export can undo it.
type origin struct {
	Config      awsfile.Undo `json:"config"`
	Credentials awsfile.Undo `json:"credentials"`
}

// origins are the origins of the profiles that share a key, by profile.
type origins map[string]origin

func readOrigins(key cache.LongTermKey) origins {
	all := origins{}
	if json.Unmarshal([]byte(key.Origin), &all) != nil {
		return origins{} // export then restores settings, not bytes
	}
	return all
}

// keep stores the key with these origins.
func (o origins) keep(store *cache.Store, key *cache.LongTermKey) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	key.Origin = string(text)
	return store.PutLongTermKey(*key)
}

// importKey moves the profile's access key into the keyring. The profile works
// after each step, since a key in the file is used as long as it is there.
func (k *keyring) importKey() error {
	key, err := k.keyInFile()
	if err != nil || key.AccessKeyID == "" {
		return err
	}
	if err := k.store.Keeps(); err != nil {
		return err
	}
	process, err := k.processLine()
	if err != nil {
		return err
	}
	there, err := k.store.LongTermKey(key.AccessKeyID)
	if err != nil && !errors.Is(err, cache.ErrNotFound) && !errors.Is(err, cache.ErrDenied) {
		return err
	}
	isThere, users := err == nil && there.SecretAccessKey == key.SecretAccessKey, k.usersOf(key.AccessKeyID)
	if isThere {
		key = there
	}
	if isThere && len(users) == 0 {
		k.tell("finishing an import of this key that was interrupted")
	} else {
		if err := k.ask(importKey.Format(shortKey(key.AccessKeyID), k.profile, k.store.Backend())); err != nil {
			return err
		}
	}
	if err := k.store.PutLongTermKey(key); err != nil {
		return err
	}
	if err := k.takeOut(key, process); err != nil {
		return err
	}
	k.tell("moved the access key %s of profile %s into the keyring (%s)", shortKey(key.AccessKeyID), k.profile, k.store.Backend())
	if shared := k.sharedInFile(key.AccessKeyID); shared != nil {
		k.tellWarning(shared)
		return nil
	}
	k.tell("hint: it was in the clear until now, perhaps in backups too; to replace it: %s", k.command("keys rotate"))
	return nil
}

// keyInFile returns the profile's access key from the files. If it is already
// in the keyring, it says so and returns none and no error.
func (k *keyring) keyInFile() (cache.LongTermKey, error) {
	none := cache.LongTermKey{}
	where := fmt.Sprintf("profile %q", k.profile)
	r, err := k.files.Profile(k.profile)
	if err != nil {
		return none, fmt.Errorf("%s: %w", where, err)
	}
	switch process := r.Get(processSetting); {
	case r.Get("role_arn") != "":
		return none, fmt.Errorf("%s: %w: %s", where, errRoleKey, r.Get("source_profile"))
	case k.storedID() != "":
		if _, err := k.stored(); err != nil {
			return none, err
		}
		k.tell("the access key %s of profile %s is already in the keyring", shortKey(k.storedID()), k.profile)
		return none, nil
	case !r.HasKeys():
		return none, fmt.Errorf("%s: %w", where, k.settings.source.NoCredentials())
	case r.Get(tokenSetting) != "":
		return none, fmt.Errorf("%s: %w", where, session.ErrTemporary)
	case isUnfinished(newFileHome(k, r)): // mutation: keys: a rotation that was stopped is not imported
		return none, fmt.Errorf("%s: %w", where, errUnfinished)
	case process != "" && !awssource.ServesItself(process, k.profile):
		return none, fmt.Errorf("%s: %w: %s", where, errOtherSource, k.place(r.Value(processSetting).Place))
	}
	for _, other := range []string{"sso_session", "sso_start_url", "login_session", "credential_source", "web_identity_token_file"} {
		if v := r.Value(other); v.Text != "" { // has precedence over a credential_process
			return none, fmt.Errorf("%s: %w: %s, %s", where, errOtherSource, other, k.place(v.Place))
		}
	}
	for _, kind := range []awsfile.Kind{awsfile.Config, awsfile.Credentials} {
		for _, setting := range []string{keyIDSetting, secretSetting} {
			if v := k.files.In(kind, k.profile, setting); v.Text != "" && v.Text != r.Get(setting) {
				return none, fmt.Errorf("%s: %w: %s and %s", where, errTwoKeys, k.place(r.Value(setting).Place), k.place(v.Place))
			}
		}
	}
	return cache.LongTermKey{AccessKeyID: r.Get(keyIDSetting), SecretAccessKey: r.Get(secretSetting), Profile: k.profile}, nil
}

// takeOut makes the profile name the key in the keyring, and then removes the
// key from the files. How to undo a step is stored with the key before that
// step.
func (k *keyring) takeOut(key cache.LongTermKey, process string) error {
	all := readOrigins(key)
	undo := all[k.profile]
	keep := func(at *awsfile.Undo) func(awsfile.Undo) error {
		return func(u awsfile.Undo) error {
			*at = u
			all[k.profile] = undo
			return all.keep(k.store, &key)
		}
	}
	for _, step := range []struct {
		kind    awsfile.Kind
		undo    *awsfile.Undo
		changes []awsfile.Change
	}{
		{awsfile.Config, &undo.Config, []awsfile.Change{set(awssource.StoredKeySetting, key.AccessKeyID), set(processSetting, process), unset(keyIDSetting), unset(secretSetting)}},
		{awsfile.Credentials, &undo.Credentials, []awsfile.Change{unset(keyIDSetting), unset(secretSetting)}},
	} {
		file := awsfile.Name(k.Getenv, step.kind)
		if step.kind == awsfile.Credentials && !fileExists(file) {
			continue
		}
		if _, err := awsfile.EditWithUndo(k.c.Context, lockFiles, file, step.kind, k.profile, keep(step.undo), step.changes...); err != nil {
			return err
		}
	}
	if err := k.read(); err != nil {
		return err
	}
	source, err := session.ReadSource(k.c.Context, k.profile)
	if err == nil && (!source.Stored || source.ID != key.AccessKeyID) {
		err = errNotStoredNow
	}
	return err
}

// processLine returns the credential_process line with which SDKs get the
// profile's session from this program. It has the options of the command line.
func (k *keyring) processLine() (string, error) {
	path, err := gitconfig.Executable()
	if err != nil {
		return "", err
	}
	words := append([]string{"--profile", k.profile}, k.givenOptions(k.c)...)
	line := quoteProgram(path)
	for _, w := range append(words, "credential-process") {
		line += " " + quoteForProcess(w)
	}
	if !awssource.ServesItself(line, k.profile) {
		return "", fmt.Errorf("%s, profile %q: %w", path, k.profile, errNoSuchWords)
	}
	return line, nil
}

// quoteProgram quotes a path as in AWS's own examples, in double quotes. On
// Windows it avoids them: the SDK for Go passes the line to cmd.exe as one
// argument, and escapes double quotes in a way that cmd does not read.
func quoteProgram(path string) string {
	if runtime.GOOS == "windows" {
		if short := gitexec.ShortName(path); shell.QuoteWindows(path) != path && shell.QuoteWindows(short) == short {
			return short
		}
		return shell.QuoteWindows(path)
	}
	if strings.ContainsAny(path, "\"$`\\") {
		return shell.Quote(path)
	}
	return `"` + path + `"`
}

func quoteForProcess(w string) string {
	if runtime.GOOS == "windows" {
		return shell.QuoteWindows(w)
	}
	return shell.Quote(w)
}

// export puts the profile's access key back where it was. The profile works after each step, since a key in the file is used as soon as it is there.
func (k *keyring) export() error {
	key, err := k.toExport()
	if err != nil {
		return err
	}
	if key.Replaces != "" || !key.Rotating.IsZero() {
		return fmt.Errorf("profile %q: %w", k.profile, errUnfinished)
	}
	undo := readOrigins(key)[k.profile]
	back := []awsfile.Change{set(keyIDSetting, key.AccessKeyID), set(secretSetting, key.SecretAccessKey)}
	forget := []awsfile.Change{unset(awssource.StoredKeySetting), unset(processSetting)}
	inConfig := strings.Contains(undo.Config.Old, key.SecretAccessKey)
	inCredentials := !inConfig || strings.Contains(undo.Credentials.Old, key.SecretAccessKey)
	kind := awsfile.Config
	if inCredentials {
		kind = awsfile.Credentials
	}
	if err := k.ask(exportKey.Format(shortKey(key.AccessKeyID), k.profile, k.place(awsfile.Place{File: awsfile.Name(k.Getenv, kind)}))); err != nil {
		return err
	}
	if inCredentials {
		if err := k.revert(awsfile.Credentials, undo.Credentials, back); err != nil {
			return err
		}
	}
	if inConfig {
		forget = append(forget, back...)
	}
	if err := k.revert(awsfile.Config, undo.Config, forget); err != nil {
		return err
	}
	if err := k.leave(key); err != nil {
		return err
	}
	k.tell("the access key %s of profile %s is back in the file, in the clear", shortKey(key.AccessKeyID), k.profile)
	return nil
}

// leave removes a key that the profile no longer uses from the keyring, or, if other profiles share it, only what is stored about this profile.
func (k *keyring) leave(key cache.LongTermKey) error {
	users := k.usersOf(key.AccessKeyID)
	if len(users) == 0 {
		return k.store.RemoveLongTermKey(key.AccessKeyID)
	}
	all := readOrigins(key)
	delete(all, k.profile)
	key.Profile = users[0]
	return all.keep(k.store, &key)
}

// toExport returns the key in the keyring: the profile's, or that of an export that was interrupted when the key was already in the file.
func (k *keyring) toExport() (cache.LongTermKey, error) {
	r, err := k.files.Profile(k.profile)
	if err != nil {
		return cache.LongTermKey{}, fmt.Errorf("profile %q: %w", k.profile, err)
	}
	id := r.Get(awssource.StoredKeySetting)
	if id == "" || id != r.Get(keyIDSetting) || !awssource.ServesItself(r.Get(processSetting), k.profile) {
		return k.stored()
	}
	return k.longTermKey(k.c.Context, k.store)(id)
}

func (k *keyring) revert(kind awsfile.Kind, undo awsfile.Undo, changes []awsfile.Change) error {
	if err := awsfile.Revert(k.c.Context, lockFiles, awsfile.Name(k.Getenv, kind), kind, k.profile, undo, changes...); err != nil {
		return err
	}
	return k.read()
}

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

// forgetAll forgets a key that is no longer in force, and with it the other key of an unfinished rotation, old or new.
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

// removeUnused forgets the keys that were stored for the profile and that no profile uses. A command that was killed leaves such keys.
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
