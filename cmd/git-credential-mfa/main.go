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
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/internal/cli"
	"github.com/git-credential-mfa/git-credential-mfa/internal/early"
)

// version is set by the linker for releases.
var version = ""

func main() {
	// Ctrl-C goes to every process of the terminal. git dies of it; this one
	// ends its question, leaves word for others who wait, and goes.
	// What does not end within a moment (a read of stdin, a file that is a pipe)
	// is left behind: there is no terminal mode to restore.
	ctx, stop := signal.NotifyContext(context.Background(), ending()...)
	var finishing sync.RWMutex // held by what must come to its end
	context.AfterFunc(ctx, func() {
		time.Sleep(patience)
		finishing.Lock()
		os.Exit(1)
	})
	forbidCores()
	passphrase := []byte(os.Getenv("GIT_CREDENTIAL_MFA_PASSPHRASE"))
	os.Unsetenv("GIT_CREDENTIAL_MFA_PASSPHRASE") // children must not inherit it; mutation: children without the passphrase
	status := cli.Run(ctx, cli.System{
		Args: os.Args, Version: programVersion(),
		Stdin: early.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Setenv: os.Setenv, Passphrase: passphrase,
		StdinIsTerminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) },
		StdinIsNull:     func() bool { return isNull(os.Stdin) },
		ReaderGone:      cli.ReaderGone(os.Stdout),
		Started:         time.Now(),
		Finish: func(work func()) {
			finishing.RLock()
			defer finishing.RUnlock()
			work()
		},
	})
	stop()
	os.Exit(status)
}

// isNull reports whether a file is the null device.
func isNull(file *os.File) bool {
	info, err := file.Stat()
	null, nullErr := os.Stat(os.DevNull)
	// On Windows a pipe is the same file as the null device, to package os.
	return err == nil && nullErr == nil && info.Mode()&os.ModeCharDevice != 0 && os.SameFile(info, null)
}

// patience is what an interrupted question has to leave word and go.
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
