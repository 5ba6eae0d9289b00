//go:build linux

package desktoptest

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// TestOverhearingEnds: what comes while the connection is closed is no panic.
func TestOverhearingEnds(t *testing.T) {
	bus := newClosingBus(t)
	c, err := dbus.NewConn(bus)
	require.NoError(t, err)
	require.NoError(t, c.Auth([]dbus.Auth{dbus.AuthAnonymous()}))
	end := Overhear(c, func(*dbus.Message) {})
	end()
	require.False(t, c.Connected())
}

// closingBus is a bus whose last messages arrive while the connection to it is
// being closed.
type closingBus struct {
	io.Reader
	out     *io.PipeWriter
	message []byte
}

func newClosingBus(t *testing.T) *closingBus {
	message := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:      dbus.MakeVariant(dbus.ObjectPath("/")),
		dbus.FieldInterface: dbus.MakeVariant("a.b"),
		dbus.FieldMember:    dbus.MakeVariant("C"),
	}}
	var b bytes.Buffer
	require.NoError(t, message.EncodeTo(&b, binary.LittleEndian))
	in, out := io.Pipe()
	return &closingBus{in, out, b.Bytes()}
}

// Write answers the lines of a sign-in to the bus.
func (c *closingBus) Write(p []byte) (int, error) {
	switch {
	case bytes.HasPrefix(p, []byte("AUTH ANONYMOUS")):
		go c.out.Write([]byte("OK 0\r\n"))
	case bytes.HasPrefix(p, []byte("AUTH")):
		go c.out.Write([]byte("REJECTED ANONYMOUS\r\n"))
	}
	return len(p), nil
}

// Close writes two: the first has been dispatched when the second is read.
func (c *closingBus) Close() error {
	for range 2 {
		if _, err := c.out.Write(c.message); err != nil {
			return err
		}
	}
	return c.out.Close()
}
