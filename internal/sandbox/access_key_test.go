package sandbox

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Under ForceMFA, a user can list and change access keys only with MFA.
func TestForceMFAKeys(t *testing.T) {
	w, u, d := start(t)
	session := iam.NewFromConfig(sessionConfig(w, getSession(t, u, d)))
	for _, client := range []*iam.Client{iam.NewFromConfig(u.config()), iam.NewFromConfig(sessionConfig(w, getSession(t, u, nil)))} {
		_, create := client.CreateAccessKey(t.Context(), nil)
		_, list := client.ListAccessKeys(t.Context(), nil)
		_, update := client.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{AccessKeyId: &u.AccessKeyID, Status: types.StatusTypeInactive})
		_, remove := client.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: &u.AccessKeyID})
		for _, err := range []error{create, list, update, remove} {
			if err == nil || !strings.Contains(err.Error(), "StatusCode: 403") {
				t.Errorf("allowed without MFA: %v", err)
			}
		}
	}
	made, err := session.CreateAccessKey(t.Context(), nil)
	if err != nil || !strings.HasPrefix(*made.AccessKey.AccessKeyId, "AKIA") || len(*made.AccessKey.SecretAccessKey) != 40 || made.AccessKey.CreateDate.IsZero() {
		t.Fatalf("%+v %v", made, err)
	}
	_, err = session.CreateAccessKey(t.Context(), nil)
	wantError(t, err, 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	if _, err := session.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{AccessKeyId: &u.AccessKeyID, Status: types.StatusTypeInactive}); err != nil {
		t.Fatal(err)
	}
	list, err := session.ListAccessKeys(t.Context(), nil)
	if err != nil || len(list.AccessKeyMetadata) != 2 || list.AccessKeyMetadata[0].Status != types.StatusTypeInactive ||
		*list.AccessKeyMetadata[1].AccessKeyId != *made.AccessKey.AccessKeyId || list.AccessKeyMetadata[1].Status != types.StatusTypeActive {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := session.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: &u.AccessKeyID}); err != nil || len(u.Keys()) != 1 {
		t.Errorf("%v %v", u.Keys(), err)
	}
	_, err = session.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: &u.AccessKeyID})
	wantError(t, err, 404, "NoSuchEntity", "The Access Key with id "+u.AccessKeyID+" cannot be found.")
}

// A change of a key reaches the services later.
func TestKeyDelay(t *testing.T) {
	w, u, d := start(t)
	w.SetKeyDelay(30 * time.Second)
	session := iam.NewFromConfig(sessionConfig(w, getSession(t, u, d)))
	made, err := session.CreateAccessKey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	works := func(id, secret string) error {
		_, err := sts.NewFromConfig(configOf(w, id, secret, "")).GetCallerIdentity(t.Context(), nil)
		return err
	}
	fresh := func() error { return works(*made.AccessKey.AccessKeyId, *made.AccessKey.SecretAccessKey) }
	wantError(t, fresh(), 403, "InvalidClientTokenId", badKey)
	w.Clock.Advance(31 * time.Second)
	if err := fresh(); err != nil {
		t.Error(err)
	}
	if _, err := session.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{AccessKeyId: &u.AccessKeyID}); err != nil {
		t.Fatal(err)
	}
	if err := works(u.AccessKeyID, u.SecretAccessKey); err != nil {
		t.Errorf("the news that a key is deleted is everywhere at once: %v", err)
	}
	w.Clock.Advance(31 * time.Second)
	wantError(t, works(u.AccessKeyID, u.SecretAccessKey), 403, "InvalidClientTokenId", badKey)
}

func TestSessionsEndWithKey(t *testing.T) {
	w, u, d := start(t)
	config := sessionConfig(w, getSession(t, u, d))
	works := func() error {
		_, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil)
		return err
	}
	u.SetKeyActive(u.AccessKeyID, false)
	if err := works(); err != nil {
		t.Error(err)
	}
	w.EndSessionsWithKey()
	wantError(t, works(), 403, "InvalidClientTokenId", badKey)
	u.SetKeyActive(u.AccessKeyID, true)
	if err := works(); err != nil {
		t.Error(err)
	}
}
