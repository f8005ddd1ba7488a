package atomicfile

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/git-credential-mfa/git-credential-mfa/internal/bounded"
)

// The Restart Manager, which tells installers which programs to close.
var (
	restartManager      = windows.NewLazySystemDLL("rstrtmgr.dll")
	rmStartSession      = restartManager.NewProc("RmStartSession")
	rmRegisterResources = restartManager.NewProc("RmRegisterResources")
	rmGetList           = restartManager.NewProc("RmGetList")
	rmEndSession        = restartManager.NewProc("RmEndSession")
)

// rmProcessInfo is RM_PROCESS_INFO of RestartManager.h.
type rmProcessInfo struct {
	process     uint32
	started     windows.Filetime
	application [256]uint16
	service     [64]uint16
	kind        uint32
	status      uint32
	session     uint32
	restartable uint32
}

// holderLimit is how long the Restart Manager may take.
const holderLimit = 2 * time.Second

// holders returns the programs that have a file open, such as "Notepad (process
// 4711)", or "" if that is not known.
func holders(file string) string {
	list, _ := bounded.Do(context.Background(), holderLimit, func() ([]rmProcessInfo, error) { return listHolders(file), nil })
	return describe(list)
}

// describe names at most three programs, without this one.
func describe(list []rmProcessInfo) string {
	var names []string
	for _, info := range list {
		name := windows.UTF16ToString(info.application[:])
		if name == "" || int(info.process) == os.Getpid() {
			continue
		}
		if len(names) == 3 {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%s (process %d)", name, info.process))
	}
	return strings.Join(names, ", ")
}

// listHolders asks the Restart Manager, and returns nil if it fails.
func listHolders(file string) []rmProcessInfo {
	path, err := windows.UTF16PtrFromString(file)
	if err != nil || rmGetList.Find() != nil {
		return nil
	}
	var session uint32
	var key [33]uint16 // CCH_RM_SESSION_KEY and a NUL
	if status, _, _ := rmStartSession.Call(uintptr(unsafe.Pointer(&session)), 0, uintptr(unsafe.Pointer(&key))); status != 0 {
		return nil
	}
	defer rmEndSession.Call(uintptr(session))
	if status, _, _ := rmRegisterResources.Call(uintptr(session), 1, uintptr(unsafe.Pointer(&path)), 0, 0, 0, 0); status != 0 {
		return nil
	}
	// The second call has room for eight more programs than the first reported,
	// because others may open the file meanwhile.
	list := make([]rmProcessInfo, 8)
	for range 2 {
		var needed, reasons uint32
		count := uint32(len(list))
		status, _, _ := rmGetList.Call(uintptr(session), uintptr(unsafe.Pointer(&needed)), uintptr(unsafe.Pointer(&count)),
			uintptr(unsafe.Pointer(&list[0])), uintptr(unsafe.Pointer(&reasons)))
		switch {
		case status == 0 && int(count) <= len(list):
			return list[:count]
		case syscall.Errno(status) != windows.ERROR_MORE_DATA:
			return nil
		}
		list = make([]rmProcessInfo, needed+8)
	}
	return nil
}
