package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/iamuser"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	// proofLimit is how long AWS may take until it accepts a new key.
	proofLimit = time.Minute
	proofPause = 2 * time.Second
	// carryGrace is how long the session stays under the old key's id, for a get
	// that has read that id and now looks for the session.
	carryGrace = 2 * time.Second
	// clockMargin is how far this computer's clock may differ from AWS's when it
	// is compared with the time of a key.
	clockMargin = 10 * time.Minute
)

var (
	errTwoAtAWS   = errors.New("the user already has two access keys, and AWS allows no more")
	errNotTaken   = errors.New("AWS does not accept the new key yet")
	errOtherUser  = errors.New("the new key is another user's")
	errKeyNotKept = errors.New("the new key could not be stored, and was deleted again")
)

// rotation is one run of keys rotate.
type rotation struct {
	*keyring
	home     keyHome
	provider *session.Provider
	client   *iamuser.Client // with the session
	user     iamuser.User
	promoted time.Time
}

// rotate creates a new key, puts it in force and deletes the old one, or
// continues an earlier run that was stopped.
func (k *keyring) rotate() error {
	home, err := k.keyHome()
	if err != nil {
		return err
	}
	r := rotation{keyring: k, home: home}
	if r.provider, err = k.keyProvider(k.c.Context, k.settings); err != nil {
		return err
	}
	if err := r.run(); err != nil {
		r.tellWhereItStands(err)
		return err
	}
	return nil
}

func (r *rotation) run() error {
	state, err := r.home.state()
	if err != nil {
		return err
	}
	for _, id := range []string{state.current.AccessKeyID, state.old} {
		if err := r.sharedInFile(id); err != nil { // mutation: rotate: no other profile is left without a key
			return err
		}
	}
	if state.old == "" && state.next.AccessKeyID == "" {
		if err := r.create(state); err != nil {
			return err
		}
	} else {
		r.tell("continuing a rotation that was interrupted")
	}
	if state, err = r.home.state(); err != nil {
		return err
	}
	if state.next.AccessKeyID != "" {
		if err := r.putInForce(state); err != nil {
			return err
		}
		if state, err = r.home.state(); err != nil {
			return err
		}
	}
	return r.retire(state)
}

// asUser makes a call with the session. If AWS no longer accepts the session,
// since its key is gone, it gets a new one and calls again.
func (r *rotation) asUser(call func(*iamuser.Client) error) error {
	if r.client == nil {
		if err := r.connect(session.Kept); err != nil {
			return err
		}
	}
	err := call(r.client)
	if !errors.Is(err, session.ErrKey) {
		return err
	}
	r.tell("AWS no longer accepts the session: a new one is needed")
	if err := r.connect(session.New); err != nil {
		return err
	}
	return call(r.client)
}

// connect makes the client call AWS with a session.
func (r *rotation) connect(want session.Want) error {
	s, err := r.provider.Session(r.c.Context, want)
	if err == nil {
		r.client, err = r.clientFor(session.Credentials(s))
	}
	return err
}

// keysAtAWS returns the user's access keys.
func (r *rotation) keysAtAWS() (keys []iamuser.Key, err error) {
	err = r.asUser(func(client *iamuser.Client) (err error) {
		keys, err = client.Keys(r.c.Context)
		return err
	})
	return keys, err
}

// create creates a new key and stores it beside the one in force.
func (r *rotation) create(state rotationState) error {
	if err := r.makeRoom(state); err != nil {
		return err
	}
	if err := r.home.intend(time.Now()); err != nil {
		return err
	}
	var next aws.Credentials
	var created time.Time
	err := r.asUser(func(client *iamuser.Client) (err error) {
		next, created, err = client.CreateKey(r.c.Context)
		return err
	})
	if errors.Is(err, iamuser.ErrDenied) || errors.Is(err, iamuser.ErrLimit) || errors.Is(err, session.ErrThrottled) { // no key was created
		return errors.Join(err, r.home.intend(time.Time{}))
	}
	if err != nil {
		return err
	}
	if err := r.home.keepNext(next, created); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.c.Context), undoLimit)
		defer cancel()
		if r.client.DeleteKey(ctx, next.AccessKeyID) == nil {
			err = fmt.Errorf("%w: %w", errKeyNotKept, err)
		}
		return err
	}
	r.tell("created the access key %s beside %s", shortKey(next.AccessKeyID), shortKey(state.current.AccessKeyID))
	return nil
}

