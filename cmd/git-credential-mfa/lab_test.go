package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

const (
	region     = "us-east-1"
	host       = "git-codecommit.us-east-1.amazonaws.com"
	serial     = "arn:aws:iam::" + sandbox.Account + ":mfa/alice-phone"
	passphrase = "correct horse battery staple"
)

// slack is how many times longer than it should a program may take, on a
// machine that does other things too, before a test fails: they find what
// hangs, not what is slow.
const slack = 4

// built is the folder of the program under test: the one that users get (but
// for the file keyring's cost), as go build makes it, not the test binary.
// GIT_CREDENTIAL_MFA_BUILT names one that was built before, where there is no
// go, as under Wine.
var built string

// programFile is the program's name there.
var programFile = map[bool]string{false: "git-credential-mfa", true: "git-credential-mfa.exe"}[runtime.GOOS == "windows"]

// configFolder is where programs keep their settings below the home folder.
var configFolder = map[bool]string{false: ".config", true: `AppData\Roaming`}[runtime.GOOS == "windows"]

func TestMain(m *testing.M) {
	flag.Parse()
	// Most of these tests wait most of the time.
	_ = flag.Set("test.parallel", map[bool]string{false: "8", true: "4"}[underWine()]) // there they start programs most of the time
	os.Exit(func() int {
		if built = os.Getenv("GIT_CREDENTIAL_MFA_BUILT"); built != "" {
			return m.Run()
		}
		if _, err := exec.LookPath("go"); err != nil {
			return m.Run() // as under Wine: without the program
		}
		dir, err := os.MkdirTemp("", "git-credential-mfa-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		if err := build(dir); err != nil {
			fmt.Fprintln(os.Stderr, "building the program:", err)
			return 1
		}
		built = dir
		return m.Run()
	}())
}

