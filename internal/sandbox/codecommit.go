package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// gitPath matches the requests of git's smart protocol. The older "dumb"
// protocol names no action that policies could judge.
var gitPath = regexp.MustCompile(`^(/v1/repos/([A-Za-z0-9._-]{1,100}))/(?:info/refs|git-(?:upload|receive)-pack)$`)

// kmsKey stands for the aws/codecommit key.
const kmsKey = "key/1234abcd-12ab-34cd-56ef-1234567890ab"

// A permission is what a git service needs: an action of CodeCommit, and the
// KMS actions that CodeCommit then calls for the user.
// https://docs.aws.amazon.com/codecommit/latest/userguide/encryption.html
type permission struct {
	action string
	kms    []string
}

var permissions = map[string]permission{
	"git-upload-pack":  {"GitPull", []string{"kms:Decrypt"}},
	"git-receive-pack": {"GitPush", []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"}},
}

// serveGit is CodeCommit's git endpoint. Like the real one it gives no reason
// for a 403. The world's log has the reason.
func (w *World) serveGit(rw *recorder, r *http.Request, at place) {
	service := r.URL.Query().Get("service")
	if r.Method == http.MethodPost {
		service = filepath.Base(r.URL.Path)
	}
	need := permissions[service]
	rw.action = need.action
	if fault := w.faults.take(at.service, rw.action, false); fault != nil {
		w.strike(fault, rw, r, func(f *failure) { rw.WriteHeader(f.status) })
		return
	}
	if r.Header.Get("Authorization") == "" {
		rw.Header().Set("WWW-Authenticate", `Basic realm="codecommit"`)
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	path := gitPath.FindStringSubmatch(r.URL.Path)
	if path == nil || need.action == "" {
		rw.WriteHeader(http.StatusNotFound)
		return
	}
	who, reason := w.authenticateGit(r, at, path[1])
	if reason == "" {
		reason = w.judge(who, at, need, path[2])
	}
	if reason == "" && !isFolder(w.repository(who.account, at.region, path[2])) {
		reason = "there is no such repository"
	}
	if reason != "" {
		w.logger.Printf("403 for %s on %s: %s", need.action, path[2], reason)
		rw.WriteHeader(http.StatusForbidden)
		return
	}
	w.serveBackend(rw, r, at, who)
}

// judge evaluates the user's policies and returns the reason for a refusal, or
// "".
func (w *World) judge(who identity, at place, need permission, repository string) string {
	w.mu.Lock()
	key := w.keyPolicy
	w.mu.Unlock()
	now := w.Clock.Now()
	direct := policy.Request{
		Action:   "codecommit:" + need.action,
		Resource: fmt.Sprintf("arn:%s:codecommit:%s:%s:%s", at.partition, at.region, who.account, repository),
		Context:  who.context(now, at.region),
	}
	if got := who.policies.Evaluate(direct).Outcome; got != policy.Allowed {
		return fmt.Sprintf("policies: %v for %s", got, direct.Action)
	}
	for _, action := range need.kms {
		forwarded := policy.Request{
			Action:   action,
			Resource: fmt.Sprintf("arn:%s:kms:%s:%s:%s", at.partition, at.region, who.account, kmsKey),
			Context:  who.forwarded(now, at.region),
		}
		// For AWS's own key "an IAM user does not need explicit permissions for
		// these actions, but the user must not have any attached policies that
		// deny" them. The policy of any other key must allow them.
		with := who.policies
		with.Key = key
		if got := with.Evaluate(forwarded).Outcome; got == policy.ExplicitDeny || with.Key != nil && got != policy.Allowed {
			return fmt.Sprintf("policies: %v for %s by way of CodeCommit", got, action)
		}
	}
	return ""
}

// serveBackend hands the request to git http-backend, as
// cmd/go/internal/vcweb does.
func (w *World) serveBackend(rw *recorder, r *http.Request, at place, who identity) {
	r = r.Clone(r.Context())
	r.Header.Del("Authorization") // cgi would put it into the child's environment
	if r.ContentLength < 0 {
		// git sends more than http.postBuffer in chunks, which CGI does not support.
		body, err := w.spool(r.Body)
		if err != nil {
			w.logger.Print(err)
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		defer os.Remove(body.Name())
		defer body.Close()
		size, _ := body.Seek(0, io.SeekEnd)
		body.Seek(0, io.SeekStart)
		r.Body, r.ContentLength, r.TransferEncoding = body, size, nil
	}
	env := append(slices.Clip(w.gitEnv()),
		"GIT_PROJECT_ROOT="+filepath.Join(w.repositories(), who.account, at.region),
		"GIT_HTTP_EXPORT_ALL=1",
		// http-backend accepts pushes only from a named user.
		"REMOTE_USER="+who.name)
	if p := r.Header.Get("Git-Protocol"); p != "" {
		env = append(env, "GIT_PROTOCOL="+p) // git before 2.34 does not look at HTTP_GIT_PROTOCOL
	}
	(&cgi.Handler{Path: w.git, Args: []string{"http-backend"}, Root: "/v1/repos", Dir: w.dir,
		Env: env, Logger: w.logger, Stderr: w.log}).ServeHTTP(rw, r)
}

// spool writes a body to a temporary file.
func (w *World) spool(body io.Reader) (*os.File, error) {
	file, err := os.CreateTemp(w.temporary(), "push-")
	if err != nil {
		return nil, fmt.Errorf("storing a push: %w", err)
	}
	if _, err := io.Copy(file, body); err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, fmt.Errorf("storing a push: %w", err)
	}
	return file, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// firstCommit is the content of a new repository, in the format of git
// fast-import, which makes blob, tree, commit and branch in one process.
const firstCommit = `commit refs/heads/main
committer Sandbox <sandbox@example.com> 1704067200 +0000
data 6
hello
M 100644 inline README.md
data 6
hello

done
`

// AddRepository makes a bare repository with one commit on main, in the account
// Account. It returns the repository's URL. The region's FIPS and VPC endpoint
// hosts serve it too.
func (w *World) AddRepository(region, name string) (string, error) {
	return w.AddRepositoryIn(Account, region, name)
}

// AddRepositoryIn makes a repository in another account. AWS looks in the
// caller's account, so repositories of two accounts may have the same URL.
func (w *World) AddRepositoryIn(account, region, name string) (string, error) {
	_, suffix := partitionOf(region)
	host := "git-codecommit." + region + ".amazonaws." + suffix
	_, known := parseHost(host)
	if !known || !repositoryName.MatchString(name) || strings.Trim(name, ".") == "" || strings.HasSuffix(name, ".git") {
		return "", fmt.Errorf("adding repository %q in %q: CodeCommit has no such name", name, region)
	}
	dir := w.repository(account, region, name)
	if err := w.runGit("", "init", "--quiet", "--bare", "--initial-branch=main", dir); err != nil {
		return "", err
	}
	if err := w.runGit(firstCommit, "-C", dir, "fast-import", "--quiet", "--done"); err != nil {
		return "", err
	}
	// A gc after a push would run in the background, even after Close.
	if err := w.runGit("", "-C", dir, "config", "receive.autogc", "false"); err != nil {
		return "", err
	}
	return "https://" + host + "/v1/repos/" + name, nil
}

// runGit runs git on the world's own files.
func (w *World) runGit(input string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.git, args...)
	cmd.Env = w.gitEnv()
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running git %s: %w: %s", strings.Join(args, " "), err, &out)
	}
	return nil
}

func (w *World) temporary() string    { return filepath.Join(w.dir, "tmp") }
func (w *World) repositories() string { return filepath.Join(w.dir, "repositories") }

func (w *World) repository(account, region, name string) string {
	return filepath.Join(w.repositories(), account, region, name)
}

// gitEnv returns the environment of the world's own git processes. It is built
// from nothing, so that no setting of the user's has an effect.
func (w *World) gitEnv() []string {
	return append(systemEnv(w.temporary()),
		"HOME="+w.dir, // has no .gitconfig; git fails without HOME
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL="+os.DevNull,
		"LC_ALL=C") // messages in the log in one language
}

// SetKeyPolicy makes the repositories use a KMS key of their own with that
// policy, instead of AWS's key.
func (w *World) SetKeyPolicy(text string) error {
	d, err := policy.ParseAt(policy.Key, "key", 1, []byte(text))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.keyText, w.keyPolicy = text, []*policy.Document{d}
	}
	return err
}

// serveJSON answers the calls of CodeCommit's and KMS's JSON APIs that return a
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
	answer := map[string]any{"Policy": w.keyInUse(at, who), "PolicyName": "default"}
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

// keyInUse returns the policy of the key that the repositories use.
func (w *World) keyInUse(at place, who identity) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keyText != "" {
		return w.keyText
	}
	return fmt.Sprintf(awsKeyPolicy, at.region, who.account)
}

// awsKeyPolicy is the policy of the key aws/codecommit (CodeCommit user guide,
// "encryption").
const awsKeyPolicy = `{"Version": "2012-10-17", "Id": "auto-codecommit-1", "Statement": [{"Sid": "ThroughCodeCommit", "Effect": "Allow", "Principal": {"AWS": "*"},
"Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
"Condition": {"StringEquals": {"kms:ViaService": "codecommit.%s.amazonaws.com", "kms:CallerAccount": "%s"}}}]}`

func answerJSON(rw *recorder, status int, value any) {
	rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(value)
}
