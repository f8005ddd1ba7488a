package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// lockPoll is the time between two tries of a lock. It is short for a person who
// waits, and a try is one system call.
const lockPoll = 25 * time.Millisecond

// writeLimit is how long the lock of writers is waited for. A write takes
// milliseconds.
const writeLimit = 30 * time.Second

// Held is a lock that this process holds. The kernel frees it when the process
// ends, in whatever way. Child processes do not inherit it.
type Held struct {
	lock *flock.Flock
	path string
}

// Lock takes the lock of id, the file <key>.lock in dir. It waits for the lock
// until ctx ends, and then returns ctx's error. It is a file, because most
// keyrings have no locks that are freed when their holder dies.
func Lock(ctx context.Context, dir string, id Identity) (*Held, error) {
	return lockFile(ctx, filepath.Join(dir, id.Key()+".lock"))
}

// LockWithin takes the lock of id in the folder of LockDir. It waits for at most
// limit, and then returns the error busy.
func LockWithin(ctx context.Context, id Identity, limit time.Duration, busy error) (*Held, error) {
	dir, err := LockDir()
	if err != nil {
		return nil, fmt.Errorf("preparing the lock: %w", err)
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	held, err := Lock(waiting, dir, id)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = busy
	}
	return held, err
}

// lockWriters takes the lock for writing items in parts. No process holds it
// while it asks a person, so after writeLimit another process must hang.
func lockWriters(ctx context.Context, dir string) (unlock func(), err error) {
	limited, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	held, err := lockFile(limited, filepath.Join(dir, "parts.lock")) // mutation: parts: the lock between processes
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = fmt.Errorf("%w: another process has been writing to it for %v", ErrTimeout, writeLimit)
	}
	return held.Unlock, err
}

func lockFile(ctx context.Context, path string) (*Held, error) {
	for {
		lock, err := lockOnce(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("taking the lock: %w", err)
		}
		if lock != nil {
			return &Held{lock: lock, path: path}, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("taking the lock: %w", ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// lockOnce returns nil if another process has the lock. Something other than a
// file is an error: to open a named pipe would wait for ever.
func lockOnce(ctx context.Context, path string) (*flock.Flock, error) {
	return regularfile.Within(ctx, func() (*flock.Flock, error) {
		if err := regularfile.Check(ctx, path); err != nil && !errors.Is(err, fs.ErrNotExist) { // mutation: a pipe for a lock
			return nil, err
		}
		lock := flock.New(path)
		locked, err := lock.TryLock()
		if !locked || err != nil {
			return nil, err
		}
		if !current(lock, path) {
			return nil, lock.Unlock()
		}
		return lock, nil
	})
}

// current reports whether the locked file still has its name. If a program that
// cleans cache folders removed it after we opened it, another process would
// create and lock a new one.
func current(lock *flock.Flock, path string) bool {
	mine, err := lock.Stat()
	if err != nil {
		return false
	}
	theirs, err := os.Stat(path)
	return err == nil && os.SameFile(mine, theirs)
}

// Unlock frees the lock. The file stays: if it were removed, a process that
// already waits would lock a file that no other process finds. Unlock does
// nothing on a nil Held, or when called again.
func (h *Held) Unlock() {
	if h != nil {
		_ = h.lock.Unlock()
	}
}

// refusal is the note that no code was entered. It is a file beside the lock
// file, and is read and written under the lock.
type refusal struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (h *Held) refusalPath() string { return h.path[:len(h.path)-len(".lock")] + ".refused" }

// NoteRefusal tells processes that wait for the lock that the person did not
// enter a code, so that 50 parallel processes do not open 50 dialogs. reason is
// shown to people and holds no secret.
func (h *Held) NoteRefusal(reason string) error {
	data, err := json.Marshal(refusal{At: time.Now().UTC(), Reason: reason})
	if err == nil {
		err = writeFile(h.refusalPath(), data)
	}
	if err != nil {
		return fmt.Errorf("noting the refusal: %w", err)
	}
	return nil
}

// Refusal returns the last refusal and its time; the caller decides how long it
// holds. It ignores a damaged note, and one from the future, which could hold
// for years after a clock was set back.
func (h *Held) Refusal() (at time.Time, reason string, ok bool) {
	data, err := regularfile.Read(context.Background(), h.refusalPath()) // mutation: a pipe for a refusal
	if err != nil {
		return time.Time{}, "", false
	}
	var note refusal
	if json.Unmarshal(data, &note) != nil || note.At.IsZero() || note.At.After(time.Now()) {
		return time.Time{}, "", false
	}
	return note.At, note.Reason, true
}

// ClearRefusal removes the note, after a code was entered.
func (h *Held) ClearRefusal() {
	sweep(filepath.Dir(h.path))
	_ = os.Remove(h.refusalPath())
}
