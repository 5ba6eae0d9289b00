package lang

import (
	"os"

	"golang.org/x/sys/windows"
)

// System is the locale that the user's Windows speaks, such as "de-AT", or ""
// when it says nothing.
func System() string {
	if os.Getenv("LC_ALL") != "" {
		return fromEnvironment(os.Getenv) // nothing of Windows sets it, only somebody who means it
	}
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}
