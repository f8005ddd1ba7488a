package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// The requests of git's smart protocol; the older "dumb" one would hand out
// files without a permission to judge.
var gitPath = regexp.MustCompile(`^(/v1/repos/([A-Za-z0-9._-]{1,100}))/(?:info/refs|git-(?:upload|receive)-pack)$`)

// kmsKey stands for the aws/codecommit key.
const kmsKey = "key/1234abcd-12ab-34cd-56ef-1234567890ab"

// A permission is what a git service needs: CodeCommit's own, and what
// CodeCommit then asks of KMS in the user's name.
// https://docs.aws.amazon.com/codecommit/latest/userguide/encryption.html
type permission struct {
	action string
	kms    []string
}

var permissions = map[string]permission{
	"git-upload-pack":  {"GitPull", []string{"kms:Decrypt"}},
	"git-receive-pack": {"GitPush", []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"}},
}

// serveGit is CodeCommit's git endpoint. As the real one it gives no reason
// for a 403; the world's log has it.
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

// judge evaluates the user's policies, and gives the reason for a refusal.
func (w *World) judge(who identity, at place, need permission, repository string) string {
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
		// "An IAM user does not need explicit permissions for these actions, but
		// the user must not have any attached policies that deny" them: so says
		// AWS's own key. Another one says itself whom it lets in.
		with := who.policies
		with.Key = w.keyPolicy()
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
		// git sends more than http.postBuffer in chunks, which CGI has no words for.
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
		// The name in the reflog; http-backend serves pushes only to a named user.
		"REMOTE_USER="+who.name)
	if p := r.Header.Get("Git-Protocol"); p != "" {
		env = append(env, "GIT_PROTOCOL="+p) // git before 2.34 does not look at HTTP_GIT_PROTOCOL
	}
	(&cgi.Handler{Path: w.git, Args: []string{"http-backend"}, Root: "/v1/repos", Dir: w.dir,
		Env: env, Logger: w.logger, Stderr: w.log}).ServeHTTP(rw, r)
}

// spool keeps a body in a file.
func (w *World) spool(body io.Reader) (*os.File, error) {
	file, err := os.CreateTemp(w.temporary(), "push-")
	if err != nil {
		return nil, fmt.Errorf("keeping a push: %w", err)
	}
	if _, err := io.Copy(file, body); err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, fmt.Errorf("keeping a push: %w", err)
	}
	return file, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
