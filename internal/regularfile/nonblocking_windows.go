package regularfile

// nonBlocking is 0 on Windows, where no named pipe is among the files. So no
// second check is needed, during which others could not replace the file.
const nonBlocking = 0
