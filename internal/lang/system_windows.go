package lang

import "golang.org/x/sys/windows"

// System is the locale that the user's Windows speaks, such as "de-AT", or ""
// when it says nothing.
func System() string {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}
