// Package desktoptest runs a real desktop without a screen: an X server, a
// window manager, a panel, a notification daemon and a keyring, all on a private
// bus and in private folders. Its own test is the program as people run it on
// XFCE; the pictures of the README are made by the same run. With the build tag
// desktops it does the same on the others, heavier to install: a list of their
// packages each is in the folder desktops.
//
// Nothing of the user's desktop is seen or touched, and every process that is
// started is ended by its own id.
package desktoptest

import (
	_ "embed"
	"strings"
)

//go:embed packages.txt
var packagesFile string

// Packages are the Debian packages that the tests of the whole project need,
// those of this package among them.
func Packages() []string { return strings.Fields(packagesFile) }
