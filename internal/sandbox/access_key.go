package sandbox

import (
	"encoding/xml"
	"fmt"
	"slices"
	"time"
)

// maxAccessKeys is IAM's quota for a user.
const maxAccessKeys = 2

// An AccessKey is a long-term access key of a user, as IAM shows it.
type AccessKey struct {
	ID      string // AKIA…
	Active  bool
	Created time.Time
}

// accessKey is an AccessKey with its secret.
type accessKey struct {
	AccessKey
	secret string
	// The services accept the key between these times, because a change in IAM
	// reaches them late. A zero until means no end.
	from, until time.Time
}

// longAgo is the time of a change that reaches the services at once. The zero
// time would mean no change.
var longAgo = time.Time{}.Add(1)

func newAccessKey(now, from time.Time) *accessKey {
	return &accessKey{AccessKey: AccessKey{ID: newKeyID("AKIA"), Active: true, Created: now}, secret: randomText(40), from: from}
}

// accepted reports whether the services accept the key at a time.
func (k *accessKey) accepted(now time.Time) bool {
	return !now.Before(k.from) && (k.until.IsZero() || now.Before(k.until))
}

// setActive changes the status. The services see the change from then on.
func (k *accessKey) setActive(active bool, from time.Time) {
	if active == k.Active {
		return
	}
	k.Active = active
	if active {
		k.from, k.until = from, time.Time{}
	} else {
		k.until = from
	}
}

// SetKeyDelay makes IAM's changes of access keys reach the services only after
// d, as AWS says they may: "It can take time for this change to propagate".
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
func (w *World) SetKeyDelay(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.keyDelay = d
}

// EndSessionsWithKey makes a session end when the access key that requested it
// is deactivated or deleted. AWS does not document whether it does.
func (w *World) EndSessionsWithKey() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.sessionsEndWithKey = true
}

// Keys returns the user's access keys as IAM shows them, oldest first.
func (u *User) Keys() []AccessKey {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	var keys []AccessKey
	for _, k := range u.keys {
		keys = append(keys, k.AccessKey)
	}
	return keys
}

// AddKey gives the user another access key, which works at once.
func (u *User) AddKey() (id, secret string) {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	now := u.world.Clock.Now()
	k := newAccessKey(now, now)
	u.keys = append(u.keys, k)
	return k.ID, k.secret
}

// SetKeyActive deactivates an access key or activates it again. The services see
// the change at once.
func (u *User) SetKeyActive(id string, active bool) {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	if k := u.key(id); k != nil {
		k.setActive(active, longAgo)
	}
}

// DeleteKey deletes an access key at once.
func (u *User) DeleteKey(id string) {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	u.keys = slices.DeleteFunc(u.keys, func(k *accessKey) bool { return k.ID == id })
}

// SetKeyAge sets the age that IAM shows for all of the user's access keys.
func (u *User) SetKeyAge(d time.Duration) {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	for _, k := range u.keys {
		k.Created = u.world.Clock.Now().Add(-d)
	}
}

// key returns one of the user's present access keys, or nil. The caller holds
// w.mu.
func (u *User) key(id string) *accessKey {
	for _, k := range u.keys {
		if k.ID == id {
			return k
		}
	}
	return nil
}

// keyAccepted returns a key and reports whether the services accept it. They
// accept a deleted key until they learn of the deletion. The caller holds w.mu.
func (u *User) keyAccepted(id string, now time.Time) (*accessKey, bool) {
	for _, k := range slices.Concat(u.keys, u.deletedKeys) {
		if k.ID == id {
			return k, k.accepted(now)
		}
	}
	return nil, false
}

type accessKeyMember struct {
	UserName    string
	AccessKeyID string `xml:"AccessKeyId"`
	Status      string
	CreateDate  string
}

func (u *User) member(k *accessKey) accessKeyMember {
	status := "Active"
	if !k.Active {
		status = "Inactive"
	}
	return accessKeyMember{u.Name, k.ID, status, k.Created.Format(time.RFC3339)}
}

func createAccessKey(c *call) (any, *failure) {
	u, refused := c.subject("iam:CreateAccessKey")
	if refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(u.keys) >= maxAccessKeys {
		return nil, &failure{409, "LimitExceeded", fmt.Sprintf("Cannot exceed quota for AccessKeysPerUser: %d", maxAccessKeys)}
	}
	now := w.Clock.Now()
	k := newAccessKey(now, now.Add(w.settings.keyDelay))
	u.keys = append(u.keys, k)
	return &struct {
		XMLName         xml.Name `xml:"CreateAccessKeyResult"`
		UserName        string   `xml:"AccessKey>UserName"`
		AccessKeyID     string   `xml:"AccessKey>AccessKeyId"`
		Status          string   `xml:"AccessKey>Status"`
		SecretAccessKey string   `xml:"AccessKey>SecretAccessKey"`
		CreateDate      string   `xml:"AccessKey>CreateDate"`
	}{UserName: u.Name, AccessKeyID: k.ID, Status: "Active", SecretAccessKey: k.secret, CreateDate: k.Created.Format(time.RFC3339)}, nil
}

// named returns the access key that the call names. The caller holds w.mu.
func (c *call) named(u *User) (*accessKey, *failure) {
	id := c.form.Get("AccessKeyId")
	if k := u.key(id); k != nil {
		return k, nil
	}
	return nil, &failure{404, "NoSuchEntity", fmt.Sprintf("The Access Key with id %s cannot be found.", id)}
}

func updateAccessKey(c *call) (any, *failure) {
	u, refused := c.subject("iam:UpdateAccessKey")
	if refused != nil {
		return nil, refused
	}
	status := c.form.Get("Status")
	var v violations
	v.add(status != "Active" && status != "Inactive", status, "status", "satisfy enum value set: [Active, Inactive, Expired]")
	if refused := v.failure(); refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	k, refused := c.named(u)
	if refused != nil {
		return nil, refused
	}
	k.setActive(status == "Active", w.Clock.Now().Add(w.settings.keyDelay))
	return nil, nil
}

func deleteAccessKey(c *call) (any, *failure) {
	u, refused := c.subject("iam:DeleteAccessKey")
	if refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	k, refused := c.named(u)
	if refused != nil {
		return nil, refused
	}
	k.setActive(false, w.Clock.Now().Add(w.settings.keyDelay))
	u.keys = slices.DeleteFunc(u.keys, func(other *accessKey) bool { return other == k })
	u.deletedKeys = append(u.deletedKeys, k)
	return nil, nil
}

func listAccessKeys(c *call) (any, *failure) {
	u, refused := c.subject("iam:ListAccessKeys")
	if refused != nil {
		return nil, refused
	}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	result := &struct {
		XMLName     xml.Name `xml:"ListAccessKeysResult"`
		IsTruncated bool
		Keys        []accessKeyMember `xml:"AccessKeyMetadata>member"`
	}{}
	for _, k := range u.keys {
		result.Keys = append(result.Keys, u.member(k))
	}
	return result, nil
}
