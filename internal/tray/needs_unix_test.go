//go:build linux

package tray

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// wishes are a portal and an accessibility bus.
type wishes struct {
	mu       sync.Mutex
	contrast uint32
	gnome    bool
	reader   bool
}

func (w *wishes) Read(space, key string) (dbus.Variant, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case space == appearance && key == "contrast":
		return dbus.MakeVariant(dbus.MakeVariant(w.contrast)), nil // as the portal wraps it
	case space == gnomeA11y && key == "high-contrast":
		return dbus.MakeVariant(dbus.MakeVariant(w.gnome)), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.portal.Error.NotFound", nil)
}

func (w *wishes) Get(_, _ string) (dbus.Variant, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return dbus.MakeVariant(w.reader), nil
}

func (w *wishes) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func TestNeedsOfTheDesktop(t *testing.T) {
	address, _ := privateBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan Needs, 16), make(chan struct{})
	go func() {
		defer close(ended)
		watchNeeds(ctx, func(n Needs) { told <- n })
	}()
	next := func() Needs {
		t.Helper()
		select {
		case n := <-told:
			return n
		case <-time.After(10 * time.Second):
			require.Fail(t, "nothing is told")
			return Needs{}
		}
	}

	// The services come up after the program, as at a login.
	conn, err := dbus.Connect(address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	w := &wishes{contrast: 1}
	require.NoError(t, conn.Export(w, portalPath, portalFace))
	require.NoError(t, conn.Export(w, a11yPath, propsFace))
	own := func(name string) {
		_, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
		require.NoError(t, err)
	}
	own(portalName)
	require.Equal(t, Needs{Contrast: true}, next())
	w.set(func() { w.reader = true })
	own(a11yName)
	require.Equal(t, Needs{Contrast: true, Reader: true}, next())

	w.set(func() { w.contrast = 0 })
	require.NoError(t, conn.Emit(portalPath, portalFace+".SettingChanged", appearance, "contrast", dbus.MakeVariant(uint32(0))))
	require.Equal(t, Needs{Reader: true}, next())
	w.set(func() { w.gnome, w.reader = true, false })
	require.NoError(t, conn.Emit(a11yPath, propsFace+".PropertiesChanged", a11yStatus, map[string]dbus.Variant{"ScreenReaderEnabled": dbus.MakeVariant(false)}, []string{}))
	require.Equal(t, Needs{Contrast: true}, next())

	cancel()
	<-ended
}

func TestNeedsWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	watchNeeds(t.Context(), func(Needs) { t.Error("nobody could tell") })
}
