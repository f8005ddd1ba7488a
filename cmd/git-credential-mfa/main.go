// Command git-credential-mfa is a git credential helper for AWS CodeCommit
// that makes MFA genuinely present. git runs it; see docs/git-credential-mfa.1
// and "git-credential-mfa help".
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/internal/cli"
	"github.com/git-credential-mfa/git-credential-mfa/internal/early"
	_ "github.com/git-credential-mfa/git-credential-mfa/internal/early/cached"
)

// version is set by the linker for releases.
var version = ""

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	var finishing sync.RWMutex // held by what must come to its end
	var interrupted atomic.Bool
	passphrase := []byte(os.Getenv("GIT_CREDENTIAL_MFA_PASSPHRASE"))
	os.Unsetenv("GIT_CREDENTIAL_MFA_PASSPHRASE") // children must not inherit it; mutation: children without the passphrase
	system := cli.System{
		Args: os.Args, Version: programVersion(),
		Request: early.ReadRequest, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Setenv: os.Setenv, Passphrase: passphrase,
		StdinIsTerminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		StdinWasClosed:  func() bool { return early.WasClosed(os.Stdin) },
		StdoutWasClosed: func() bool { return early.WasClosed(os.Stdout) },
		ReaderGone:      cli.ReaderGone(os.Stdout),
		Started:         time.Now(),
		Interrupted:     interrupted.Load,
		Finish: func(work func()) {
			finishing.RLock()
			defer finishing.RUnlock()
			work()
		},
	}
	system.CatchSignals = sync.OnceFunc(func() {
		catchSignals(func(s os.Signal) { interrupted.Store(s == os.Interrupt); cancel() }, &finishing, system.Failed)
	})
	os.Exit(cli.Run(ctx, system))
}

// catchSignals has Ctrl-C, which goes to every process of the terminal, end
// what waits: the question ends, others who wait are told, and the program
// exits. What does not end within a moment (a read of stdin, a file that is a
// pipe) is left behind: there is no terminal mode to restore.
func catchSignals(cancel func(os.Signal), finishing *sync.RWMutex, status func() int) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, ending()...)
	go func() {
		cancel(<-caught)
		time.Sleep(patience)
		finishing.Lock()
		os.Exit(status())
	}()
}

// patience is how long an interrupted question has to note the refusal and end.
const patience = 2 * time.Second

// ending returns the signals that end the program, less those that whoever
// started it wants ignored, as nohup does.
func ending() []os.Signal {
	var signals []os.Signal
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}

// programVersion returns the version that the linker was given, or else that of
// "go install module@version" in the same form, 1.2.3 without a "v", or "devel".
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "devel"
}
