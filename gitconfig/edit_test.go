package gitconfig

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

var mfaSection = sections(Section{pattern, "mfa"})

func TestInstallKeepsSymlink(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("dotfiles/gitconfig", "[user]\n\tname = A\n")
	for name, target := range map[string]string{"absolute": h.path("dotfiles/gitconfig"), "relative": "dotfiles/gitconfig", "chained": "relative", "dangling": "dotfiles/new"} {
		if err := os.Symlink(target, h.path(name)); err != nil {
			t.Skip(err) // Windows asks for a privilege
		}
	}
	for _, name := range []string{"absolute", "relative", "chained", "dangling"} {
		before := h.read(name)
		if changed, err := h.git.Install(context.Background(), h.path(name), mfaSection); !changed || err != nil {
			t.Fatal(name, changed, err)
		}
		if info, err := os.Lstat(h.path(name)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no symlink any more: %v", name, err)
		}
		if _, err := Uninstall(context.Background(), h.path(name)); err != nil || h.read(name) != before {
			t.Errorf("%s: %q, %v", name, h.read(name), err)
		}
	}
	if err := os.Symlink("loop", h.path("loop")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.git.Install(context.Background(), h.path("loop"), mfaSection); err == nil {
		t.Error("a symlink to itself was followed")
	}
	leftovers(t, h)
}

// A lock is never left behind.
func leftovers(t *testing.T, h *home) {
	t.Helper()
	err := filepath.WalkDir(h.dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".lock") {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInstallIntoReadOnlyFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not replace such a file")
	}
	t.Parallel()
	h := newHome(t)
	file := h.write(".gitconfig", "[user]\n\tname = A\n")
	if err := os.Chmod(file, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := h.git.Install(context.Background(), file, mfaSection); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o400 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	leftovers(t, h)
}

func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("broken", "[user\n\tname = A\n")
	h.write("quote", "[user]\n\tname = \"A\n")
	h.write("locked", "")
	h.write("locked.lock", "")
	if err := os.Mkdir(h.path("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"broken": ErrSyntax, "quote": ErrSyntax, "locked": ErrLocked, "folder": regularfile.ErrNotRegular, "no/such/folder": ErrNoFolder} {
		before, _ := os.ReadFile(h.path(name))
		changed, err := h.git.Install(context.Background(), h.path(name), mfaSection)
		if changed || !errors.Is(err, want) {
			t.Errorf("%s: %v %v, not %v", name, changed, err, want)
		}
		if after, _ := os.ReadFile(h.path(name)); string(after) != string(before) {
			t.Errorf("%s was written", name)
		}
	}
	if err := os.Remove(h.path("locked.lock")); err != nil {
		t.Error("the lock of another was taken away")
	}
	leftovers(t, h)
	if err := writeError("x", fs.ErrPermission); !errors.Is(err, ErrNotWritable) || !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
}

// A git that is missing or hangs says nothing of the file's syntax.
func TestInstallWithoutGit(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows runs no script of sh's")
	}
	t.Parallel()
	h := newHome(t)
	hangs := h.write("bin/hangs", "#!/bin/sh\nexec sleep 60\n")
	for program, want := range map[string]error{"no-such-git": ErrNoGit, hangs: ErrHangs} {
		git := h.git
		git.Program = program
		changed, err := git.Install(context.Background(), h.path(".gitconfig"), mfaSection)
		if changed || !errors.Is(err, want) || errors.Is(err, ErrSyntax) || h.read(".gitconfig") != "" {
			t.Errorf("%s: %v %v", program, changed, err)
		}
	}
	leftovers(t, h)
}

// A file that was made for the block goes with it; one that was there, if
// empty, or that holds something else by then, stays. A link stays one.
func TestFileMadeForTheBlock(t *testing.T) {
	sections := []Section{{"https://git-codecommit.*.amazonaws.com", "/opt/" + program}}
	write := func(old []byte) ([]byte, error) { return With(old, sections, nil), nil }
	for _, c := range []struct {
		name, before, added string
		there, stays        bool
	}{
		{name: "made"},
		{name: "made, then used", added: "[user]\n\tname = a\n", stays: true},
		{name: "was there, empty", there: true, stays: true},
		{name: "was there", before: "[user]\n\tname = a\n", there: true, stays: true},
	} {
		file := filepath.Join(t.TempDir(), ".gitconfig")
		if c.there {
			if err := os.WriteFile(file, []byte(c.before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // configured once more
			if _, err := Edit(t.Context(), file, write, nil); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, append(text, c.added...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		changed, err := Uninstall(t.Context(), file)
		if !changed || err != nil {
			t.Errorf("%s: %v, %v", c.name, changed, err)
		}
		left, err := os.ReadFile(file)
		if (err == nil) != c.stays || string(left) != c.before+c.added {
			t.Errorf("%s: %q, %v", c.name, left, err)
		}
		if changed, err := Uninstall(t.Context(), file); changed || err != nil {
			t.Errorf("%s, once more: %v, %v", c.name, changed, err)
		}
		if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) > 1 {
			t.Errorf("%s: a lock is left", c.name)
		}
	}
}

// Another git that is quick is waited for.
func TestInstallWaits(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	lock := h.write(".gitconfig.lock", "")
	time.AfterFunc(200*time.Millisecond, func() { _ = os.Remove(lock) })
	if changed, err := h.git.Install(context.Background(), h.path(".gitconfig"), mfaSection); !changed || err != nil {
		t.Error(changed, err)
	}
}

// What git writes at the same time is there afterwards, and so is the block.
func TestNothingIsLostBesideGit(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	file := h.write(".gitconfig", "[user]\n\tname = A")
	stop := make(chan struct{})
	var writers sync.WaitGroup
	var wrote [2]int
	for writer := range wrote {
		writers.Go(func() {
			for {
				h.patientlyAdd(fmt.Sprintf("w%d.v", writer), fmt.Sprint(wrote[writer]))
				wrote[writer]++
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for range 20 {
		if _, err := Uninstall(context.Background(), file); err != nil {
			t.Error(err)
		}
		if _, err := h.git.Install(context.Background(), file, mfaSection); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	writers.Wait()
	for writer, want := range wrote {
		out, err := h.run("", "config", "--global", "--get-all", fmt.Sprintf("w%d.v", writer))
		if n := strings.Count(out, "\n"); n != want || err != nil {
			t.Errorf("%d of %d values are left: %v", n, want, err)
		}
	}
	if got := h.asked(repo); len(got) != 1 {
		t.Errorf("git asks %v", got)
	}
	leftovers(t, h)
}

// patientlyAdd tries again, since git does not wait for a lock.
func (h *home) patientlyAdd(key, value string) {
	for range 2000 {
		out, err := h.run("", "config", "--global", "--add", key, value)
		if err == nil {
			return
		}
		if !strings.Contains(out, "could not lock") {
			h.t.Errorf("git config: %v\n%s", err, out)
			return
		}
		time.Sleep(time.Millisecond)
	}
	h.t.Errorf("no turn for %s", key)
}
