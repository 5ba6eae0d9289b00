//go:build darwin && !cgo

package tray

import (
	"context"
	"fmt"
)

// The tray library needs Cocoa on macOS, and Cocoa needs cgo.
func connect(context.Context) (desktop, error) {
	return nil, fmt.Errorf("%w: this build has no support for the macOS menu bar; build with CGO_ENABLED=1", ErrNoTray)
}

func newBackend() backend { return nil }
