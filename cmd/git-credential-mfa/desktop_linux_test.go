package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// desktop gives the lab an X server of its own, without a window manager, and
// one dialog program.
type desktop struct {
	*lab
	display string
}

func newDesktop(t *testing.T, program string) *desktop {
	t.Helper()
	keyringtest.Need(t, "Xvfb", "xdotool", "zenity")
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program) // kdialog: half of KDE
	}
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	d := &desktop{lab: newLab(t), display: startServer(t)}
	d.setenv("DISPLAY", d.display)
	// The other program is not to be found, nor a session bus.
	bin := filepath.Join(d.dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{path, git, "/bin/sh"} {
		if err := os.Symlink(tool, filepath.Join(bin, filepath.Base(tool))); err != nil {
			t.Fatal(err)
		}
	}
	d.setenv("PATH", built+":"+bin)
	d.setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	return d
}

// startServer starts an X server and returns its display.
func startServer(t *testing.T) string {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	// -noreset: else the server starts anew when its last window is gone, and
	// loses who comes meanwhile.
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{writer}
	err = server.Start()
	writer.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM) // it takes its socket away
		_ = server.Wait()
	})
	number, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal("the X server does not start: ", err)
	}
	return ":" + strings.TrimSpace(number)
}

// running is a helper that asks.
type running struct {
	cmd  *exec.Cmd
	done chan result
}

func (d *desktop) start(program string, args ...string) *running {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	d.t.Cleanup(cancel)
	r := &running{d.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), program, args...), make(chan result, 1)}
	var stdout, stderr bytes.Buffer
	r.cmd.Stdout, r.cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := r.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait()
		r.done <- result{stdout.String(), stderr.String(), r.cmd.ProcessState.ExitCode(), time.Since(start)}
	}()
	return r
}

// window is one on the screen. Its number alone does not name it: the next
// program gets the same one.
type window struct{ id, pid string }

// window waits for a window that is not the old one.
func (d *desktop) window(old window) window {
	d.t.Helper()
	for range 400 {
		for _, id := range d.windows() {
			pid, err := d.xdotool("getwindowpid", id)
			if w := (window{id, pid}); err == nil && w != old {
				return w
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatal("no window appears")
	return window{}
}

func (d *desktop) windows() []string {
	out, _ := d.xdotool("search", "--onlyvisible", "--name", "^git-credential-mfa$") // exit 1: none
	return strings.Fields(out)
}

func (d *desktop) xdotool(args ...string) (string, error) {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.display)
	out, err := cmd.Output()
	return string(out), err
}

// types types into a window, then presses a key.
func (d *desktop) types(w window, text, key string) {
	d.t.Helper()
	for _, args := range [][]string{{"windowfocus", "--sync", w.id}, {"type", text}, {"key", key}} {
		if args[0] == "type" && text == "" {
			continue
		}
		if out, err := d.xdotool(args...); err != nil {
			d.t.Fatalf("xdotool %v: %v %s", args, err, out)
		}
	}
}

func programs(t *testing.T, test func(*testing.T, string)) {
	for _, program := range []string{"zenity", "kdialog"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			test(t, program)
		})
	}
}

// screenshot keeps the screen for a person to look at, in the folder that
// DIALOG_SCREENSHOTS names.
func (d *desktop) screenshot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("DIALOG_SCREENSHOTS")
	if dir == "" {
		return
	}
	time.Sleep(time.Second) // fonts
	cmd := exec.Command("import", "-display", d.display, "-window", "root", filepath.Join(dir, name+".png"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
