//go:build !windows && !darwin

package notify

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

func picture(t *testing.T, side int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	img.SetNRGBA(0, 0, color.NRGBA{200, 100, 50, 100})
	for i := range side {
		img.SetNRGBA(i, side-1, color.NRGBA{byte(i * 31), byte(i * 57), byte(i), 255})
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func TestSendTellsTheServerAll(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{AppName: "llutray"})

	m := alarm("LOW 3.4 ↓ <John>")
	m.Body, m.Resident, m.Icon = "a < b & c\x00\x1b[31m\n\n\n17:02", true, picture(t, 2)
	require.NoError(t, d.Send(t.Context(), m))

	n := s.got()[0]
	require.Equal(t, "llutray", n.app)
	require.Equal(t, "LOW 3.4 ↓ <John>", n.title, "titles are never markup")
	require.Equal(t, "a &lt; b &amp; c[31m\n17:02", n.body)
	require.Equal(t, []string{"seen", "Seen", "snooze", "Snooze 15 min"}, n.actions)
	require.Equal(t, int32(0), n.expire)
	require.Equal(t, byte(2), n.hints["urgency"].Value())
	require.Equal(t, true, n.hints["resident"].Value())
	require.Equal(t, true, n.hints["suppress-sound"].Value())
	require.Equal(t, "llutray", n.hints["desktop-entry"].Value())
	require.Equal(t, "x-llutray.alarm", n.hints["category"].Value())
	require.NotContains(t, n.hints, "transient")
	require.NotContains(t, n.hints, "sound-name")
	img := n.hints["image-data"]
	require.Equal(t, "(iiibiiay)", dbus.SignatureOf(pixels{}).String())
	require.Equal(t, []byte{200, 100, 50, 100}, img.Value().([]any)[6].([]byte)[:4], "straight alpha")
}

func TestSendKeepsToWhatTheServerCan(t *testing.T) {
	for _, tt := range []struct {
		name        string
		caps        []string
		title, body string
		actions     int
	}{
		{"plain body", []string{"body"}, "LOW 3.4", "<b>&", 0},
		{"title only", []string{"icon-static"}, "LOW 3.4: <b>&", "", 0},
		{"buttons, no markup", []string{"body", "actions"}, "LOW 3.4", "<b>&", 4},
		{"markup, no buttons", []string{"body", "body-markup"}, "LOW 3.4", "&lt;b&gt;&amp;", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startBus(t)
			s := startServer(b, tt.caps...)
			d := newDesktop(t, b, Options{})
			m := alarm("LOW 3.4")
			m.Body = "<b>&"
			require.NoError(t, d.Send(t.Context(), m))
			n := s.got()[0]
			require.Equal(t, tt.title, n.title)
			require.Equal(t, tt.body, n.body)
			require.Len(t, n.actions, tt.actions)
		})
	}
}

func TestShortLabelsWhereAThirdButtonIsCut(t *testing.T) {
	for desktop, want := range map[string]string{"LXQt": "Snooze", "X-Me:LXQt": "Snooze", "XFCE": "Snooze 30 minutes", "": "Snooze 30 minutes"} {
		t.Run(desktop, func(t *testing.T) {
			t.Setenv("XDG_CURRENT_DESKTOP", desktop)
			b := startBus(t)
			s := startServer(b)
			d := newDesktop(t, b, Options{})
			m := Message{Tag: "low", Title: "LOW 3.4", Buttons: []Button{
				{Key: "seen", Label: "Seen"}, {Key: "treated", Label: "Treated"}, {Key: "snooze", Label: "Snooze 30 minutes", Short: "Snooze"},
			}}
			require.NoError(t, d.Send(t.Context(), m))
			m.Buttons = m.Buttons[1:]
			require.NoError(t, d.Send(t.Context(), m))
			require.Equal(t, []string{"seen", "Seen", "treated", "Treated", "snooze", want}, s.got()[0].actions)
			require.Equal(t, []string{"treated", "Treated", "snooze", "Snooze 30 minutes"}, s.got()[1].actions, "there is room for two")
		})
	}
}

func TestHintsByUrgencyAndSound(t *testing.T) {
	all := func(string) bool { return true }
	soft := Message{Urgency: Low, Sound: SoundSoft}
	h := hints(soft, all, Options{})
	require.Equal(t, byte(0), h["urgency"].Value())
	require.Equal(t, true, h["transient"].Value())
	require.Equal(t, int32(-1), arguments(soft, nil, Options{}, 0)[7])

	h = hints(Message{Urgency: Critical, Sound: SoundUrgent}, all, Options{ServerSound: true})
	require.Equal(t, "alarm-clock-elapsed", h["sound-name"].Value())
	require.NotContains(t, h, "suppress-sound")
	h = hints(Message{Urgency: 99, Sound: SoundNone}, all, Options{ServerSound: true})
	require.Equal(t, true, h["suppress-sound"].Value())
	require.Equal(t, byte(2), h["urgency"].Value())
	require.NotContains(t, hints(Message{Icon: []byte("no png")}, all, Options{}), "image-data")
	require.NotContains(t, hints(Message{Icon: picture(t, maxIcon+1)}, all, Options{}), "image-data")
}

