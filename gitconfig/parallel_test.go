package gitconfig

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

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
