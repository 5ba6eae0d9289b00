//go:build windows || darwin

package notify

import "context"

// watch finds nobody to ask on this system.
func (s *Screen) watch(context.Context) {}
