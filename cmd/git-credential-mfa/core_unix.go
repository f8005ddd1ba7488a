//go:build unix

package main

import "golang.org/x/sys/unix"

// forbidCores keeps the program's memory, which holds keys and tokens, out of
// core files, also those of the programs that it starts. What a system without
// the limit does otherwise is no reason to stop.
func forbidCores() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) } // mutation: no secret in a core file
