// Package sandbox is a pretend AWS on the loopback: STS, IAM and CodeCommit
// with a real git http-backend, behind an HTTP CONNECT proxy, so that the real
// host names on port 443 lead to it. A program under test needs no hook for
// it, only the environment of World.Env. It is never part of the product.
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

// Account is the number of the account of all users; roles may be of others.
const Account = "123456789012"

// ForceMFA is the policy of the IAM user guide that lets users manage their own
// credentials and denies them the rest until MFA is present; the policy of
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

// Secrets are all that nobody but the user, AWS and a keyring may hold: the
// secret keys, of sessions the tokens too, and the seeds of MFA devices. Tests
// look for them elsewhere.
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

// Env is the environment for a child process that is to live in the world, of
// a user whose home folder is home. It is built from nothing: whatever AWS_,
// GIT_ or proxy variables the caller has stay out. Keys are not in it, they are
// in home/.aws (User.WriteAWSFiles).
//
// GIT_TERMINAL_PROMPT is left to the caller: 0 would also forbid the product to
// ask at the terminal.
func (w *World) Env(home string) []string {
	proxy := w.ProxyURL()
	env := append(append(systemEnv(w.temporary()), HomeEnv(home)...),
		"LANG=C",                         // git's messages, which tests compare
		"HTTPS_PROXY="+proxy,             // leads AWS's host names here
		"AWS_CA_BUNDLE="+w.CAFile(),      // AWS SDKs trust the world's certificates
		"GIT_SSL_CAINFO="+w.CAFile(),     // and so does git
		"GIT_CONFIG_NOSYSTEM=1",          // /etc/gitconfig and Xcode's bring helpers of their own
		"AWS_EC2_METADATA_DISABLED=true", // SDKs look for an instance role at 169.254.169.254, past the proxy
	)
	if runtime.GOOS != "windows" {
		return append(env, "https_proxy="+proxy) // what curl's manual names first; Windows has one name for both
	}
	return append(env,
		// schannel, the default of Git for Windows, does not read GIT_SSL_CAINFO.
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.sslBackend", "GIT_CONFIG_VALUE_0=openssl")
}

// HomeEnv are the variables that name the home folder, of ~/.gitconfig and
// ~/.aws.
func HomeEnv(home string) []string {
	if runtime.GOOS != "windows" {
		return []string{"HOME=" + home}
	}
	return []string{"HOME=" + home,
		"USERPROFILE=" + home, // what os.UserHomeDir reads there
		"APPDATA=" + filepath.Join(home, "AppData", "Roaming"),
		"LOCALAPPDATA=" + filepath.Join(home, "AppData", "Local")}
}

// systemEnv is what any program needs in order to start.
func systemEnv(temporary string) []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), // git, sh, and the program under test
		"TMPDIR=" + temporary,       // files left behind go with the world
	}
	if runtime.GOOS != "windows" {
		return env
	}
	env = append(env, "TEMP="+temporary, "TMP="+temporary)
	// SystemRoot: no sockets without it. The others: how programs are found and run.
	for _, name := range []string{"SystemRoot", "SystemDrive", "WINDIR", "ComSpec", "PATHEXT"} {
		env = append(env, name+"="+os.Getenv(name))
	}
	return env
}

// ProxyURL is where the world's proxy listens.
func (w *World) ProxyURL() string { return "http://" + w.listener.address.String() }

// CAFile is the certificate that clients are to trust.
func (w *World) CAFile() string { return filepath.Join(w.dir, "ca.pem") }

// HTTPClient is a client in the world, for code that runs in the test's own
// process: net/http reads proxy variables only once in a process.
func (w *World) HTTPClient() *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(w.authority.certificate)
	proxy := &url.URL{Scheme: "http", Host: w.listener.address.String()}
	return &http.Client{Transport: &http.Transport{
		Proxy:           http.ProxyURL(proxy),
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
}

// Clock is the world's time: the machine's, moved by an offset. It drives
// codes, signature ages, session expiry and Date headers; the program under
// test keeps the machine's own time, so an offset is to it a wrong clock.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
}

// Now is the time in the world, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset).UTC()
}

// SetOffset puts the world's clock d ahead of the machine's.
func (c *Clock) SetOffset(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = d
}

// Advance moves the world's clock on by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
