package cli

import (
	"slices"
	"testing"
)

// The settings that can come from the command line are its global options.
func TestGlobalOptions(t *testing.T) {
	var flags, options []string
	for _, f := range globalFlags() {
		flags = append(flags, f.Names()[0])
	}
	for _, o := range globalOptions {
		options = append(options, o.flag)
	}
	if !slices.Equal(flags, options) {
		t.Errorf("%q are the flags, %q the options", flags, options)
	}
}
