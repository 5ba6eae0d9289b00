//go:build windows || darwin

package notify

import (
	"context"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Inhibit keeps the computer from going to sleep until release is called. On
// this system it cannot.
func Inhibit(context.Context, string) (release func(), err error) {
	return func() {}, ErrNoInhibitor
}

// WillSleep tells after how long without use the computer goes to sleep by
// itself. On this system it cannot.
func WillSleep(context.Context) (known bool, after time.Duration, text string) {
	return false, 0, lang.T(sleepUntold)
}

// PowerState tells where the computer's power comes from. On this system it
// cannot.
func PowerState(context.Context) Power { return Power{Percent: -1} }
