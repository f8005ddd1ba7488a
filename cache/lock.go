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

// lockPoll is short compared with the time in which a person types a code; each
// poll is one system call.
const lockPoll = 25 * time.Millisecond

// writeLimit is far more than a write takes, some milliseconds, on a very busy
// machine too.
const writeLimit = 30 * time.Second

// Held is a lock that this process holds. The kernel frees it when the process
// dies, however it dies; processes that it starts do not inherit it.
type Held struct {
	lock *flock.Flock
	path string
}

// Lock takes the lock of id, which lies in dir as <key>.lock, and waits for it
// as long as ctx lets it. The error is then ctx's. The keyring's own items are
// never locked: most keyrings have no lock that dies with its holder.
func Lock(ctx context.Context, dir string, id Identity) (*Held, error) {
	return lockFile(ctx, filepath.Join(dir, id.Key()+".lock"))
}

// LockWithin takes the lock of id in the folder of LockDir, and waits for it
// for limit at the most. The error is then busy.
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

// lockWriters returns the lock of those who write items in parts. It is held
// while an item is written, not while anyone is asked, so whoever waits longer
// than writeLimit waits for a process that hangs.
func lockWriters(ctx context.Context, dir string) func() (unlock func(), err error) {
	return func() (func(), error) {
		limited, cancel := context.WithTimeout(ctx, writeLimit)
		defer cancel()
		held, err := lockFile(limited, filepath.Join(dir, "parts.lock")) // mutation: parts: the lock between processes
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = fmt.Errorf("%w: another process has been writing to it for %v", ErrTimeout, writeLimit)
		}
		return held.Unlock, err
	}
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

// lockOnce returns nil while another process has the lock. A file that can't be
// locked is an error, a named pipe above all, which would be waited for while
// it is opened.
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

// current tells whether the file that is locked is still the one that others
// will find: a cleaner of cache folders may have removed it between our open
// and our lock, and then two processes would each hold a lock of their own.
func current(lock *flock.Flock, path string) bool {
	mine, err := lock.Stat()
	if err != nil {
		return false
	}
	theirs, err := os.Stat(path)
	return err == nil && os.SameFile(mine, theirs)
}

// Unlock frees the lock. The file stays: removing it would leave the next
// holder with a lock that no one else sees. It does nothing on a nil Held, or
// when called again.
func (h *Held) Unlock() {
	if h != nil {
		_ = h.lock.Unlock()
	}
}

// refusal is the note that an exchange was cancelled or ran out of time. It
// lies beside the lock file and is read and written under the lock.
type refusal struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (h *Held) refusalPath() string { return h.path[:len(h.path)-len(".lock")] + ".refused" }

// NoteRefusal tells those who already wait for the lock that the person
// refused, or did not enter, a code, so that 50 parallel processes do not open
// 50 dialogs. reason is shown to people and holds no secret.
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

// Refusal returns the last refusal and when it was. How long it holds is the
// caller's to say. A damaged note, or one from the future, as after a clock was
// set back, is none: it could hold for years.
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

// ClearRefusal takes the note away, once a code was given.
func (h *Held) ClearRefusal() {
	sweep(filepath.Dir(h.path))
	_ = os.Remove(h.refusalPath())
}
