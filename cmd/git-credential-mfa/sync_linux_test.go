package main

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// After a power cut there is the old file or the new one: it is on the disk
// before it has its name, and the folder is after.
func TestSyncedBeforeNamed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	r, writes := l.underKiller(0, l.phone()+"\n", "login", "--code", "-")
	if r.status != 0 {
		t.Fatal(r)
	}
	files := slices.DeleteFunc(writes, func(number uint64) bool {
		return number != unix.SYS_FSYNC && number != unix.SYS_RENAMEAT && number != unix.SYS_RENAMEAT2
	})
	if len(files) < 3 || len(files)%3 != 0 {
		t.Errorf("%d calls of fsync and rename", len(files))
	}
	for i, number := range files {
		if (number == unix.SYS_FSYNC) != (i%3 != 1) {
			t.Errorf("not fsync, rename, fsync: %v", files)
			break
		}
	}
}
