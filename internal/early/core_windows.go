package early

// forbidCores does nothing: Windows writes no memory of a program to the disk
// unless an administrator has it do so (Windows Error Reporting, LocalDumps).
func forbidCores() {}
