package atomicfile

import "syscall"

// errReadOnly is ERROR_WRITE_PROTECT.
var errReadOnly error = syscall.Errno(19)
