package shell

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

// Windows itself splits what QuoteWindows wrote.
func TestWindowsSplitsIt(t *testing.T) {
	const letters = "ab \t'\"\\\\&%^é"
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		words := []string{"first.exe"} // the first one is split by other rules
		for range 3 {
			var word strings.Builder
			for range random.IntN(8) {
				word.WriteRune([]rune(letters)[random.IntN(len([]rune(letters)))])
			}
			words = append(words, word.String())
		}
		line := join(words, QuoteWindows)
		if got, err := windows.DecomposeCommandLine(line); !slices.Equal(got, words) || err != nil {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
}
