package lang

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"strings"
	"time"
)

// System is the locale that the user's Mac speaks, such as "de-AT", or ""
// when it says nothing. A program that the Finder starts has no environment
// that would tell.
func System() string {
	if os.Getenv("LC_ALL") != "" {
		return fromEnvironment(os.Getenv) // nothing sets it but somebody who means it
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, _ := exec.CommandContext(ctx, "/usr/bin/defaults", "read", "-g", "AppleLanguages").Output()
	return cmp.Or(first(string(out)), fromEnvironment(os.Getenv))
}

// first is the first entry of a property list's array: ( "de-AT", en ).
func first(list string) string {
	for entry := range strings.SplitSeq(strings.Trim(strings.TrimSpace(list), "()"), ",") {
		if entry = strings.Trim(strings.TrimSpace(entry), `"`); entry != "" {
			return entry
		}
	}
	return ""
}
