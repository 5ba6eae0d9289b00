package poll

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// systemZone returns a text that changes when the system's zone does, and the
// zone at its present offset: Windows names zones in its own way, and the
// rules of a newly set one are known to the runtime only after a restart.
func systemZone(string) (string, *time.Location) {
	if tz, set := os.LookupEnv("TZ"); set {
		return "TZ=" + tz, nil
	}
	var z windows.Timezoneinformation
	rc, err := windows.GetTimeZoneInformation(&z)
	if err != nil {
		return "", nil
	}
	const daylight = 2 // TIME_ZONE_ID_DAYLIGHT
	bias, name := z.Bias+z.StandardBias, windows.UTF16ToString(z.StandardName[:])
	id := fmt.Sprintf("%s %d", name, z.Bias)
	if rc == daylight {
		bias, name = z.Bias+z.DaylightBias, windows.UTF16ToString(z.DaylightName[:])
	}
	return id, time.FixedZone(name, -int(bias)*60)
}
