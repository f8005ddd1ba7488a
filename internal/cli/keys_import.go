package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

var (
	errTwoKeys      = errors.New("the profile has two different access keys")
	errOtherSource  = errors.New("the profile has another source of credentials, which would then be used")
	errNoSuchWords  = errors.New("it can't be written in a credential_process line")
	errNotStoredNow = errors.New("the AWS SDK still does not see the profile as it is meant")
)

// origin is what an import did to the two files, for the way back; it is kept
// with the key.
type origin struct {
	Config      awsfile.Undo `json:"config"`
	Credentials awsfile.Undo `json:"credentials"`
}

func readOrigin(key cache.LongTermKey) (o origin) {
	if json.Unmarshal([]byte(key.Origin), &o) != nil {
		return origin{} // the way back is by settings then, not by bytes
	}
	return o
}

// importKey moves the profile's access key into the keyring. Each step leaves a
// profile that works: the key in the file is used as long as it is there.
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
	unfinished, err := k.store.LongTermKey(key.AccessKeyID)
	switch {
	case err == nil && unfinished.SecretAccessKey == key.SecretAccessKey && unfinished.Profile == key.Profile:
		k.tell("an import of this key was cut off: finishing it")
		key = unfinished
	case err != nil && !errors.Is(err, cache.ErrNotFound) && !errors.Is(err, cache.ErrDenied):
		return err
	default:
		if err := k.ask("move the access key %s of profile %s into the keyring (%s), and have the AWS CLI and SDKs get it from this program, with MFA?",
			shortKey(key.AccessKeyID), k.profile, k.store.Backend()); err != nil {
			return err
		}
	}
	if err := k.store.PutLongTermKey(key); err != nil {
		return err
	}
	if err := k.takeOut(key, process); err != nil {
		return err
	}
	k.tell("the access key %s of profile %s is in the keyring (%s) now, and in no file", shortKey(key.AccessKeyID), k.profile, k.store.Backend())
	k.tell("hint: it lay in the clear until now, in backups too: %s", k.command("keys rotate"))
	return nil
}

// keyInFile is the access key of the profile in the files. There is none, and
// no error, if it is in the keyring already.
func (k *keyring) keyInFile() (cache.LongTermKey, error) {
	none := cache.LongTermKey{}
	r, err := k.files.Profile(k.profile)
	if err != nil {
		return none, err
	}
	where := fmt.Sprintf("profile %q", k.profile)
	switch process := r.Get(processSetting); {
	case r.Get("role_arn") != "":
		return none, fmt.Errorf("%s: %w: %s", where, errRoleKey, r.Get("source_profile"))
	case k.storedID() != "":
		if _, err := k.stored(); err != nil {
			return none, err
		}
		k.tell("the access key %s of profile %s is in the keyring already", shortKey(k.storedID()), k.profile)
		return none, nil
	case !r.HasKeys():
		return none, fmt.Errorf("%s: %w", where, session.ErrNoCredentials)
	case r.Get(tokenSetting) != "":
		return none, fmt.Errorf("%s: %w", where, session.ErrTemporary)
	case process != "" && !awssource.ServesItself(process, k.profile):
		return none, fmt.Errorf("%s: %w: %s", where, errOtherSource, k.place(r.Value(processSetting).Place))
	}
	for _, other := range []string{"sso_session", "sso_start_url", "login_session", "credential_source", "web_identity_token_file"} {
		if v := r.Value(other); v.Text != "" { // it wins over a credential_process
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

// takeOut has the profile name the key in the keyring, and then takes the key
// out of the files. How to undo that is kept with the key before each step.
func (k *keyring) takeOut(key cache.LongTermKey, process string) error {
	undo := readOrigin(key)
	keep := func(at *awsfile.Undo) func(awsfile.Undo) error {
		return func(u awsfile.Undo) error {
			*at = u
			text, err := json.Marshal(undo)
			if err != nil {
				return err
			}
			key.Origin = string(text)
			return k.store.PutLongTermKey(key)
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

// processLine is the line by which SDKs ask this program for the profile's
// session. The options that are given are written with it.
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

// quoteProgram writes a path as AWS's own examples have it, in double quotes. On
// Windows it avoids them: SDKs for Go hand the line to cmd.exe as one argument,
// in which Go escapes them as cmd does not.
func quoteProgram(path string) string {
	if runtime.GOOS == "windows" {
		if short := shortName(path); shell.QuoteWindows(path) != path && shell.QuoteWindows(short) == short {
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
	forget := []awsfile.Change{unset(awssource.StoredKeySetting), unset(processSetting)}
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
	id := r.Get(awssource.StoredKeySetting)
	if id == "" || id != r.Get(keyIDSetting) || !awssource.ServesItself(r.Get(processSetting), k.profile) {
		return k.stored()
	}
	return k.longTermKey(k.c.Context, k.store)(id)
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
	if err := k.revertConfig(undo, []awsfile.Change{unset(awssource.StoredKeySetting), unset(processSetting)}); err != nil {
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
