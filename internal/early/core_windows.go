package early

// forbidCores does nothing: Windows writes a program's memory to the disk only if
// an administrator has configured it (Windows Error Reporting, LocalDumps).
func forbidCores() {}
