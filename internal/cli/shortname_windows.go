package cli

import "golang.org/x/sys/windows"

// shortName is the name that Windows has for old programs, C:\Users\ALICEB~1,
// or the path itself.
func shortName(path string) string {
	long, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return path
	}
	var short [windows.MAX_LONG_PATH]uint16
	n, err := windows.GetShortPathName(long, &short[0], uint32(len(short)))
	if err != nil || n == 0 || int(n) > len(short) {
		return path
	}
	return windows.UTF16ToString(short[:n])
}
