// Package native runs Linux programs from Windows programs under Wine, for the
// commands that stand in for those of Git for Windows. Wine can start a Linux
// program, but has no handle to wait for it and no pipe to it, so input and
// output are files. Linux's paths are below the drive Z:.
package native

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	// A program that prints more than 32 MiB, or hangs, ends itself, because a
	// Windows program can't end it.
	byFiles = `ulimit -f 65536; chmod +x "$0"/*; HOME=$1 PATH=$0:$PATH; shift; exec <"$0/in" >"$0/out" 2>"$0/err"; timeout 60 "$@"; echo $? >"$0/ending"; mv "$0/ending" "$0/status"`
	limit   = time.Minute
	failed  = 126
)

// Program is a Linux program to run.
type Program struct {
	Name  string
	Args  []string // with Linux paths
	Stdin io.Reader
	// Helpers are folders of Windows programs that the program may start, by their
	// names without .exe. They get the environment of this process.
	Helpers []string
	// Prepare, unless nil, may write files to the program's folder before it starts.
	// It returns variables for the program's environment.
	Prepare func(dir string) (environ []string, err error)
}

// Main runs a program, prints its output, and ends this process with its exit
// status.
func (p Program) Main() {
	stdout, stderr, status, err := p.Run()
	fmt.Print(stdout)
	fmt.Fprint(os.Stderr, stderr)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
	}
	os.Exit(status)
}

// Run runs a program, and returns its output and exit status.
func (p Program) Run() (stdout, stderr string, status int, err error) {
	temporary := os.TempDir()
	if !strings.HasPrefix(temporary, "Z:") {
		temporary = `Z:\tmp`
	}
	dir, err := os.MkdirTemp(temporary, "native-*")
	if err != nil {
		return "", "", failed, err
	}
	defer os.RemoveAll(dir)
	if err := p.start(dir); err != nil {
		return "", "", failed, err
	}
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		code, err := os.ReadFile(filepath.Join(dir, "status"))
		if err != nil {
			continue
		}
		status, _ := strconv.Atoi(strings.TrimSpace(string(code)))
		printed, err := os.ReadFile(filepath.Join(dir, "out"))
		if err != nil {
			return "", "", failed, err
		}
		said, err := os.ReadFile(filepath.Join(dir, "err"))
		// Without the starter, which the test should not see.
		text := strings.ReplaceAll(string(said), "!"+Path(filepath.Join(dir, Starter))+" ", "")
		return string(printed), text, status, err
	}
	return "", "", failed, fmt.Errorf("no end within %v", limit)
}

// start starts the program, with its files in dir.
func (p Program) start(dir string) error {
	text, err := io.ReadAll(p.Stdin)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "in"), text, 0o600)
	}
	if err == nil {
		err = p.writeStarters(dir)
	}
	if err != nil {
		return err
	}
	env := os.Environ()
	for i, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case name == "GIT_ASKPASS" && value != "":
			value = filepath.Join(dir, askPass)
		case name == "GIT_CONFIG_KEY_0" && value == "http.sslBackend":
			value = "standin.sslBackend" // because Debian's git does not have openssl
		}
		env[i] = name + "=" + Path(value)
	}
	if p.Prepare != nil {
		added, err := p.Prepare(dir)
		if err != nil {
			return err
		}
		env = append(env, added...)
	}
	// Wine changes HOME for Linux programs.
	line := []string{"sh", "-c", byFiles, Path(dir), Path(os.Getenv("HOME")), p.Name}
	line = append(line, p.Args...)
	_, err = os.StartProcess(`Z:\bin\sh`, line, &os.ProcAttr{Env: env, Files: []*os.File{os.Stdin, os.Stderr, os.Stderr}})
	return err
}

// winePrefix returns the prefix that this process runs in, the one with drive C:.
func winePrefix() string {
	drive, _ := windows.UTF16PtrFromString(`C:\`)
	path, _, _ := windows.NewLazySystemDLL("kernel32.dll").NewProc("wine_get_unix_file_name").Call(uintptr(unsafe.Pointer(drive)))
	if path == 0 {
		return ""
	}
	unix := windows.BytePtrToString(*(**byte)(unsafe.Pointer(&path)))
	prefix, _, _ := strings.Cut(unix, "/dosdevices/")
	return prefix
}

// Starter is the name of a program in the program's folder. It starts a Windows
// program, or a script, with the environment of this process, in which paths are
// not translated.
const Starter = "start-windows"

// askPass is the name of a program that starts the one of GIT_ASKPASS, whose mode
// in Linux does not let it run.
const askPass = "askpass"

// writeStarters writes the starter, and a program for each helper. Of several
// helpers with one name, the first counts.
func (p Program) writeStarters(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	environ := filepath.Join(dir, "environ")
	if err := os.WriteFile(environ, []byte(strings.Join(os.Environ(), "\x00")), 0o600); err != nil {
		return err
	}
	starter := filepath.Join(dir, Starter)
	script := fmt.Sprintf(starterScript, quoted(winePrefix()), quoted(self), startWord, quoted(environ))
	if err := os.WriteFile(starter, []byte(script), 0o700); err != nil {
		return err
	}
	start := func(name, program string) error {
		text := "#!/bin/sh\nexec " + quoted(Path(starter)) + " " + quoted(filepath.ToSlash(program)) + " \"$@\"\n"
		return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700)
	}
	if err := start(askPass, os.Getenv("GIT_ASKPASS")); err != nil {
		return err
	}
	for _, folder := range p.Helpers {
		programs, _ := filepath.Glob(filepath.Join(folder, "git-credential-*"))
		for _, program := range programs {
			name := strings.TrimSuffix(filepath.Base(program), ".exe")
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				continue
			}
			if err := start(name, program); err != nil {
				return err
			}
		}
	}
	return nil
}

// starterScript runs a script with sh, because files that Windows programs write
// are not executable. It runs another program through this one (see Start),
// because Wine changes some variables, which only a Windows program can restore.
const starterScript = `#!/bin/sh
program=${1#Z:}
[ "$(head -c 2 "$program")" != '#!' ] || { shift; exec sh "$program" "$@"; }
unset TMPDIR
export WINEDEBUG=-all LC_ALL=C.UTF-8 WINEPREFIX=%s
exec wine %s %s %s "$@"
`

const startWord = "start-windows"

// Start must be called at the beginning of each stand-in. If the starter runs the
// stand-in, Start starts the starter's program with the environment that the
// stand-in had, and does not return.
func Start() {
	if len(os.Args) < 4 || os.Args[1] != startWord {
		return
	}
	environ, err := os.ReadFile(os.Args[2])
	cmd := exec.Command(filepath.FromSlash(os.Args[3]), os.Args[4:]...)
	for _, pair := range os.Environ() {
		switch name, _, _ := strings.Cut(pair, "="); name {
		case "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "LC_ALL": // set for Linux and for Wine
		default:
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, strings.Split(string(environ), "\x00")...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err == nil {
		err = cmd.Run()
	}
	if cmd.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "starting a program of Windows:", err)
		os.Exit(failed)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

// quoted returns a text in single quotes for sh.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Paths applies Path to arguments.
func Paths(args []string) []string {
	var all []string
	for _, arg := range args {
		all = append(all, Path(arg))
	}
	return all
}

// Path returns the Linux path of a path below Z:, and any other text unchanged.
func Path(text string) string {
	if rest, ok := strings.CutPrefix(text, "Z:"); ok {
		return strings.ReplaceAll(rest, `\`, "/")
	}
	return text
}
