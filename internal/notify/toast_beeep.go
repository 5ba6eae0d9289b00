//go:build windows || darwin

package notify

import "github.com/gen2brain/beeep"

func newBackend(opts Options, _ func(Event)) backend {
	return newToaster(opts, func(app, title, body, icon string, audible bool) error {
		beeep.AppName = app // one toast at a time: nobody reads it meanwhile
		if audible {
			return beeep.Alert(title, body, icon)
		}
		return beeep.Notify(title, body, icon)
	})
}
