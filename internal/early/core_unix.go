//go:build unix

package early

import "syscall"

// forbidCores keeps keys and tokens in memory out of core files of this program,
// and of the programs that it starts. An error is ignored.
func forbidCores() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) } // mutation: no secret in a core file
