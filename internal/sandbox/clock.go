package sandbox

import (
	"sync"
	"time"
)

// Clock is the world's time: the machine's, moved by an offset. It drives
// codes, signature ages, session expiry and Date headers; the program under
// test keeps the machine's own time, so an offset is to it a wrong clock.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
}

// Now is the time in the world, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset).UTC()
}

// SetOffset puts the world's clock d ahead of the machine's.
func (c *Clock) SetOffset(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = d
}

// Advance moves the world's clock on by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}
