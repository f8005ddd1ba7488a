// Package sandbox is a pretend AWS on the loopback: STS, IAM and CodeCommit
// with a real git http-backend, behind an HTTP CONNECT proxy, so that the real
// host names on port 443 lead to it. A program under test needs no hook for
// it, only the environment of World.Env. It is never part of the product.
package sandbox

import (
	_ "embed"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Account is the number of the account of all users; roles may be of others.
const Account = "123456789012"

// ForceMFA is the policy of the IAM user guide that lets users manage their
// own credentials and denies them the rest until MFA is present; the policy of
// https://stackoverflow.com/questions/67762847.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
//
//go:embed force-mfa.json
var ForceMFA []byte

const administratorAccess = `{"Version": "2012-10-17",
	"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`

// A World is the pretend AWS. All methods are safe to call while it serves.
type World struct {
	Clock Clock

	dir       string
	git       string // the program
	log       *os.File
	logger    *log.Logger
	authority *authority
	policies  []*policy.Document // of a new user
	proxy     *http.Server
	aws       *http.Server
	listener  *tunnels
	journal   journal
	faults    faults
	done      chan struct{}
	running   sync.WaitGroup

	mu         sync.Mutex // guards what follows, and the users' and devices' own state
	closed     bool
	users      []*User
	unassigned []*Device // virtual, of no user yet
	scps       []*policy.Document
	key        string              // the policy of the repositories' own KMS key, or ""
	roles      map[string]*Role    // by ARN
	portal     map[string]*Role    // by access token of IAM Identity Center
	sessions   map[string]*session // by access key id
	settings   settings
}

// settings are the knobs of STS and IAM.
type settings struct {
	keyDelay           time.Duration
	sessionsEndWithKey bool

	lifetime     time.Duration // of users' sessions; 0: as asked for
	roleLifetime time.Duration
	tokenSize    int
	disabled     map[string]bool // regions
}

// Start makes a world that keeps its CA, repositories and log below dir.
func Start(dir string) (*World, error) {
	w := &World{
		dir:      dir,
		done:     make(chan struct{}),
		roles:    map[string]*Role{},
		portal:   map[string]*Role{},
		sessions: map[string]*session{},
		settings: settings{tokenSize: 400, disabled: map[string]bool{}},
		faults:   faults{delays: map[string]time.Duration{}},
	}
	if err := w.prepare(); err != nil {
		return nil, err
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.log.Close()
		return nil, fmt.Errorf("starting the sandbox proxy: %w", err)
	}
	w.listener = &tunnels{waiting: make(chan *tunnel), done: w.done, address: port.Addr()}
	w.proxy = &http.Server{Handler: http.HandlerFunc(w.serveProxy),
		ReadHeaderTimeout: 10 * time.Second, ErrorLog: w.logger}
	w.aws = &http.Server{Handler: w, ConnContext: withPlace,
		ReadHeaderTimeout: 10 * time.Second, ErrorLog: w.logger}
	w.running.Go(func() { w.proxy.Serve(port) })
	w.running.Go(func() { w.aws.Serve(w.listener) })
	return w, nil
}

// prepare finds git and makes the files of the world.
func (w *World) prepare() (err error) {
	// Children run elsewhere, so a relative folder would mislead them.
	if w.dir, err = filepath.Abs(w.dir); err != nil {
		return fmt.Errorf("finding the sandbox folder: %w", err)
	}
	if w.git, err = exec.LookPath("git"); err != nil {
		return fmt.Errorf("looking for git: %w", err)
	}
	for _, d := range []string{w.dir, w.temporary(), w.repositories()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("making the sandbox folder: %w", err)
		}
	}
	forced, err := policy.Parse("force-mfa.json", ForceMFA)
	if err != nil {
		return fmt.Errorf("parsing ForceMFA: %w", err)
	}
	administrator, err := policy.Parse("AdministratorAccess", []byte(administratorAccess))
	if err != nil {
		return fmt.Errorf("parsing AdministratorAccess: %w", err)
	}
	w.policies = []*policy.Document{forced, administrator}
	if w.authority, err = newAuthority(w.CAFile()); err != nil {
		return err
	}
	if w.log, err = os.Create(filepath.Join(w.dir, "sandbox.log")); err != nil {
		return fmt.Errorf("making the sandbox log: %w", err)
	}
	w.logger = log.New(w.log, "", log.LstdFlags)
	return nil
}

// Close ends the world: connections are cut, hanging requests let go, and
// git processes ended, before it returns. Files stay.
func (w *World) Close() {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return
	}
	w.closed = true
	w.mu.Unlock()
	close(w.done)
	w.proxy.Close()
	w.aws.Close()
	w.running.Wait()
	w.log.Close()
}

// enter counts a request in, unless the world is ending.
func (w *World) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.running.Add(1)
	}
	return !w.closed
}

// ServeHTTP is AWS: every request that came through the proxy.
func (w *World) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if !w.enter() {
		panic(http.ErrAbortHandler)
	}
	defer w.running.Done()
	at := r.Context().Value(placeKey{}).(place)
	answer := &recorder{ResponseWriter: rw}
	defer func() {
		w.journal.add(Request{Time: w.Clock.Now(), Host: r.Host, Service: at.service,
			Action: answer.action, Status: answer.status})
	}()
	rw.Header().Set("Date", w.Clock.Now().Format(http.TimeFormat))
	rw.Header().Set("x-amzn-RequestId", newRequestID())
	if named, known := parseHost(hostWithoutPort(r.Host)); !known || named != at {
		// A request for one host in the tunnel to another is a client's fault.
		answer.WriteHeader(http.StatusMisdirectedRequest)
		return
	}
	w.pause(at.service, r)
	switch at.service {
	case STS:
		w.serveQuery(answer, r, at, stsAPI)
	case IAM:
		w.serveQuery(answer, r, at, iamAPI)
	case SSO:
		w.servePortal(answer, r)
	case Git:
		w.serveGit(answer, r, at)
	default:
		w.serveJSON(answer, r, at)
	}
}
