//go:build unix

package early

import "syscall"

// forbidCores keeps the program's memory, which holds keys and tokens, out of
// core files, also those of the programs that it starts. What a system without
// the limit does otherwise is no reason to stop.
func forbidCores() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) } // mutation: no secret in a core file
