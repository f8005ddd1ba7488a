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
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
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

// export puts the profile's access key back where it was. The profile works
// after each step, since a key in the file is used as soon as it is there.
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

// leave removes a key that the profile no longer uses from the keyring, or, if
// other profiles share it, only what is stored about this profile.
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

// toExport returns the key in the keyring: the profile's, or that of an export
// that was interrupted when the key was already in the file.
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
