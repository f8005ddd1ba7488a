package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// SetKeyPolicy gives the repositories a KMS key of their own, with that policy,
// in the place of AWS's.
func (w *World) SetKeyPolicy(text string) error {
	_, err := policy.ParseAt(policy.Key, "key", 1, []byte(text))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.key = text
	}
	return err
}

// keyPolicy is the policy of the repositories' own key, or nothing.
func (w *World) keyPolicy() []*policy.Document {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.key == "" {
		return nil
	}
	d, err := policy.ParseAt(policy.Key, "key", 1, []byte(w.key))
	if err != nil {
		return nil // SetKeyPolicy has read it
	}
	return []*policy.Document{d}
}

// serveJSON plays the calls of CodeCommit's and KMS's JSON APIs that tell a
// repository's key and the key's policy.
func (w *World) serveJSON(rw *recorder, r *http.Request, at place) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 1<<20))
	who, refused := w.authenticate(r, body, at)
	if err != nil || refused != nil {
		answerJSON(rw, http.StatusBadRequest, map[string]string{"__type": "UnrecognizedClientException"})
		return
	}
	var asked struct{ RepositoryName string }
	_ = json.Unmarshal(body, &asked) // what is missing is not found
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	arn := fmt.Sprintf("arn:%s:kms:%s:%s:%s", at.partition, at.region, who.account, kmsKey)
	request := policy.Request{Action: at.service + ":" + action, Resource: arn, Context: who.context(w.Clock.Now(), at.region)}
	answer := map[string]any{"Policy": w.keyText(at, who), "PolicyName": "default"}
	switch request.Action {
	case "codecommit:GetRepository":
		request.Resource = fmt.Sprintf("arn:%s:codecommit:%s:%s:%s", at.partition, at.region, who.account, asked.RepositoryName)
		answer = map[string]any{"repositoryMetadata": map[string]string{"repositoryName": asked.RepositoryName, "kmsKeyId": arn}}
	case "kms:GetKeyPolicy":
	default:
		answerJSON(rw, http.StatusBadRequest, map[string]string{"__type": "UnknownOperationException"})
		return
	}
	rw.action = action
	if who.policies.Evaluate(request).Outcome != policy.Allowed {
		answerJSON(rw, http.StatusBadRequest, map[string]string{"__type": "AccessDeniedException"})
		return
	}
	answerJSON(rw, http.StatusOK, answer)
}

// keyText is the policy of the key that is in use.
func (w *World) keyText(at place, who identity) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.key != "" {
		return w.key
	}
	return fmt.Sprintf(awsKeyPolicy, at.region, who.account)
}

// awsKeyPolicy is that of the key aws/codecommit (CodeCommit user guide,
// "encryption").
const awsKeyPolicy = `{"Version": "2012-10-17", "Id": "auto-codecommit-1", "Statement": [{"Sid": "ThroughCodeCommit", "Effect": "Allow", "Principal": {"AWS": "*"},
"Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
"Condition": {"StringEquals": {"kms:ViaService": "codecommit.%s.amazonaws.com", "kms:CallerAccount": "%s"}}}]}`

func answerJSON(rw *recorder, status int, value any) {
	rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(value)
}
