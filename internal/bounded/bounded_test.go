package bounded

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestDo(t *testing.T) {
	failed := errors.New("failed")
	if got, err := Do(t.Context(), time.Minute, func() (int, error) { return 1, failed }); got != 1 || err != failed {
		t.Errorf("%d, %v", got, err)
	}
	hangs := func() (int, error) {
		time.Sleep(time.Minute)
		return 1, nil
	}
	if got, err := Do(t.Context(), time.Millisecond, hangs); got != 0 || !errors.Is(err, ErrTimeout) || err.Error() != "no answer within 1ms" {
		t.Errorf("%d, %v", got, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Do(ended, time.Minute, hangs); err != context.Canceled {
		t.Error(err)
	}
}
