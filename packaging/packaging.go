// Package packaging holds the files that make llutray a program of the
// desktop. They are embedded, so that what a package ships and what the
// program installs by itself are one file.
package packaging

import _ "embed"

// DesktopEntry is the freedesktop.org desktop entry of the program.
//
//go:embed llutray.desktop
var DesktopEntry string
