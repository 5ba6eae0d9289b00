//go:build linux

package tray

import (
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// FuzzNewOwner reads any signal as the coming or going of a panel.
func FuzzNewOwner(f *testing.F) {
	f.Add("org.freedesktop.DBus.NameOwnerChanged", watcherName, "", ":1.5", uint8(3))
	f.Add("org.freedesktop.DBus.NameOwnerChanged", watcherName, ":1.5", "", uint8(3))
	f.Add("org.freedesktop.DBus.NameAcquired", ":1.5", "", "", uint8(1))
	f.Add("", "", "", "", uint8(0))
	f.Fuzz(func(t *testing.T, name, first, second, third string, shape uint8) {
		body := []any{first, second, third, uint32(7), nil}[:shape%6]
		if shape&64 != 0 && len(body) > 2 {
			body[2] = uint32(1)
		}
		present, ok := newOwner(&dbus.Signal{Name: name, Body: body})
		if ok {
			require.Len(t, body, 3)
			require.Equal(t, third != "", present)
			require.Equal(t, watcherName, first)
		}
	})
}