// build builds the program into a folder. Unless slow tests are asked for, a
// guess of the file keyring's passphrase is cheap: most of the tests' time went
// there. go takes one overlay only, and that of .ci/mutations comes first.
func build(dir string) error {
	args := append([]string{"build", "-tags", "urfave_cli_no_docs,nethttpomithttp2", "-o", filepath.Join(dir, programFile)}, raceFlag...)
	if !slowTests && !strings.Contains(os.Getenv("GOFLAGS"), "-overlay") {
		changes, err := os.MkdirTemp("", "git-credential-mfa-test-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(changes)
		overlay, err := cheapFileKeyring(changes)
		if err != nil {
			return err
		}
		args = append(args, "-overlay="+overlay)
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// cheapFileKeyring writes an overlay for go build into a folder, in which the
// file keyring derives its keys at the least cost.
func cheapFileKeyring(dir string) (overlay string, err error) {
	file, err := filepath.Abs("../../cache/file.go")
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	const usual, cheap = "var usualCost = cost{Memory: 19 * 1024, Time: 2, Threads: 1}", "var usualCost = cost{Memory: 8, Time: 1, Threads: 1}"
	if !strings.Contains(string(text), usual) {
		return "", fmt.Errorf("%s lacks %q", file, usual)
	}
	changed := filepath.Join(dir, "file.go")
	data, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, errors.Join(os.WriteFile(changed, []byte(strings.Replace(string(text), usual, cheap, 1)), 0o600), os.WriteFile(overlay, data, 0o600))
}

// lab is a world with one user, her phone, a repository, and a folder that is
// all the user has.
type lab struct {
	t      testing.TB
	world  *sandbox.World
	user   *sandbox.User
	device *sandbox.Device
	url    string
	dir    string
	home   string
	env    []string
}

func newLab(t testing.TB) *lab {
	t.Helper()
	if built == "" {
		t.Skip("there is no go to build the program with")
	}
	l := &lab{t: t, dir: labFolder(t)}
	var err error
	l.world, err = sandbox.Start(filepath.Join(l.dir, "aws"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.world.Close)
	l.home = filepath.Join(l.dir, "home")
	l.user = l.world.AddUser("alice")
	l.device = l.user.AddDevice(serial)
	l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": serial})
	if l.url, err = l.world.AddRepository(region, "demo"); err != nil {
		t.Fatal(err)
	}
	l.env = append(l.world.Env(l.home),
		"PATH="+built+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GIT_CREDENTIAL_MFA_KEYRING=file", "GIT_CREDENTIAL_MFA_PASSPHRASE="+passphrase,
		"GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@example.com",
		"GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@example.com")
	pattern := "https://git-codecommit.*.amazonaws.com"
	l.write(".gitconfig", "[credential \""+pattern+"\"]\n\thelper =\n\thelper = mfa\n\tuseHttpPath = true\n")
	return l
}

// labFolder is a temporary folder. Windows keeps one in which a program still
// runs, the child of one that was killed say, for as long as it runs.
func labFolder(t testing.TB) string {
	t.Helper()
	if runtime.GOOS != "windows" {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("", "lab-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for try := 0; os.RemoveAll(dir) != nil && try < 30; try++ {
			time.Sleep(100 * time.Millisecond)
		}
	})
	return dir
}

// slowUnderWine skips a test that starts git dozens of times, unless it was asked
// for: under Wine each start takes a second.
func slowUnderWine(t testing.TB) {
	t.Helper()
	if underWine() {
		slow(t)
	}
}

// notUnderWine skips what the stand-in for git.exe can't do.
func notUnderWine(t testing.TB, why string) {
	t.Helper()
	if underWine() {
		t.Skip(why)
	}
}

// notOnWindows skips what Windows does not have.
func notOnWindows(t testing.TB, why string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip(why)
	}
}

func (l *lab) writeAWSFiles(extra map[string]string) {
	l.t.Helper()
	if err := l.user.WriteAWSFiles(l.home, "default", extra); err != nil {
		l.t.Fatal(err)
	}
}

// write puts a file into the user's home.
func (l *lab) write(name, text string) string {
	l.t.Helper()
	file := filepath.Join(l.home, name)
	err := os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		err = writeExecutable(file, []byte(text), 0o700)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return file
}

// script puts a script for sh into the user's home, which is its folder when it
// runs.
func (l *lab) script(name, body string) string {
	l.t.Helper()
	return l.write(name, "#!/bin/sh\ncd \"$(dirname \"$0\")\" || exit\n"+body+"\n")
}

// scriptLine is the command line of a script: Windows runs none by itself, only
// git does.
func (l *lab) scriptLine(name, body string) string {
	l.t.Helper()
	if runtime.GOOS == "windows" {
		return "sh " + filepath.ToSlash(l.script(name, body))
	}
	return l.script(name, body)
}

// writeExecutable writes a file that may be run. No other test starts a process
// meanwhile: it would inherit the open file until its own exec, and running the
// file would fail with "text file busy" (golang.org/issue/22315).
func writeExecutable(file string, data []byte, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(file, data, mode)
}

// slowTests says that tests which take minutes were asked for, as .ci/run does.
var slowTests = os.Getenv("GIT_CREDENTIAL_MFA_SLOW_TESTS") != ""

// slow skips a test that takes minutes, or Wine, unless it was asked for.
func slow(t testing.TB) {
	t.Helper()
	if !slowTests {
		t.Skip("runs with GIT_CREDENTIAL_MFA_SLOW_TESTS=1")
	}
}

// setenv sets a variable for the programs that the lab runs.
func (l *lab) setenv(name, value string) { l.env = append(l.env, name+"="+value) }

// askpass gives the user an askpass that notes each question and answers with
// what the phone file holds.
func (l *lab) askpass() {
	l.setenv("GIT_ASKPASS", l.script("askpass", `echo "$1" >>questions; cat phone`))
}

// phone puts a code that STS will take where the askpass finds it.
func (l *lab) phone() string {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	code, err := l.device.WaitCode(ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	l.write("phone", code+"\n")
	return code
}

// questions returns how often the askpass was asked.
func (l *lab) questions() int {
	text, err := os.ReadFile(filepath.Join(l.home, "questions"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

// command is a program in the lab, without a terminal, and killed with all
// that it started when the test is over.
func (l *lab) command(ctx context.Context, stdin io.Reader, program string, args ...string) *exec.Cmd {
	l.t.Helper()
	path, err := exec.LookPath(program)
	if program == "git-credential-mfa" {
		path, err = filepath.Join(built, programFile), nil
	}
	if err != nil {
		l.t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = l.env, l.dir, stdin
	detach(cmd)
	return cmd
}

func (l *lab) run(stdin, program string, args ...string) result {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	return wait(l.t, l.command(ctx, strings.NewReader(stdin), program, args...))
}

// get asks the helper as git does, for the lab's repository.
func (l *lab) get(options ...string) result {
	l.t.Helper()
	return l.run(request("https", host, "v1/repos/demo"), "git-credential-mfa", append(options, "get")...)
}

// login starts a session by a code on stdin.
func (l *lab) login() {
	l.t.Helper()
	if r := l.run(l.phone()+"\n", "git-credential-mfa", "login", "--code", "-"); r.status != 0 {
		l.t.Fatal(r)
	}
}

// sessions returns how many sessions STS was asked for.
func (l *lab) sessions() int { return l.world.Count("sts", "GetSessionToken") }

func request(protocol, host, path string) string {
	return "protocol=" + protocol + "\nhost=" + host + "\npath=" + path + "\n"
}

// note reads a file of the user's home.
func (l *lab) note(name string) string {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.home, name))
	if err != nil {
		l.t.Error(err)
	}
	return string(text)
}

// waitFor waits until there is something in a file.
func waitFor(t *testing.T, file string) {
	t.Helper()
	for range 4000 {
		if text, err := os.ReadFile(file); err == nil && len(text) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s does not come", file)
}

// firstLines are those before the first empty one.
func firstLines(text string) string {
	first, _, _ := strings.Cut(text, "\n\n")
	return first
}
