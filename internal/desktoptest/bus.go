//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// listen starts a bus that nobody else is on, and returns its address. It
// chooses its socket itself: a test's own folder may have a path that is too
// long for one.
func (d *Desktop) listen(name string) (address string) {
	d.tb.Helper()
	r, w, err := os.Pipe()
	d.must(err)
	defer func() { _ = r.Close() }()
	d.start(name, nil, []*os.File{w}, "dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=3")
	d.must(w.Close())
	d.must(r.SetReadDeadline(time.Now().Add(10 * time.Second)))
	if _, err := fmt.Fscanln(r, &address); err != nil {
		d.tb.Fatalf("the bus did not start: %v", err)
	}
	return address
}

// startBus starts a private session bus and tells it the display, for what it
// starts itself.
func (d *Desktop) startBus() {
	d.tb.Helper()
	d.address = d.listen("dbus")
	d.Setenv("DBUS_SESSION_BUS_ADDRESS", d.address)
	d.bus = d.Dial()
	d.tellBus()
	d.monitor = watchNotifications(d)
}

// tellBus gives the bus the environment for what it starts itself.
func (d *Desktop) tellBus() {
	d.tb.Helper()
	environment := map[string]string{}
	for _, kv := range d.env {
		k, v, _ := strings.Cut(kv, "=")
		environment[k] = v
	}
	d.must(d.call(d.bus.BusObject(), "org.freedesktop.DBus.UpdateActivationEnvironment", environment).Err)
}

// Dial opens another connection to the desktop's bus.
func (d *Desktop) Dial() *dbus.Conn {
	d.tb.Helper()
	var c *dbus.Conn
	d.Until("a connection to the bus", 5*time.Second, func() bool {
		var err error
		c, err = dbus.Connect(d.address)
		return err == nil
	})
	return c
}

// Overhear gives hear each message that comes to a monitoring connection, in
// their order, until the connection ends. To end it, call end and not Close.
func Overhear(c *dbus.Conn, hear func(*dbus.Message)) (end func()) {
	messages := make(chan *dbus.Message, 4096)
	c.Eavesdrop(messages)
	go func() {
		for {
			select {
			case m, ok := <-messages:
				if !ok {
					return
				}
				hear(m)
			case <-c.Context().Done():
				return
			}
		}
	}()
	return func() {
		// Close closes the channel, and the connection would still send there
		// what it has read by then: a panic of the whole test.
		c.Eavesdrop(nil)
		_ = c.Close()
	}
}

func (d *Desktop) owned(name string) bool {
	var has bool
	return d.call(d.bus.BusObject(), "org.freedesktop.DBus.NameHasOwner", name).Store(&has) == nil && has
}

// activate has the bus start the program of a name.
func (d *Desktop) activate(name string) {
	d.tb.Helper()
	d.must(d.bus.BusObject().Call("org.freedesktop.DBus.StartServiceByName", 0, name, uint32(0)).Err)
}

func (d *Desktop) waitOwned(name string) {
	d.tb.Helper()
	d.Until(name+" on the bus", 15*time.Second, func() bool { return d.owned(name) })
}

// Secret is one entry of the keyring.
type Secret struct {
	Label      string
	Attributes map[string]string
	Value      []byte
}

const secrets = "org.freedesktop.secrets"

// Secrets is everything in the unlocked keyring, read through the Secret
// Service API as any other program could.
func (d *Desktop) Secrets() []Secret {
	d.tb.Helper()
	service := d.bus.Object(secrets, "/org/freedesktop/secrets")
	var (
		session dbus.ObjectPath
		answer  dbus.Variant
		open    dbus.ObjectPath
	)
	d.must(d.call(service, "org.freedesktop.Secret.Service.OpenSession", "plain", dbus.MakeVariant("")).Store(&answer, &session))
	d.must(d.call(service, "org.freedesktop.Secret.Service.ReadAlias", "default").Store(&open))
	if open == "/" {
		return nil // no collection yet
	}
	items, err := property[[]dbus.ObjectPath](d, d.bus.Object(secrets, open), "org.freedesktop.Secret.Collection.Items")
	d.must(err)
	var out []Secret
	for _, path := range items {
		var (
			s     Secret
			plain struct {
				Session           dbus.ObjectPath
				Parameters, Value []byte
				ContentType       string
			}
		)
		item := d.bus.Object(secrets, path)
		s.Label, err = property[string](d, item, "org.freedesktop.Secret.Item.Label")
		d.must(err)
		s.Attributes, err = property[map[string]string](d, item, "org.freedesktop.Secret.Item.Attributes")
		d.must(err)
		d.must(d.call(item, "org.freedesktop.Secret.Item.GetSecret", session).Store(&plain))
		s.Value = plain.Value
		out = append(out, s)
	}
	return out
}

// callBound is how long anybody on the bus may take to answer: a program that
// hangs must fail the test, not stop it.
const callBound = 5 * time.Second

func (d *Desktop) call(o dbus.BusObject, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(d.tb.Context(), callBound)
	defer cancel()
	return o.CallWithContext(ctx, method, 0, args...)
}

// property reads a property, given with its interface.
func property[T any](d *Desktop, o dbus.BusObject, name string) (value T, err error) {
	var v dbus.Variant
	dot := strings.LastIndexByte(name, '.')
	if err := d.call(o, "org.freedesktop.DBus.Properties.Get", name[:dot], name[dot+1:]).Store(&v); err != nil {
		return value, err
	}
	err = v.Store(&value)
	return value, err
}
