package main

import "golang.org/x/sys/windows"

// shortName is the name that Windows has for old programs, C:\USERS\XAVIER~1.
func shortName(path string) string {
	long, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return path
	}
	var short [windows.MAX_LONG_PATH]uint16
	if n, err := windows.GetShortPathName(long, &short[0], uint32(len(short))); err != nil || n == 0 {
		return path
	}
	return windows.UTF16ToString(short[:])
}

// underWine is true for tests of the Windows build on Linux.
func underWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}
