//go:build unix

package cli

// shortName is for Windows.
func shortName(path string) string { return path }
