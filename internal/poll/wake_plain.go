//go:build !linux && !darwin

package poll

import "time"

// asleep is not told. On Windows the runtime's monotonic clock goes on in
// sleep, so that a late heartbeat shows it.
func asleep() (time.Duration, bool) { return 0, false }
