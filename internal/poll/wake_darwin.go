package poll

import (
	"time"

	"golang.org/x/sys/unix"
)

// asleep is the time spent in sleep since boot: CLOCK_MONOTONIC_RAW counts
// it, CLOCK_UPTIME_RAW, which the runtime's timers go by, does not.
func asleep() (time.Duration, bool) {
	const monotonicRaw, uptimeRaw = 4, 8 // <time.h>
	var all, awake unix.Timespec
	if unix.ClockGettime(monotonicRaw, &all) != nil || unix.ClockGettime(uptimeRaw, &awake) != nil {
		return 0, false
	}
	return time.Duration(all.Nano() - awake.Nano()), true
}
