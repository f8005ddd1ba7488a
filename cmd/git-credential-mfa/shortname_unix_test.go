//go:build unix

package main

func shortName(path string) string { return path }
