package prompt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Neither the bash that starts Linux nor one of the folder that git stands in
// is MSYS's.
func TestMSYSBash(t *testing.T) {
	dir := t.TempDir()
	program := func(folder string) string {
		path := filepath.Join(dir, folder, "bash.exe")
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, nil, 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	windowsFolder := filepath.Join(dir, "Windows")
	msys, linux, store := program(`Git\usr\bin`), program(`Windows\System32`), program(`Microsoft\WindowsApps`)
	t.Chdir(filepath.Dir(msys))
	for _, c := range []struct {
		path []string
		want string
	}{
		{[]string{linux, store, msys}, msys},
		{[]string{linux, store}, ""},
		{[]string{strings.ToUpper(linux)}, ""},
		{[]string{`.\bash.exe`, `bash.exe`}, ""},
		{nil, ""},
	} {
		var folders []string
		for _, file := range c.path {
			folders = append(folders, filepath.Dir(file))
		}
		if got := msysBash(strings.Join(folders, ";"), windowsFolder); got != c.want {
			t.Errorf("%v: %s", folders, got)
		}
	}
}
