//go:build !windows && !darwin

package notify

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// fakeLogin is a login service as a session's program sees it.
type fakeLogin struct {
	t    *testing.T
	conn *dbus.Conn

	mu     sync.Mutex
	props  map[string]map[string]any // by interface
	byPID  bool                      // knows the caller's session by its process
	refuse string                    // error name of Inhibit
	hang   chan struct{}             // Inhibit waits for it to be closed
	asked  []string                  // the arguments of Inhibit
	ends   []*os.File                // the read ends of the locks given out
	copies []int                     // the fake's own ends of them
}

const ownPath dbus.ObjectPath = "/org/freedesktop/login1/session/_32"

// systemBus starts a bus that is the system's for this test.
func systemBus(t *testing.T) *bus {
	t.Helper()
	b := startBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", b.address)
	return b
}

func startLogin(b *bus) *fakeLogin {
	b.t.Helper()
	f := &fakeLogin{t: b.t, conn: b.connect(), byPID: true, props: map[string]map[string]any{}}
	b.t.Cleanup(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, fd := range f.copies {
			_ = unix.Close(fd)
		}
		for _, r := range f.ends {
			_ = r.Close()
		}
	})
	require.NoError(b.t, f.conn.Export(f, loginPath, loginManager))
	for _, path := range []dbus.ObjectPath{loginPath, ownPath} {
		require.NoError(b.t, f.conn.Export(f, path, "org.freedesktop.DBus.Properties"))
	}
	_, err := f.conn.RequestName(loginName, dbus.NameFlagDoNotQueue)
	require.NoError(b.t, err)
	return f
}

func (f *fakeLogin) set(iface, name string, value any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.props[iface] == nil {
		f.props[iface] = map[string]any{}
	}
	f.props[iface][name] = value
}

// Get is called over the bus.
func (f *fakeLogin) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.props[iface][name]
	if !ok {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
	}
	return dbus.MakeVariant(v), nil
}

// GetSessionByPID is called over the bus.
func (f *fakeLogin) GetSessionByPID(pid uint32) (dbus.ObjectPath, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.byPID || pid != uint32(os.Getpid()) {
		return "/", dbus.NewError(loginName+".NoSessionForPID", nil)
	}
	return ownPath, nil
}

// GetSession is called over the bus.
func (f *fakeLogin) GetSession(id string) (dbus.ObjectPath, *dbus.Error) {
	if id != "auto" {
		return "/", dbus.NewError(loginName+".NoSuchSession", nil)
	}
	return ownPath, nil
}

// Inhibit is called over the bus.
func (f *fakeLogin) Inhibit(what, who, why, mode string) (dbus.UnixFD, *dbus.Error) {
	f.mu.Lock()
	hang := f.hang
	f.asked = append(f.asked, what, who, why, mode)
	refuse := f.refuse
	f.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if refuse != "" {
		return 0, dbus.NewError(refuse, nil)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	fd, err := unix.Dup(int(w.Fd()))
	_ = w.Close()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	f.mu.Lock()
	f.ends, f.copies = append(f.ends, r), append(f.copies, fd)
	f.mu.Unlock()
	return dbus.UnixFD(fd), nil
}

// letGo closes the fake's copies, as logind does once the reply took its own
// along: the caller's is the only one that stays open.
func (f *fakeLogin) letGo() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fd := range f.copies {
		_ = unix.Close(fd)
	}
	f.copies = nil
}

// held reports whether lock i is still held by anybody.
func (f *fakeLogin) held(i int) bool {
	f.mu.Lock()
	r := f.ends[i]
	f.mu.Unlock()
	_ = r.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, err := r.Read(make([]byte, 1))
	return os.IsTimeout(err)
}
