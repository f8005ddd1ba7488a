package early

import "os"

// WasClosed reports whether a standard stream was closed when the program
// started.
func WasClosed(stream *os.File) bool {
	_, err := stream.Stat()
	return err != nil
}