func TestOneNotificationATag(t *testing.T) {
	for _, forgets := range []bool{false, true} {
		t.Run(fmt.Sprintf("server forgets: %v", forgets), func(t *testing.T) {
			b := startBus(t)
			s := startServer(b)
			s.set(func(s *fakeServer) { s.forgets = forgets })
			d := newDesktop(t, b, Options{})
			for _, title := range []string{"3.6", "3.5", "3.4"} {
				require.NoError(t, d.Send(t.Context(), alarm(title)))
			}
			require.NoError(t, d.Send(t.Context(), Message{Tag: "no data", Title: "No data"}))
			eventually(t, func() bool { return len(s.onScreen()) == 2 }, "former ones stay")
			require.Equal(t, []string{"3.4", "No data"}, s.onScreen())
			require.NotZero(t, s.got()[1].replaces)
			require.Zero(t, s.got()[3].replaces)

			require.NoError(t, d.Withdraw(t.Context(), "low"))
			require.NoError(t, d.Withdraw(t.Context(), "low"), "twice")
			require.NoError(t, d.Withdraw(t.Context(), "never sent"))
			require.Equal(t, []string{"No data"}, s.onScreen())
			s.closed(t, "No data", 1)
			require.Equal(t, Event{Tag: "no data", Closed: true}, nextEvent(t, d), "withdrawing is no event")
		})
	}
}

func TestOnePressIsOneEvent(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	require.NoError(t, d.Send(t.Context(), Message{Tag: "other", Title: "other"}))

	id := s.id(t, "3.4")
	require.NoError(t, s.conn.Emit(serverPath, sigInvoked, id, "never offered"))
	for range 4 { // as GNOME does
		require.NoError(t, s.conn.Emit(serverPath, sigInvoked, id, "snooze"))
	}
	for range 2 {
		require.NoError(t, s.conn.Emit(serverPath, sigClosed, id, uint32(2)))
	}
	s.closed(t, "other", 2)
	require.Equal(t, Event{Tag: "low", Button: "snooze"}, nextEvent(t, d))
	require.Equal(t, Event{Tag: "other", Closed: true, ByUser: true}, nextEvent(t, d), "nothing between")

	require.NoError(t, d.Send(t.Context(), alarm("3.3")))
	require.Zero(t, s.got()[2].replaces, "a closed one cannot be replaced")
	s.press(t, "3.3", "snooze")
	require.Equal(t, Event{Tag: "low", Button: "snooze"}, nextEvent(t, d), "a new message can be answered anew")
}

func TestPressBeforeTheReplyIsHandled(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	s.set(func(s *fakeServer) { s.atOnce = "seen" })
	d := newDesktop(t, b, Options{})
	for i := range 20 {
		m := alarm("3.4")
		m.Tag = fmt.Sprint(i)
		require.NoError(t, d.Send(t.Context(), m))
		require.Equal(t, Event{Tag: m.Tag, Button: "seen"}, nextEvent(t, d))
	}
}

func TestClosingReasons(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	for reason, byUser := range map[uint32]bool{1: false, 2: true, 3: false, 4: false, 77: false} {
		require.NoError(t, d.Send(t.Context(), alarm(fmt.Sprint(reason))))
		s.closed(t, fmt.Sprint(reason), reason)
		require.Equal(t, Event{Tag: "low", Closed: true, ByUser: byUser}, nextEvent(t, d), "reason %d", reason)
	}
}

// A neighbour must neither answer an alarm in the user's name nor bring us down.
func TestNeighboursAreNotBelieved(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	id := s.id(t, "3.4")
	us := string(s.got()[0].sender)

	neighbour := b.connect()
	for _, conn := range []*dbus.Conn{neighbour, s.conn} {
		for _, body := range [][]any{nil, {id}, {"7", "seen"}, {int32(id), "seen"}, {id, uint32(2), "x"}, {id, []string{"seen"}}, {dbus.MakeVariant(id), "seen"}} {
			unicast(t, conn, us, "ActionInvoked", body...)
		}
		for _, body := range [][]any{nil, {id}, {"7", uint32(2)}, {id, "2"}, {id, int32(2)}, {uint64(id), uint32(2)}} {
			unicast(t, conn, us, "NotificationClosed", body...)
		}
	}
	unicast(t, neighbour, us, "ActionInvoked", id, "seen")
	unicast(t, neighbour, us, "NotificationClosed", id, uint32(2))
	// The bus stamps the sender, so the reply to a call shows all were handled.
	require.NoError(t, neighbour.BusObject().Call(busName+".GetId", 0).Err)
	s.press(t, "3.4", "snooze")
	require.Equal(t, Event{Tag: "low", Button: "snooze"}, nextEvent(t, d))
}

