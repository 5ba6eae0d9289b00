//go:build linux

package tray

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// Anybody on the session bus can send anything to the tray's connections, past
// their match rules: no signal and no call may end the program, and a panel
// that is restarted afterwards gets its icon and menu back.
func TestNeighboursCannotEndTheTray(t *testing.T) {
	address, _ := privateBus(t)
	p := newPanel(t, address)
	c := startChild(t, "DBUS_SESSION_BUS_ADDRESS="+address)
	c.show(quiet())
	p.appear()
	p.settle()
	p.menu()

	neighbour, err := dbus.Connect(address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = neighbour.Close() })
	var names, theirs []string
	require.NoError(t, neighbour.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names))
	for _, n := range names {
		var pid uint32
		if n[0] == ':' && neighbour.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, n).Store(&pid) == nil && int(pid) == c.cmd.Process.Pid {
			theirs = append(theirs, n)
		}
	}
	require.GreaterOrEqual(t, len(theirs), 2, "the library's connection and ours")

	r := rand.New(rand.NewPCG(7, 7))
	values := []any{
		"", "x", watcherName, itemName, int32(-1), int32(1 << 30), uint32(1), uint32(1 << 31), int32(2), true, 1.5, []string{}, []string{"a"}, []int32{-1, 1, 1 << 20},
		dbus.ObjectPath("/"), dbus.MakeVariant("x"), map[string]dbus.Variant{}, []byte{1, 2, 3}, "clicked", "opened", int64(9), []dbus.Variant{dbus.MakeVariant(1)},
	}
	arguments := func() (out []any) {
		for range r.IntN(5) {
			out = append(out, values[r.IntN(len(values))])
		}
		return out
	}
	type place struct {
		path        dbus.ObjectPath
		face, names []string
	}
	places := []place{
		{"/org/freedesktop/DBus", []string{"org.freedesktop.DBus"}, []string{"NameOwnerChanged", "NameAcquired", "NameLost"}},
		{itemPath, []string{itemName, "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.Introspectable"}, []string{"Activate", "SecondaryActivate", "ContextMenu", "Scroll", "Get", "GetAll", "Set", "Introspect", "PropertiesChanged"}},
		{itemPath + "/menu", []string{"com.canonical.dbusmenu", "org.freedesktop.DBus.Properties"}, []string{"GetLayout", "GetGroupProperties", "GetProperty", "Event", "EventGroup", "AboutToShow", "AboutToShowGroup", "LayoutUpdated"}},
		{"/org/freedesktop/Notifications", []string{"org.freedesktop.Notifications"}, []string{"ActionInvoked", "NotificationClosed"}},
	}
	send := func(kind dbus.Type, to string, at place, face, name string, body []any) {
		m := &dbus.Message{Type: kind, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(to), dbus.FieldPath: dbus.MakeVariant(at.path),
			dbus.FieldInterface: dbus.MakeVariant(face), dbus.FieldMember: dbus.MakeVariant(name),
		}}
		if len(body) > 0 {
			m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
		}
		if kind == dbus.TypeMethodCall {
			m.Flags = dbus.FlagNoReplyExpected
		}
		require.NoError(t, neighbour.Send(m, nil).Err)
	}
	for range 3000 {
		at := places[r.IntN(len(places))]
		kind := []dbus.Type{dbus.TypeSignal, dbus.TypeMethodCall}[r.IntN(2)]
		send(kind, theirs[r.IntN(len(theirs))], at, at.face[r.IntN(len(at.face))], at.names[r.IntN(len(at.names))], arguments())
	}
	// What is well formed and lies: each property taken over with another kind.
	for _, property := range []string{"Title", "ToolTip", "IconPixmap", "Menu", "Status", "ItemIsMenu", "Nothing"} {
		for _, v := range values {
			neighbour.Object(string(p.item), itemPath).Call("org.freedesktop.DBus.Properties.Set", 0, itemName, property, dbus.MakeVariant(v))
		}
	}

	// The panel ends and comes back.
	_, err = p.conn.ReleaseName(watcherName)
	require.NoError(t, err)
	p.mu.Lock()
	p.items = nil
	p.mu.Unlock()
	for len(p.registered) > 0 {
		<-p.registered
	}
	p.appear()
	require.NotEmpty(t, p.menu().rows(t))
	v := quiet()
	v.Version = "9.9.9"
	c.show(v)
	want := withoutActions(dump(Layout(v), ""))
	require.Eventually(t, func() bool { return dumpMenu(t, p.menu(), "") == want }, 5*time.Second, 5*time.Millisecond)
}

// However many look at the menu once, a panel that goes on to read it is not
// taken for a new one, which would have it drop the submenus.
func TestPanelIsRememberedAmongNeighbours(t *testing.T) {
	m := &menu{}
	sub := m.add(nil, "a submenu", false)
	m.add(sub, "a row", false)
	read := func(from dbus.Sender) (rows int) {
		_, root, err := busMenu{m}.GetLayout(0, -1, nil, from)
		require.Nil(t, err)
		return len(root.Children[0].Value().(wireRow).Children)
	}
	require.Zero(t, read(":panel"), "the first look is at one level")
	for i := range 50 {
		read(dbus.Sender(fmt.Sprint(":", i)))
		require.Equal(t, 1, read(":panel"))
	}
}

func TestPropertiesOfAllRows(t *testing.T) {
	m := &menu{}
	m.add(m.add(nil, "Settings", false), "Unit", true)
	b := busMenu{m}
	all, err := b.GetGroupProperties(nil, nil)
	require.Nil(t, err)
	require.Len(t, all, 3, "the menu itself and two rows")
	require.Equal(t, "Unit", all[2].Properties["label"].Value())
	some, err := b.GetGroupProperties([]int32{2, 9, -1}, nil)
	require.Nil(t, err)
	require.Equal(t, []wireProperties{all[2]}, some)
}
