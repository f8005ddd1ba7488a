package regularfile

// nonBlocking is nothing on Windows: no named pipe lies among the files there,
// so there is no need for a second look either, during which others could not
// replace the file.
const nonBlocking = 0
