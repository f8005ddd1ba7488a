package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// refusal is the note that an exchange was cancelled or ran out of time. It lies beside the lock file and is read and
// written under the lock.
type refusal struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (h *Held) refusalPath() string { return h.path[:len(h.path)-len(".lock")] + ".refused" }

// NoteRefusal leaves word for those who already wait for the lock that the person would not, or did not, give a code, so
// that 50 parallel processes do not open 50 dialogs. reason is shown to people and holds no secret.
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

// Refusal returns the last refusal and when it was. How long it holds is the caller's to say. A damaged note, or one
// from the future, as after a clock was set back, is none: it could hold for years.
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
