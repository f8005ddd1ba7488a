//go:build unix

package atomicfile

import "syscall"

// errReadOnly is for a file system that nobody can write to, as NixOS has it
// for what a user's configuration is made of.
var errReadOnly error = syscall.EROFS
