package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// fetchLab is a pretend AWS with a user under ForceMFA who has a session, and the
// ways in which git can reach her repository.
type fetchLab struct {
	*lab
	world   *sandbox.World
	home    string
	bare    string // the server's repository
	session codecommit.Keys
	ways    []way
}

// way is one way to the server.
type way struct {
	name string
	url  string
	// config are settings for git, in pairs of name and value.
	config []string
	// to is the address that connections are delayed to.
	to string
	// env returns the environment that leads git through an address.
	env func(through string) []string
}

// task is a git command that a person waits for. prepare is called before each
// run. The command runs in a new clone.
type task struct {
	name    string
	prepare func(l *fetchLab, w way, clone string) error
	args    []string
}

var tasks = []task{
	{"fetch, up to date", func(*fetchLab, way, string) error { return nil }, []string{"fetch", "--quiet"}},
	{"fetch, a new commit", func(l *fetchLab, _ way, _ string) error { return l.commitOnServer() }, []string{"fetch", "--quiet"}},
	{"push, a new commit", func(l *fetchLab, _ way, clone string) error { return l.commit(clone) }, []string{"push", "--quiet", "--force", "origin", "HEAD:refs/heads/pushed"}},
	{"clone", func(*fetchLab, way, string) error { return nil }, []string{"clone", "--quiet", "URL", "another"}},
}

// fetches measures whole git commands over a network with a delay, and compares
// them with git that sends the password with its first request, the limit.
func (l *lab) fetches(runs int) error {
	f := &fetchLab{lab: l, home: filepath.Join(l.dir, "user")}
	world, err := sandbox.Start(filepath.Join(l.dir, "world"))
	if err != nil {
		return err
	}
	defer world.Close()
	f.world = world
	if err := f.login(); err != nil {
		return err
	}
	missing, stop := f.open()
	defer stop()
	fmt.Printf("%s; medians of %d runs in turn. times: the ratio to the limit, git that sends the password with its first request. requests: refused + answered\n", version("git", "--version"), runs)
	for _, trip := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond} {
		if err := f.table(trip, runs); err != nil {
			return err
		}
	}
	for _, what := range missing {
		fmt.Println("\nnot measured:", what)
	}
	return nil
}

// login makes the user and starts her session.
func (l *fetchLab) login() error {
	user := l.world.AddUser("alice")
	device := user.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/alice")
	settings := map[string]string{"region": "us-east-1", "mfa_serial": device.Serial}
	if err := user.WriteAWSFiles(l.home, "default", settings); err != nil {
		return err
	}
	code, _ := device.NextUnspent()
	if _, err := l.run(l.dir, l.environment(l.world.ProxyURL()), code+"\n", l.helper, "login", "--code", "-"); err != nil {
		return err
	}
	out, err := l.run(l.dir, l.environment(l.world.ProxyURL()), "", l.helper, "credential-process")
	if err != nil {
		return err
	}
	var keys struct{ AccessKeyId, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal(out, &keys); err != nil {
		return errors.New("reading the session: not the JSON of credential_process")
	}
	l.session = codecommit.Keys{AccessKeyID: keys.AccessKeyId, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken}
	return user.WriteAWSFiles(l.home, "session", map[string]string{"aws_access_key_id": keys.AccessKeyId,
		"aws_secret_access_key": keys.SecretAccessKey, "aws_session_token": keys.SessionToken})
}

// open finds the ways that this machine has, and returns those that are missing.
func (l *fetchLab) open() (missing []string, stop func()) {
	stop = func() {}
	url, err := l.world.AddRepository("us-east-1", "demo")
	if err != nil {
		return []string{err.Error()}, stop
	}
	l.bare = filepath.Join(l.dir, "world", "repositories", sandbox.Account, "us-east-1", "demo")
	h, _ := codecommit.ParseHost(host)
	username, password := codecommit.Sign(l.session, h, "demo", time.Now())
	basic := base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
	https := func(name string, config ...string) {
		l.ways = append(l.ways, way{name, url, config, strings.TrimPrefix(l.world.ProxyURL(), "http://"),
			func(through string) []string { return l.environment("http://" + through) }})
	}
	https("the limit", "http.extraHeader", "Authorization: Basic "+basic)
	block := []string{"credential.https://" + host + ".helper", l.helper, "credential.https://" + host + ".useHttpPath", "true"}
	https("git-credential-mfa", append(block, "http.https://"+host+".proactiveAuth", "basic")...)
	https("the same without proactiveAuth", block...)
	if aws, err := l.awsCLI(); err != nil {
		missing = append(missing, err.Error())
	} else {
		https("aws codecommit credential-helper", "credential.https://"+host+".helper",
			"!"+aws.args[0]+" --profile session codecommit credential-helper $@", "credential.https://"+host+".useHttpPath", "true")
	}
	ssh, stop, err := l.ssh()
	if err != nil {
		missing = append(missing, err.Error())
	} else {
		l.ways = append(l.ways, ssh)
	}
	return missing, stop
}

// table measures all tasks at one delay.
func (l *fetchLab) table(trip time.Duration, runs int) error {
	fmt.Printf("\nat %d ms a round trip%*s %9s %9s %12s\n", trip.Milliseconds(), 39, "", "ms", "times", "requests")
	for _, t := range tasks {
		fmt.Println(t.name)
		took := make([][]time.Duration, len(l.ways))
		requests := make([]string, len(l.ways))
		for range runs {
			for i, w := range l.ways {
				d, seen, err := l.measure(t, w, trip)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", t.name, w.name, err)
				}
				took[i], requests[i] = append(took[i], d), seen
			}
		}
		for i, w := range l.ways {
			fmt.Printf("  %-58s %9.0f %9.2f %12s\n", w.name, ms(median(took[i])), median(ratios(took[i], took[0])), requests[i])
		}
	}
	return nil
}

