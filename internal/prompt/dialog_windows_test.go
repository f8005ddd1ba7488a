package prompt

import (
	"context"
	"errors"
	"testing"
	"time"
)

// At the limit the window goes, also when it is only just about to come, and
// the next one can be put up.
func TestWindowsDialogLimit(t *testing.T) {
	d, err := (&Prompter{}).dialog()
	if err != nil {
		t.Skip(err)
	}
	for _, limit := range []time.Duration{300 * time.Millisecond, 0} {
		for _, rows := range [][]string{nil, {"1  a", "2  b"}} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			start := time.Now()
			answer, err := (&box{lines: []string{"a & b", ""}, rows: rows}).run(ctx)
			cancel()
			if errors.Is(err, ErrImpossible) {
				t.Skip(err) // Wine without a display; a test of the command runs this one with one
			}
			if !errors.Is(err, context.DeadlineExceeded) || answer != "" || time.Since(start) > 20*time.Second {
				t.Errorf("%s: %v: %q, %v after %v", d.name(), limit, answer, err, time.Since(start))
			}
		}
	}
}

// A template is read by its offsets: controls begin at multiples of 4 bytes,
// and long lines get the room to be wrapped.
func TestWindowsDialogTemplate(t *testing.T) {
	short := (&box{lines: []string{"a"}}).template()
	long := (&box{lines: []string{string(make([]rune, 200))}}).template()
	const height = 8 // the style, the other style, the number, x, y and the width come first
	if short[4] != 4 || long[height] <= short[height] {
		t.Errorf("%d controls, heights %d and %d", short[4], short[height], long[height])
	}
}
