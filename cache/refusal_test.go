package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRefusal(t *testing.T) {
	dir := t.TempDir()
	held, err := tryLock(dir, "A", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := held.Refusal(); ok {
		t.Error("there is none yet")
	}
	before := time.Now()
	if err := held.NoteRefusal("cancelled"); err != nil {
		t.Fatal(err)
	}
	held.Unlock()
	held, err = tryLock(dir, "A", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	at, reason, ok := held.Refusal()
	if !ok || reason != "cancelled" || at.Before(before.Add(-time.Second)) || at.After(time.Now()) {
		t.Errorf("%v %q %v", at, reason, ok)
	}
	other, err := tryLock(dir, "B", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := other.Refusal(); ok {
		t.Error("it is another identity's")
	}
	other.Unlock()
	future := fmt.Sprintf(`{"at":%q,"reason":"x"}`, time.Now().Add(time.Hour).Format(time.RFC3339))
	for _, text := range []string{"", "{", "{}", "null", future} {
		_ = os.WriteFile(held.refusalPath(), []byte(text), 0o600)
		if _, _, ok := held.Refusal(); ok {
			t.Errorf("%s is none", text)
		}
	}
	held.ClearRefusal()
	held.ClearRefusal()
	if entries, _ := filepath.Glob(filepath.Join(dir, "*.refused")); len(entries) != 0 {
		t.Errorf("left: %v", entries)
	}
}
