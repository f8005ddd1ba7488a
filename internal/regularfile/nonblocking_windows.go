package regularfile

// nonBlocking is nothing on Windows: no named pipe lies among the files there.
const nonBlocking = 0
