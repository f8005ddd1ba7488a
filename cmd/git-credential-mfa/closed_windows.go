package main

import "os"

// wasClosed reports whether a standard stream was closed when the program
// started.
func wasClosed(stream *os.File) bool {
	_, err := stream.Stat()
	return err != nil
}
