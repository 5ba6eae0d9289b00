//go:build !windows

package poll

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// systemZone returns a text that changes when the system's zone does, and the
// zone; nil when it cannot be read, as for a moment while it is replaced.
func systemZone(file string) (string, *time.Location) {
	if tz, set := os.LookupEnv("TZ"); set {
		return "TZ=" + tz, nil // the user's own choice holds
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", nil
	}
	name := "Local"
	if target, err := filepath.EvalSymlinks(file); err == nil {
		if _, zone, ok := strings.Cut(filepath.ToSlash(target), "/zoneinfo/"); ok {
			name = zone
		}
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return "", nil
	}
	return name + "\x00" + string(data), loc
}
