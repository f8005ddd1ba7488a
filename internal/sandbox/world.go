// Package sandbox is a pretend AWS on the loopback: STS, IAM and CodeCommit
// with a real git http-backend. An HTTP CONNECT proxy leads the real host names
// on port 443 to it. A program under test needs no hook, only the environment
// of World.Env. The package is never part of the product.
package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Account is the number of the users' account. Roles may be in others.
const Account = "123456789012"

// ForceMFA is the policy of the IAM user guide that lets users manage their own
// credentials and denies everything else without MFA. It is the policy in
// https://stackoverflow.com/questions/67762847.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
//
//go:embed force-mfa.json
var ForceMFA []byte

const administratorAccess = `{"Version": "2012-10-17",
	"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`

// A World is the pretend AWS. Its methods are safe for concurrent use.
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

	mu         sync.Mutex // guards the fields below, and the state of users, roles and devices
	closed     bool
	users      []*User
	unassigned []*Device // virtual devices without a user
	scps       []*policy.Document
	keyText    string              // the policy of the repositories' own KMS key; "" for AWS's key
	keyPolicy  []*policy.Document  // the same, parsed
	roles      map[string]*Role    // by ARN
	portal     map[string]*Role    // by access token of IAM Identity Center
	sessions   map[string]*session // by access key id
	settings   settings
}

// settings are what tests change about STS and IAM.
type settings struct {
	keyDelay           time.Duration
	sessionsEndWithKey bool

	lifetime     time.Duration // of users' sessions; 0 for the requested time
	roleLifetime time.Duration
	tokenSize    int
	disabled     map[string]bool // regions
}

// Start starts a world with its CA certificate, repositories and log in dir.
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
	// Child processes have other working directories.
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

// Close ends the world: it closes connections, and waits until requests and git
// processes have ended. Files stay.
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

// enter counts a request as running, and returns false if the world is closed.
func (w *World) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.running.Add(1)
	}
	return !w.closed
}

// ServeHTTP answers every request that came through the proxy.
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
		// The client sent a request for one host through the tunnel to another.
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

// Secrets returns all secret keys, session tokens and seeds of MFA devices. Tests
// check that they are nowhere but with the user, AWS and a keyring.
func (w *World) Secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var secrets []string
	for _, d := range w.unassigned {
		secrets = append(secrets, d.seed())
	}
	for _, u := range w.users {
		for _, k := range slices.Concat(u.keys, u.deletedKeys) {
			secrets = append(secrets, k.secret)
		}
		for _, d := range u.devices {
			if d.secret != nil {
				secrets = append(secrets, d.seed())
			}
		}
	}
	for _, s := range w.sessions {
		secrets = append(secrets, s.secret, s.token)
	}
	for token := range w.portal {
		secrets = append(secrets, token)
	}
	return secrets
}

// Env returns the environment for a child process in the world, of a user with
// that home folder. It is built from nothing, so the caller's AWS_, GIT_ and
// proxy variables are not in it. It has no keys: User.WriteAWSFiles writes those
// to home/.aws.
//
// The caller decides about GIT_TERMINAL_PROMPT, because 0 would also forbid the
// program under test to ask at the terminal.
func (w *World) Env(home string) []string {
	proxy := w.ProxyURL()
	env := append(append(systemEnv(w.temporary()), HomeEnv(home)...),
		"LANG=C",                         // tests compare git's messages
		"HTTPS_PROXY="+proxy,             // leads AWS's host names to the world
		"AWS_CA_BUNDLE="+w.CAFile(),      // AWS SDKs trust the world's certificates
		"GIT_SSL_CAINFO="+w.CAFile(),     // git does, too
		"GIT_CONFIG_NOSYSTEM=1",          // /etc/gitconfig and Xcode's bring helpers of their own
		"AWS_EC2_METADATA_DISABLED=true", // SDKs look for an instance role at 169.254.169.254, past the proxy
	)
	if runtime.GOOS != "windows" {
		return append(env, "https_proxy="+proxy) // curl reads this name first; on Windows both are one variable
	}
	return append(env,
		// schannel, the default of Git for Windows, does not read GIT_SSL_CAINFO.
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.sslBackend", "GIT_CONFIG_VALUE_0=openssl")
}

// HomeEnv returns the variables that name the home folder, which has
// ~/.gitconfig and ~/.aws.
func HomeEnv(home string) []string {
	if runtime.GOOS != "windows" {
		return []string{"HOME=" + home}
	}
	return []string{"HOME=" + home,
		"USERPROFILE=" + home, // for os.UserHomeDir
		"APPDATA=" + filepath.Join(home, "AppData", "Roaming"),
		"LOCALAPPDATA=" + filepath.Join(home, "AppData", "Local")}
}

// systemEnv returns the variables that every program needs to start.
func systemEnv(temporary string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), // git, sh, and the program under test
		"TMPDIR=" + temporary,       // files left behind are deleted with the world
	}
	if runtime.GOOS != "windows" {
		return env
	}
	env = append(env, "TEMP="+temporary, "TMP="+temporary)
	// Sockets need SystemRoot. The others are needed to find and run programs.
	for _, name := range []string{"SystemRoot", "SystemDrive", "WINDIR", "ComSpec", "PATHEXT"} {
		env = append(env, name+"="+os.Getenv(name))
	}
	return env
}

// ProxyURL returns the URL of the world's proxy.
func (w *World) ProxyURL() string { return "http://" + w.listener.address.String() }

// CAFile returns the file with the CA certificate that clients must trust.
func (w *World) CAFile() string { return filepath.Join(w.dir, "ca.pem") }

// HTTPClient returns a client for the world, for code in the test's own process.
// net/http reads the proxy variables only once in a process.
func (w *World) HTTPClient() *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(w.authority.certificate)
	proxy := &url.URL{Scheme: "http", Host: w.listener.address.String()}
	return &http.Client{Transport: &http.Transport{
		Proxy:           http.ProxyURL(proxy),
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
}

// Clock is the world's time: the machine's time plus an offset. Codes, signature
// ages, session expiry and Date headers depend on it. The program under test has
// the machine's time, so with an offset its clock is wrong.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
}

// Now returns the world's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset).UTC()
}

// SetOffset sets the world's clock d ahead of the machine's.
func (c *Clock) SetOffset(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = d
}

// Advance moves the world's clock forward by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