// unicast sends a signal to one connection, past its match rules, as dunst does.
func unicast(t *testing.T, conn *dbus.Conn, to, member string, body ...any) {
	t.Helper()
	msg := &dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldInterface:   dbus.MakeVariant(serverName),
		dbus.FieldMember:      dbus.MakeVariant(member),
		dbus.FieldPath:        dbus.MakeVariant(serverPath),
		dbus.FieldDestination: dbus.MakeVariant(to),
	}}
	if len(body) > 0 {
		msg.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	require.NoError(t, conn.Send(msg, nil).Err)
}

func TestManySenders(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	d := newDesktop(t, b, Options{})
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			m := alarm(fmt.Sprint(i))
			m.Tag = fmt.Sprint(i % 3)
			if err := d.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Len(t, s.got(), 24)
	require.Len(t, s.onScreen(), 3)
}

func TestNothingIsLeftBehind(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	t.Setenv("PATH", t.TempDir())
	before := runtime.NumGoroutine()
	for range 3 {
		d := New(Options{BusAddress: b.address, Timeout: 400 * time.Millisecond})
		require.NoError(t, d.Send(t.Context(), alarm("3.4")))
		s.press(t, "3.4", "seen")
		hang := make(chan struct{})
		s.set(func(s *fakeServer) { s.hang = hang })
		require.ErrorIs(t, d.Send(t.Context(), alarm("3.3")), ErrHangs)
		d.Close()
		d.Close()
		s.set(func(s *fakeServer) { s.hang = nil })
		close(hang)
		require.ErrorIs(t, d.Send(t.Context(), alarm("3.2")), ErrClosed)
		for range d.Events() { // ends, as Close promises
		}
	}
	// Not with require.Eventually, which runs goroutines itself.
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// The tray lives on the shared connection and loses its icon when anything of
// ours appears on it.
func TestTheSharedConnectionIsLeftAlone(t *testing.T) {
	b := startBus(t)
	s := startServer(b)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.address)
	t.Setenv("PATH", t.TempDir())
	shared, err := dbus.SessionBus()
	require.NoError(t, err)
	defer func() { _ = shared.Close() }()
	heard := make(chan *dbus.Signal, 64)
	shared.Signal(heard)
	require.NoError(t, shared.BusObject().Call(busName+".GetId", 0).Err)
	for len(heard) > 0 {
		<-heard // the name it was given on connecting
	}

	d := New(Options{})
	defer d.Close()
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
	require.NotEqual(t, shared.Names()[0], string(s.got()[0].sender))
	s.press(t, "3.4", "seen")
	nextEvent(t, d)
	require.NoError(t, s.conn.Close())
	require.ErrorIs(t, d.Send(t.Context(), alarm("3.3")), ErrNoServer)
	require.NoError(t, shared.BusObject().Call(busName+".GetId", 0).Err) // all before it has arrived
	require.Empty(t, heard)
}

func TestTheBusStartsTheServer(t *testing.T) {
	b := startBus(t)
	b.serves(t)
	d := newDesktop(t, b, Options{Timeout: patience})
	st, err := d.Check(t.Context())
	require.NoError(t, err)
	require.Equal(t, Status{Via: "D-Bus", Server: "fake", Version: "9.1", Capabilities: allCaps, Actions: true, Sound: true}, st)
	require.NoError(t, d.Send(t.Context(), alarm("3.4")))
}

func TestSessionAddress(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	require.Empty(t, sessionAddress())
	b := startBus(t)
	t.Setenv("XDG_RUNTIME_DIR", filepath.Dir(b.socket))
	require.Equal(t, b.address, strings.ReplaceAll(sessionAddress(), "%2d", "-"))
	l, err := dial(t.Context(), "tcp:host=localhost,port=1;autolaunch:;unix:path=/nowhere;unix:runtime=yes", (*link).subscribe)
	require.NoError(t, err, "the one that works is found")
	l.close()
	_, err = dial(t.Context(), "unix:path=%zz;unix:guid=1", (*link).subscribe)
	require.ErrorIs(t, err, ErrNoBus)
}
