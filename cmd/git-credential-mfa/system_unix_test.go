//go:build unix

package main

func shortName(path string) string { return path }

// underWine is true for tests of the Windows build on Linux.
func underWine() bool { return false }
