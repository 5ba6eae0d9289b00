//go:build !windows && !darwin

package lang

import "os"

// System is the locale that the user's desktop speaks, such as "de_AT.UTF-8",
// or "" when it says nothing. The first of LANGUAGE is asked only where a
// locale is set at all, as gettext does.
func System() string { return fromEnvironment(os.Getenv) }
