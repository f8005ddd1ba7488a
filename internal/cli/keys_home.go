package cli

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// rotationState is how far a rotation has come.
type rotationState struct {
	// current is the key in force.
	current aws.Credentials
	// next is the key that is stored beside it, if there is one.
	next aws.Credentials
	// old is the id of the key that current has replaced, as long as it may still
	// exist.
	old string
	// since is when a rotation was about to create next. Until next is stored, a
	// key created later may be of this rotation.
	since time.Time
}

// isUnfinished reports whether a rotation was begun and not finished.
func isUnfinished(home keyHome) bool {
	s, err := home.state()
	return err != nil || s.old != "" || s.next.AccessKeyID != "" || !s.since.IsZero()
}

// keyHome is where a profile's access key is stored, the keyring or a file,
// with the state of its rotation. Each change is made whole or not at all.
type keyHome interface {
	state() (rotationState, error)
	// intend notes that a key is about to be created, or, with the zero time, that
	// none was.
	intend(at time.Time) error
	// keepNext stores the new key beside the one in force.
	keepNext(next aws.Credentials, created time.Time) error
	// dropNext forgets the stored key, which no longer exists at AWS.
	dropNext() error
	// promote puts the stored key in force.
	promote() error
	// forgetOld ends the rotation.
	forgetOld() error
}

func (k *keyring) keyHome() (keyHome, error) {
	r, err := k.files.Profile(k.profile)
	switch {
	case err != nil:
		return nil, fmt.Errorf("profile %q: %w", k.profile, err)
	case r.Get("role_arn") != "":
		return nil, fmt.Errorf("profile %q: %w: %s", k.profile, errRoleKey, r.Get("source_profile"))
	case k.storedID() != "":
		return keyringHome{k}, k.store.Keeps()
	case !r.HasKeys():
		return nil, fmt.Errorf("profile %q: %w", k.profile, k.settings.source.NoCredentials())
	case r.Get(tokenSetting) != "":
		return nil, fmt.Errorf("profile %q: %w", k.profile, session.ErrTemporary)
	}
	return newFileHome(k, r), nil
}

// keyringHome is a key in the keyring. The profile names the key in force; the
// new item names the key that it replaces.
type keyringHome struct{ *keyring }

func (h keyringHome) state() (rotationState, error) {
	current, err := h.stored()
	if err != nil {
		return rotationState{}, err
	}
	state := rotationState{current: credentialsOf(current), old: current.Replaces, since: current.Rotating}
	keys, err := h.store.LongTermKeys()
	for _, key := range keys {
		if key.Replaces == current.AccessKeyID {
			state.next = credentialsOf(key)
		}
	}
	return state, err
}

func credentialsOf(key cache.LongTermKey) aws.Credentials {
	return aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey}
}

func (h keyringHome) intend(at time.Time) error {
	current, err := h.stored()
	if err != nil {
		return err
	}
	current.Rotating = at
	return h.store.PutLongTermKey(current)
}

func (h keyringHome) keepNext(next aws.Credentials, created time.Time) error {
	current, err := h.stored()
	if err != nil {
		return err
	}
	return h.store.PutLongTermKey(cache.LongTermKey{AccessKeyID: next.AccessKeyID, SecretAccessKey: next.SecretAccessKey, Profile: current.Profile,
		Created: created, Replaces: current.AccessKeyID, Origin: replaceKey(current.Origin, credentialsOf(current), next)})
}

func (h keyringHome) dropNext() error {
	state, err := h.state()
	if err != nil {
		return err
	}
	return h.store.RemoveLongTermKey(state.next.AccessKeyID)
}

func (h keyringHome) promote() error {
	state, err := h.state()
	if err != nil {
		return err
	}
	return h.nameKey(state.current.AccessKeyID, state.next.AccessKeyID)
}

func (h keyringHome) forgetOld() error {
	current, err := h.stored()
	if err != nil {
		return err
	}
	if err := h.store.RemoveLongTermKey(current.Replaces); err != nil {
		return err
	}
	current.Replaces = ""
	return h.store.PutLongTermKey(current)
}

// The settings that keep the state of a rotation in a file, in the section of
// the key. The SDKs ignore them.
const (
	rotatingSetting   = "mfa_rotating_since"
	nextIDSetting     = "mfa_next_access_key_id"
	nextSecretSetting = "mfa_next_secret_access_key"
	replacedSetting   = "mfa_replaced_access_key_id"
)

// fileHome is a key in one of the AWS files, in the clear.
type fileHome struct {
	*keyring
	kind awsfile.Kind
}

// newFileHome finds the section that the SDK reads the key from. Both kinds of
// section can be in the same file.
func newFileHome(k *keyring, r *awsfile.Profile) fileHome {
	h := fileHome{k, awsfile.Credentials}
	if h.get(keyIDSetting) != r.Get(keyIDSetting) { // mutation: rotate: the section that holds the key
		h.kind = awsfile.Config
	}
	return h
}

func (h fileHome) get(setting string) string { return h.files.In(h.kind, h.profile, setting).Text }

func (h fileHome) state() (rotationState, error) {
	state := rotationState{
		current: aws.Credentials{AccessKeyID: h.get(keyIDSetting), SecretAccessKey: h.get(secretSetting)},
		next:    aws.Credentials{AccessKeyID: h.get(nextIDSetting), SecretAccessKey: h.get(nextSecretSetting)},
		old:     h.get(replacedSetting),
	}
	if at := h.get(rotatingSetting); at != "" {
		var err error
		if state.since, err = time.Parse(time.RFC3339, at); err != nil {
			return state, err
		}
	}
	return state, nil
}

func (h fileHome) intend(at time.Time) error {
	if at.IsZero() {
		return h.edit(h.kind, unset(rotatingSetting))
	}
	return h.edit(h.kind, set(rotatingSetting, at.UTC().Format(time.RFC3339)))
}

func (h fileHome) keepNext(next aws.Credentials, _ time.Time) error {
	return h.edit(h.kind, set(nextIDSetting, next.AccessKeyID), set(nextSecretSetting, next.SecretAccessKey))
}

func (h fileHome) dropNext() error {
	return h.edit(h.kind, unset(nextIDSetting), unset(nextSecretSetting))
}

func (h fileHome) promote() error {
	state, err := h.state()
	if err != nil {
		return err
	}
	return h.edit(h.kind, set(keyIDSetting, state.next.AccessKeyID), set(secretSetting, state.next.SecretAccessKey),
		unset(nextIDSetting), unset(nextSecretSetting), unset(rotatingSetting), set(replacedSetting, state.current.AccessKeyID))
}

func (h fileHome) forgetOld() error { return h.edit(h.kind, unset(replacedSetting)) }

// fileNote says what is not finished about the key of a profile in a file, or "".
func fileNote(k *keyring, profile string) string {
	r, err := k.files.Profile(profile)
	if err != nil {
		return ""
	}
	of := *k
	of.profile = profile
	state, err := newFileHome(&of, r).state()
	note := state.note(profile)
	switch {
	case err != nil:
		return err.Error()
	case note == "" && r.Get(awssource.StoredKeySetting) == state.current.AccessKeyID && awssource.ServesItself(r.Get(processSetting), profile):
		return importNote(profile, state.current.AccessKeyID)
	}
	return note
}