// measure runs a task once in a new clone, and counts the requests.
func (l *fetchLab) measure(t task, w way, trip time.Duration) (took time.Duration, requests string, err error) {
	dir, err := os.MkdirTemp(l.dir, "clone")
	if err != nil {
		return 0, "", err
	}
	defer os.RemoveAll(dir)
	clone := filepath.Join(dir, "demo")
	if _, err := l.run(dir, w.env(w.to), "", "git", w.arguments("clone", "--quiet", w.url, clone)...); err != nil {
		return 0, "", err
	}
	if err := t.prepare(l, w, clone); err != nil {
		return 0, "", err
	}
	args := slices.Clone(t.args)
	if i := slices.Index(args, "URL"); i >= 0 {
		args[i] = w.url
	}
	d, err := delay(w.to, trip)
	if err != nil {
		return 0, "", err
	}
	defer d.Close()
	l.world.ForgetRequests()
	env := w.env(d.Addr().String())
	start := time.Now()
	_, err = l.run(clone, env, "", "git", w.arguments(args...)...)
	took = time.Since(start)
	refused, answered := 0, 0
	for _, r := range l.world.Requests() {
		if r.Status == 401 || r.Status == 403 {
			refused++
		} else {
			answered++
		}
	}
	return took, fmt.Sprintf("%d + %d", refused, answered), err
}

// arguments puts the way's settings before git's command.
func (w way) arguments(args ...string) []string {
	var all []string
	for i := 0; i < len(w.config); i += 2 {
		all = append(all, "-c", w.config[i]+"="+w.config[i+1])
	}
	return append(all, args...)
}

// environment returns the world's environment with the keyring and a proxy.
func (l *fetchLab) environment(proxy string) []string {
	env := append(l.world.Env(l.home), l.keyring.Env()...)
	return append(env, "HOME="+l.home, "HTTPS_PROXY="+proxy, "https_proxy="+proxy, "GIT_TERMINAL_PROMPT=0", "GIT_CREDENTIAL_MFA_KEYRING=auto",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
}

func (l *fetchLab) run(dir string, env []string, stdin, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, env, strings.NewReader(stdin)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("running %s: %w\n%s", filepath.Base(name), err, &talk)
	}
	return out.Bytes(), nil
}

func (l *fetchLab) commit(clone string) error {
	_, err := l.run(clone, l.environment(""), "", "git", "commit", "--quiet", "--allow-empty", "-m", time.Now().String())
	return err
}

// commitOnServer adds a commit to main in the server's repository.
func (l *fetchLab) commitOnServer() error {
	tree, err := l.run(l.bare, l.environment(""), "", "git", "commit-tree", "-p", "main", "-m", time.Now().String(), "main^{tree}")
	if err == nil {
		_, err = l.run(l.bare, l.environment(""), "", "git", "update-ref", "refs/heads/main", strings.TrimSpace(string(tree)))
	}
	return err
}

// ssh starts an sshd with new keys for the same repository.
func (l *fetchLab) ssh() (way, func(), error) {
	none := func() {}
	sshd, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		return way{}, none, fmt.Errorf("SSH: %w (apt-get install openssh-server)", err)
	}
	dir := filepath.Join(l.dir, "ssh")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return way{}, none, err
	}
	for _, key := range []string{"host", "user"} {
		if _, err := l.run(dir, os.Environ(), "", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key); err != nil {
			return way{}, none, err
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return way{}, none, err
	}
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = free.Close()
	_ = os.MkdirAll("/run/sshd", 0o755) // sshd needs it; otherwise its service makes it
	cmd := exec.Command(sshd, "-D", "-e", "-f", "/dev/null", "-p", port, "-h", filepath.Join(dir, "host"),
		"-o", "AuthorizedKeysFile="+filepath.Join(dir, "user.pub"), "-o", "StrictModes=no", "-o", "UsePAM=no",
		"-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none", "-o", "PermitRootLogin=yes")
	cmd.Env = os.Environ()
	if err := cmd.Start(); err != nil {
		return way{}, none, fmt.Errorf("SSH: %w", err)
	}
	stop := func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	w := way{name: "ssh, a key without a passphrase", url: "ssh://" + os.Getenv("USER") + "@127.0.0.1" + l.bare, to: address,
		env: func(through string) []string {
			_, port, _ := net.SplitHostPort(through)
			command := "ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i " +
				filepath.Join(dir, "user") + " -p " + port
			return append(l.environment(""), "GIT_SSH_COMMAND="+command)
		}}
	w.url = strings.Replace(w.url, "ssh://@", "ssh://", 1)
	for range 50 { // until it listens
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return w, stop, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	return way{}, none, errors.New("SSH: sshd does not listen")
}
