package iamuser

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// Key is one of the user's access keys, as IAM lists it.
type Key struct {
	ID      string
	Active  bool
	Created time.Time
}

// Keys returns the user's access keys, at most two.
func (c *Client) Keys(ctx context.Context) ([]Key, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.iam.ListAccessKeys(ctx, nil)
	if err != nil {
		return nil, explain("iam:ListAccessKeys", err)
	}
	var keys []Key
	for _, k := range out.AccessKeyMetadata {
		keys = append(keys, Key{ID: aws.ToString(k.AccessKeyId), Active: k.Status == types.StatusTypeActive, Created: aws.ToTime(k.CreateDate)})
	}
	return keys, nil
}

// maxCreateCalls is how often CreateKey calls while IAM throttles.
const maxCreateCalls = 4

// CreateKey creates another access key, which AWS's services accept only after
// some seconds. It repeats only a call that IAM throttled, and so did not execute.
func (c *Client) CreateKey(ctx context.Context) (keys aws.Credentials, created time.Time, err error) {
	for call := 1; ; call++ {
		keys, created, err = c.createKey(ctx)
		if !errors.Is(err, session.ErrThrottled) || call == maxCreateCalls {
			return keys, created, err
		}
		select {
		case <-time.After(time.Duration(call) * time.Second / 2):
		case <-ctx.Done():
			return aws.Credentials{}, time.Time{}, err
		}
	}
}

func (c *Client) createKey(ctx context.Context) (aws.Credentials, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.iam.CreateAccessKey(ctx, nil, noRetries) // mutation: rotate: a key is asked for once
	if err != nil {
		return aws.Credentials{}, time.Time{}, explain("iam:CreateAccessKey", err)
	}
	k := out.AccessKey
	if k == nil || aws.ToString(k.AccessKeyId) == "" || aws.ToString(k.SecretAccessKey) == "" {
		return aws.Credentials{}, time.Time{}, errors.New("iam:CreateAccessKey: the answer holds no access key")
	}
	return aws.Credentials{AccessKeyID: *k.AccessKeyId, SecretAccessKey: *k.SecretAccessKey}, aws.ToTime(k.CreateDate), nil
}

// DeactivateKey makes an access key of the user's inactive. The error is ErrGone
// if it does not exist.
func (c *Client) DeactivateKey(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{AccessKeyId: &id, Status: types.StatusTypeInactive})
	if err != nil {
		return explain("iam:UpdateAccessKey", err)
	}
	return confirm("iam:UpdateAccessKey", out.ResultMetadata)
}

// DeleteKey deletes an access key of the user's. The error is ErrGone if it does
// not exist.
func (c *Client) DeleteKey(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.iam.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: &id})
	if err != nil {
		return explain("iam:DeleteAccessKey", err)
	}
	return confirm("iam:DeleteAccessKey", out.ResultMetadata)
}
