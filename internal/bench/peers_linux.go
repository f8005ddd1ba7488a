package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// peers returns the programs to measure, the empty program first, and those that
// are missing.
func (l *lab) peers() (subjects []*subject, missing []string) {
	try := func(s *subject, err error) {
		if err != nil {
			missing = append(missing, err.Error())
			return
		}
		subjects = append(subjects, s)
	}
	try(l.empty())
	try(l.foreign(), nil)
	try(l.store(), nil)
	try(l.floor())
	try(l.cached, nil)
	try(l.file())
	try(l.libsecret())
	try(l.awsCLI())
	return subjects, missing
}

// empty is an empty Go program.
func (l *lab) empty() (*subject, error) {
	source := filepath.Join(l.dir, "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return nil, err
	}
	program := filepath.Join(l.dir, "empty")
	return &subject{name: "an empty Go program", args: []string{program}, env: l.env}, l.build(program, source)
}

// floor is a program that only reads a session from the Secret Service.
func (l *lab) floor() (*subject, error) {
	program := filepath.Join(l.dir, "floor")
	return &subject{name: "the floor: a session read, and no more", env: l.env,
		args: []string{program, "AKIAIOSFODNN7EXAMPLE", "arn:aws:iam::123456789012:mfa/alice"}}, l.build(program, "./internal/bench/floor")
}

func (l *lab) foreign() *subject {
	return &subject{name: "git-credential-mfa get, foreign host", args: []string{l.helper, "get"}, env: l.env,
		stdin: "protocol=https\nhost=example.com\n\n"}
}

// store is the operation that git runs after each success.
func (l *lab) store() *subject {
	return &subject{name: "git-credential-mfa store", args: []string{l.helper, "store"}, env: l.env,
		stdin: request[:len(request)-1] + "username=ASIAIOSFODNN7EXAMPLE%token\npassword=p\n\n"}
}

func (l *lab) file() (*subject, error) {
	return l.answer("git-credential-mfa get, file keyring", "file"), l.fill("file")
}

// libsecret is git's own helper for this keyring, from git's contrib folder.
func (l *lab) libsecret() (*subject, error) {
	s := &subject{name: "git-credential-libsecret get (git's, in C)", env: l.env, crowd: true,
		stdin: "protocol=https\nhost=" + host + "\npath=v1/repos/demo\nusername=alice\n\n",
		right: func(out []byte) bool { return bytes.Contains(out, []byte("password=tttt")) }}
	program, err := exec.LookPath("git-credential-libsecret")
	if err != nil {
		program = filepath.Join(l.dir, "git-credential-libsecret")
		if err := compile(program); err != nil {
			return nil, fmt.Errorf("git-credential-libsecret: %w", err)
		}
	}
	s.args = []string{program, "get"}
	store := subject{name: s.name, right: func([]byte) bool { return true }, args: []string{program, "store"}, env: l.env,
		stdin: strings.TrimSuffix(s.stdin, "\n") + "password=" + strings.Repeat("t", peerSize) + "\n\n"}
	_, err = store.run()
	return s, err
}

// compile builds git's helper from the source that Debian installs.
func compile(program string) error {
	source := "/usr/share/doc/git/contrib/credential/libsecret/git-credential-libsecret.c"
	if _, err := os.Stat(source); err != nil {
		return fmt.Errorf("not installed, and its source is missing: %w", err)
	}
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libsecret-1", "glib-2.0").Output()
	if err != nil {
		return fmt.Errorf("building it needs libsecret-1-dev: %w", err)
	}
	args := append([]string{"-O2", "-o", program, source}, strings.Fields(string(flags))...)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("building it: %w\n%s", err, out)
	}
	return nil
}

// awsCLI is the AWS CLI's helper. It has no session: it signs with the profile's
// keys.
func (l *lab) awsCLI() (*subject, error) {
	program, err := exec.LookPath("aws")
	if err != nil {
		return nil, fmt.Errorf("the AWS CLI: %w", err)
	}
	if strings.Contains(program, "/shims/") { // a shell script of pyenv, which takes as long again
		out, err := exec.Command("pyenv", "which", "aws").Output()
		if err != nil {
			return nil, fmt.Errorf("the AWS CLI behind %s: %w", program, err)
		}
		program = strings.TrimSpace(string(out))
	}
	return &subject{name: "aws codecommit credential-helper get", env: l.env, stdin: request, slow: true,
		args:  []string{program, "codecommit", "credential-helper", "get"},
		right: func(out []byte) bool { return bytes.HasPrefix(out, []byte("username=AKIAIOSFODNN7EXAMPLE")) }}, nil
}

// conditions returns the machine and the programs of the measurement.
func (l *lab) conditions(subjects []*subject) string {
	var b strings.Builder
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(&b, "machine: %s, %d cores, Linux %s, load %s (other work on the machine makes all times longer)\n",
		processor(), runtime.NumCPU(), bytes.TrimSpace(kernel), bytes.Join(bytes.Fields(load)[:1], nil))
	fmt.Fprintf(&b, "helper:  %s, CGO_ENABLED=0 go build %s\n", runtime.Version(), strings.Join(releaseFlags, " "))
	fmt.Fprintf(&b, "keyring: %s, its own, unlocked; an item of %d bytes, and one of %d for git's helper\n",
		version("gnome-keyring-daemon", "--version"), itemSize, peerSize)
	fmt.Fprintf(&b, "peers:   %s, libsecret %s", version("git", "--version"), version("pkg-config", "--modversion", "libsecret-1"))
	if last := subjects[len(subjects)-1]; last.slow {
		fmt.Fprintf(&b, ", %s", version(last.args[0], "--version"))
	}
	return b.String() + "\n"
}

// version returns the first line of a program's output.
func version(args ...string) string {
	out, err := exec.Command(args[0], args[1:]...).Output()
	if err != nil {
		return args[0] + " of an unknown version"
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return first
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
