package cli

import (
	"context"
	"os"
)

// ReaderGone does nothing: Windows tells a writer of a pipe about its reader
// only when it writes.
func ReaderGone(*os.File) func(context.Context) <-chan struct{} { return nil }
