//go:build windows || (darwin && cgo)

package tray

import "context"

// builtin is a desktop whose tray is part of it: always there, and never lost
// before the program's own end.
type builtin struct{ present chan bool }

func connect(context.Context) (desktop, error) {
	b := builtin{make(chan bool, 1)}
	b.present <- true
	return b, nil
}

func (b builtin) hosts() <-chan bool                   { return b.present }
func (builtin) introduce()                             {}
func (builtin) lost() <-chan struct{}                  { return nil }
func (builtin) setLabel(string) error                  { return nil }
func (builtin) again(context.Context) (desktop, error) { return nil, ErrLost }
func (builtin) close()                                 {}
