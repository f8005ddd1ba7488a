package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

// TestHolding is no test but the other program of the next one: it holds the
// file of the variable until its stdin ends.
func TestHolding(t *testing.T) {
	file := os.Getenv("HELD_FILE")
	if file == "" {
		t.Skip("nothing to hold")
	}
	handle := hold(t, file)
	defer windows.CloseHandle(handle)
	fmt.Println("holding")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

func hold(t *testing.T, file string) windows.Handle {
	t.Helper()
	name, _ := windows.UTF16PtrFromString(file)
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return handle
}

// The program that has a file open is named. Wine does not know it, and the
// message goes without.
func TestHolder(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "日本 x")
	for _, file := range []string{from, to} {
		if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := exec.Command(os.Args[0], "-test.run=^TestHolding$")
	other.Env = append(os.Environ(), "HELD_FILE="+to)
	stdin, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := other.StdoutPipe()
	if err == nil {
		err = other.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close(); _ = other.Wait() })
	for lines := bufio.NewScanner(stdout); lines.Scan() && lines.Text() != "holding"; {
	}
	err = Rename(from, to)
	named := strings.Contains(fmt.Sprint(err), fmt.Sprintf(" (process %d): ", other.Process.Pid))
	if wine := windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil; !errors.Is(err, ErrHeld) || !named && !wine {
		t.Error(err)
	}
	t.Log(err)
}

// This process is not named, and no more than three are.
func TestDescribe(t *testing.T) {
	var list []rmProcessInfo
	for i, name := range []string{"ours", "Notepad", "", "Visual Studio Code", "b", "c"} {
		info := rmProcessInfo{process: uint32(os.Getpid() + i*4)}
		long, _ := windows.UTF16FromString(name)
		copy(info.application[:], long)
		list = append(list, info)
	}
	pid := os.Getpid()
	if size := unsafe.Sizeof(rmProcessInfo{}); size != 668 {
		t.Errorf("%d bytes, not RM_PROCESS_INFO", size)
	}
	want := fmt.Sprintf("Notepad (process %d), Visual Studio Code (process %d), b (process %d), …", pid+4, pid+12, pid+16)
	if got := describe(list); got != want {
		t.Error(got)
	}
	if got := describe(list[:1]); got != "" {
		t.Error(got)
	}
}
