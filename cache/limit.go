//go:build linux || darwin

package cache

import "time"

// answerLimit bounds one operation with a daemon, the connection included: git waits for us, and one that was stopped
// never answers.
const answerLimit = 2 * time.Second
