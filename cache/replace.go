package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// writeFile puts data in path's place in one step: a reader sees the old file or the new one, and so does the machine
// after a power cut, for which the file must be on the disk before its name is, and the folder after it.
func writeFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, tempPrefix+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	if _, err = temp.Write(data); err != nil {
		return err
	}
	if err = temp.Sync(); err != nil {
		return err
	}
	if err = temp.Close(); err != nil {
		return err
	}
	if err = patiently(func() error { return os.Rename(temp.Name(), path) }); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// syncDir does what it can: Windows has no such call, and some network file systems refuse it.
func syncDir(dir string) {
	if folder, err := os.Open(dir); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// patiently tries again on Windows, where a file that another process has open for a moment, a virus scanner for one,
// can be neither replaced nor removed, and one that is just being replaced can't be opened.
func patiently(do func() error) error {
	const sharingViolation = syscall.Errno(32)
	err := do()
	for try := 0; try < 50 && runtime.GOOS == "windows"; try++ {
		if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, sharingViolation) {
			break
		}
		time.Sleep(10 * time.Millisecond)
		err = do()
	}
	return err
}
