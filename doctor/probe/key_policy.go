package probe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// askKeyPolicy adds the policy of the repository's KMS key, if both calls are
// allowed. Otherwise the key is assumed to be AWS's own.
//
// The calls are made directly, with the SDK's signer and HTTP client, because the
// packages of the two services would make the program larger.
func (p *Probe) askKeyPolicy(ctx context.Context, client clients, c *collection) {
	t := p.evidence.Target
	if !t.Known {
		return
	}
	call := jsonCall{client: client.config.HTTPClient, keys: p.readingKeys(), region: t.Host.Region, offset: p.evidence.Clock.Offset}
	var repository struct {
		RepositoryMetadata struct{ KmsKeyID string }
	}
	if call.do(ctx, "codecommit", "CodeCommit_20150413.GetRepository", map[string]string{"repositoryName": t.Name}, &repository) != nil {
		return
	}
	key := repository.RepositoryMetadata.KmsKeyID
	var found struct{ Policy string }
	if call.do(ctx, "kms", "TrentService.GetKeyPolicy", map[string]string{"KeyId": key, "PolicyName": "default"}, &found) != nil {
		return
	}
	if err := c.Add(policy.Key, key, "key policy", []byte(found.Policy)); err != nil {
		c.Notes = append(c.Notes, "the key's policy can't be read, so the key is assumed to be AWS's own: "+err.Error())
	}
}

// jsonCall makes calls of AWS's JSON 1.1 protocol (smithy.io, "AWS JSON 1.1").
type jsonCall struct {
	client aws.HTTPClient
	keys   aws.Credentials
	region string
	offset time.Duration // of AWS's clock
}

func (c jsonCall) do(ctx context.Context, service, target string, input, output any) error {
	body, err := json.Marshal(input)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	host := fmt.Sprintf("https://%s.%s.%s/", service, c.region, codecommit.DNSSuffix(c.region))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, host, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", target)
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, c.keys, r, hex.EncodeToString(sum[:]), service, c.region, time.Now().Add(c.offset)); err != nil {
		return err
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", target, answer.Status)
	}
	return json.Unmarshal(text, output)
}