// makeRoom checks that the user has no second key at AWS. It offers to delete
// one that an earlier run created but did not store.
func (r *rotation) makeRoom(state rotationState) error {
	keys, err := r.keysAtAWS()
	if err != nil {
		return err
	}
	for _, other := range keys {
		if other.ID == state.current.AccessKeyID {
			continue
		}
		lost := !state.since.IsZero() && other.Created.After(state.since.Add(-clockMargin)) // mutation: rotate: only a key of this rotation's is deleted
		if !lost {
			return twoKeys{errTwoAtAWS, state.current.AccessKeyID, other}
		}
		if err := r.ask(deleteLost.Format(shortKey(other.ID))); err != nil {
			return err
		}
		if err := r.asUser(func(client *iamuser.Client) error { return client.DeleteKey(r.c.Context, other.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// twoKeys is the error for a user with two keys, with the second one for its hint.
type twoKeys struct {
	error
	current string
	other   iamuser.Key
}

func (e twoKeys) Error() string {
	status := "inactive"
	if e.other.Active {
		status = "active"
	}
	return fmt.Sprintf("%v: %s, which this profile uses, and %s, %s, created %s", e.error, shortKey(e.current), shortKey(e.other.ID), status, e.other.Created.Format(time.DateOnly))
}

func (e twoKeys) Unwrap() error { return e.error }

func (e twoKeys) hints(p *program) []string {
	return []string{fmt.Sprintf("if nothing uses %s: aws iam delete-access-key --access-key-id %s --profile %s; then: %s",
		shortKey(e.other.ID), e.other.ID, word(p.baseName()), p.command("keys rotate"))}
}

// putInForce checks that the stored key works, keeps the running session under
// it, and makes the profile use it.
func (r *rotation) putInForce(state rotationState) error {
	var lost *lostKey
	if err := r.proveNext(state.next, false); errors.As(err, &lost) && !lost.inactive {
		return errors.Join(err, r.home.dropNext())
	} else if err != nil {
		return err
	}
	if err := r.store.CarryOver(state.current.AccessKeyID, state.next.AccessKeyID); err != nil { // mutation: rotate: the session goes on
		return err
	}
	if err := r.home.promote(); err != nil {
		return err
	}
	r.promoted = time.Now()
	r.follow(state.next)
	r.tell("put the access key %s in force for profile %s", shortKey(state.next.AccessKeyID), r.profile)
	return nil
}

// follow makes the provider use the key that is now in force.
func (r *rotation) follow(key aws.Credentials) {
	provider := *r.provider
	provider.Source.ID = key.AccessKeyID
	if !provider.Source.Stored {
		provider.Source.Keys = awssource.Keys{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey, SessionToken: key.SessionToken, From: key.Source}
	}
	r.provider = &provider
}

// proveNext calls STS with a key until STS accepts it, and checks that it is
// the user's. It gives up early if the key is inactive, or if an earlier run
// proved it and IAM no longer has it.
func (r *rotation) proveNext(key aws.Credentials, provedBefore bool) error {
	if r.user.ARN == "" {
		err := r.asUser(func(client *iamuser.Client) (err error) {
			r.user, err = client.Whoami(r.c.Context)
			return err
		})
		if err != nil {
			return err
		}
	}
	client, err := r.clientFor(key)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.c.Context, proofLimit)
	defer cancel()
	for try := 1; ; try++ {
		who, err := client.Whoami(ctx)
		switch {
		case err == nil && who.ARN != r.user.ARN:
			return fmt.Errorf("%w: %s, not %s", errOtherUser, who.ARN, r.user.ARN)
		case err == nil:
			return nil
		case !errors.Is(err, session.ErrKey) && ctx.Err() == nil:
			return err
		}
		if try == 2 {
			if lost := r.lost(key.AccessKeyID); lost != nil && (lost.inactive || provedBefore) {
				return lost
			}
			r.tell("waiting until AWS accepts the new key %s (up to a minute)", shortKey(key.AccessKeyID))
		}
		select {
		case <-time.After(proofPause):
		case <-ctx.Done():
			if r.c.Context.Err() != nil {
				return r.c.Context.Err()
			}
			if lost := r.lost(key.AccessKeyID); lost != nil {
				return lost
			}
			return errNotTaken
		}
	}
}

// lostKey is the error for a new key that was made inactive or deleted at AWS
// before the rotation was finished.
type lostKey struct {
	id       string
	inactive bool
	hint     string
}

func (e *lostKey) Error() string {
	if e.inactive {
		return "the new access key " + shortKey(e.id) + " was made inactive at AWS"
	}
	return "the new access key " + shortKey(e.id) + " was deleted at AWS"
}

func (e *lostKey) hints(*program) []string { return []string{e.hint} }

// lost asks IAM whether the new key is still active. It returns nil if it is,
// or if IAM does not answer.
func (r *rotation) lost(id string) *lostKey {
	keys, err := r.keysAtAWS()
	if err != nil {
		r.trace("whether %s is still at AWS: %v", shortKey(id), err)
		return nil
	}
	at := slices.IndexFunc(keys, func(key iamuser.Key) bool { return key.ID == id })
	if at >= 0 && keys[at].Active {
		return nil
	}
	return &lostKey{id, at >= 0, r.lostHint(id, at >= 0)}
}

// lostHint says how the profile gets a key that works.
func (r *rotation) lostHint(id string, inactive bool) string {
	again := r.command("keys rotate")
	_, inFile := r.home.(fileHome)
	state, _ := r.home.state()
	switch {
	case inactive:
		return "to make it active: aws iam update-access-key --access-key-id " + id + " --status Active --profile " + word(r.profile) + "; then: " + again
	case state.current.AccessKeyID != id:
		return "to create another one: " + again
	case inFile:
		return "create an access key in the IAM console, then: aws configure --profile " + word(r.profile)
	}
	return "create an access key in the IAM console, then: " + r.command("keys add")
}

// retire makes the old key inactive, deletes it, and forgets it.
func (r *rotation) retire(state rotationState) error {
	if err := r.proveNext(state.current, r.promoted.IsZero()); err != nil { // mutation: rotate: the old key goes only when the new one works
		return err
	}
	if err := r.nameKey(state.old, state.current.AccessKeyID); err != nil { // mutation: rotate: all profiles of the key go on
		return err
	}
	for _, step := range []func(*iamuser.Client, context.Context, string) error{(*iamuser.Client).DeactivateKey, (*iamuser.Client).DeleteKey} {
		err := r.asUser(func(client *iamuser.Client) error { return step(client, r.c.Context, state.old) })
		if err != nil && !errors.Is(err, iamuser.ErrGone) {
			return err
		}
	}
	if left := carryGrace - time.Since(r.promoted); left > 0 {
		time.Sleep(left)
	}
	if err := r.home.forgetOld(); err != nil {
		return err
	}
	if err := r.store.DropCarried(state.old); err != nil {
		r.tell("warning: the old key's session is left in the keyring: %v", err)
	}
	r.tell("deleted the access key %s; the session continues with %s", shortKey(state.old), shortKey(state.current.AccessKeyID))
	return nil
}

// tellWhereItStands names both keys of a rotation that has stopped, and says
// which of them works.
func (r *rotation) tellWhereItStands(why error) {
	state, err := r.home.state()
	current := shortKey(state.current.AccessKeyID)
	var lost *lostKey
	switch {
	case err != nil:
		r.tell("warning: %v", err)
		return
	case errors.As(why, &lost) && lost.id == state.current.AccessKeyID:
		r.tell("the new access key %s is in force and does not work; the old one, %s, is not deleted", current, shortKey(state.old))
		return
	case state.old != "":
		r.tell("the new access key %s is in force and works; the old one, %s, is not deleted yet", current, shortKey(state.old))
	case state.next.AccessKeyID != "":
		r.tell("the access key %s is in force and works; the new one, %s, is stored and not in force yet", current, shortKey(state.next.AccessKeyID))
	case !state.since.IsZero():
		r.tell("the access key %s is in force and works; if AWS created a new one, the next run finds it", current)
	default:
		r.tell("the access key %s is in force and works; nothing has changed", current)
		return
	}
	r.tell("hint: to continue: %s", r.command("keys rotate"))
}

// replaceKey replaces the id and secret of one key in a text with those of another.
func replaceKey(text string, old, next aws.Credentials) string {
	return strings.NewReplacer(old.AccessKeyID, next.AccessKeyID, old.SecretAccessKey, next.SecretAccessKey).Replace(text)
}
