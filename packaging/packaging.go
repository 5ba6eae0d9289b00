// Package packaging holds the files that make llutray a program of the
// desktop. They are embedded, so that what a package ships and what the
// program installs by itself are one file.
package packaging

import (
	_ "embed"
	"strings"
)

//go:embed VERSION
var version string

// Version is the program's version. The file VERSION is the only place that
// holds it.
var Version = strings.TrimSpace(version)

// AppUserModelID is the name under which Windows knows the program's
// notifications. The installer gives it to the shortcut in the Start menu;
// without that, Windows shows a notification but does not keep it.
const AppUserModelID = "llutray"

// DesktopEntry is the freedesktop.org desktop entry of the program.
//
//go:embed llutray.desktop
var DesktopEntry string
