//go:build linux

package desktoptest

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const notifications = "org.freedesktop.Notifications"

// Notification is a message that a program handed to the desktop.
type Notification struct {
	ID, Replaces uint32 // ID is 0 until the desktop has answered
	App          string
	Title, Body  string
	Actions      map[string]string // label by key
	Urgency      byte              // 0 low, 1 normal, 2 critical
	Expire       int32             // ms; -1 as the desktop likes, 0 never
	Time         time.Time
}

// String is the message in one line, for failures.
func (n Notification) String() string {
	return fmt.Sprintf("#%d (for #%d) urgency %d %q %q %v", n.ID, n.Replaces, n.Urgency, n.Title, n.Body, n.Actions)
}

// chooser is the program of the user's choice that draws the menu of a
// message's buttons where the daemon draws none: it chooses what the test wants.
func (d *Desktop) chooser() (program string) {
	d.tb.Helper()
	program = filepath.Join(d.dir, "choose")
	script := fmt.Sprintf("#!/bin/sh\ntee %q | grep -m 1 -F -f %q\n", filepath.Join(d.dir, "choices"), filepath.Join(d.dir, "choice"))
	d.must(os.WriteFile(program, []byte(script), 0o700))
	return program
}

// startNotifications starts dunst.
func (d *Desktop) startNotifications() {
	d.tb.Helper()
	config := filepath.Join(d.dir, "dunstrc")
	d.must(os.WriteFile(config, fmt.Appendf(nil, notificationConfig, d.chooser()), 0o600))
	d.start("dunst", nil, nil, "dunst", "-conf", config)
	d.waitOwned(notifications)
}

// notificationConfig puts messages at the bottom, out of the way of menus.
const notificationConfig = `[global]
    follow = none
    width = (280, 400)
    height = 220
    origin = bottom-right
    offset = 10x10
    padding = 12
    horizontal_padding = 14
    frame_width = 1
    frame_color = "#9a9996"
    corner_radius = 6
    separator_color = frame
    font = DejaVu Sans 10
    markup = full
    format = "<b>%%s</b>\n%%b"
    word_wrap = yes
    ellipsize = end
    icon_position = left
    max_icon_size = 48
    show_indicators = no
    show_age_threshold = -1
    idle_threshold = 0
    sort = no
    history_length = 100
    dmenu = %s
    mouse_left_click = do_action
    mouse_middle_click = context
    mouse_right_click = close_current
[urgency_low]
    background = "#f6f5f4"
    foreground = "#241f31"
    timeout = 30
[urgency_normal]
    background = "#f6f5f4"
    foreground = "#241f31"
    timeout = 30
[urgency_critical]
    background = "#f6f5f4"
    foreground = "#241f31"
    frame_color = "#c01c28"
    timeout = 0
`

// Notifications are all messages so far, as the programs sent them.
func (d *Desktop) Notifications() []Notification { return d.monitor.all() }

// WaitNotification waits for a message after the first n that fits.
func (d *Desktop) WaitNotification(after int, what string, within time.Duration, fits func(Notification) bool) Notification {
	d.tb.Helper()
	var found Notification
	defer func() {
		if d.tb.Failed() {
			d.tb.Logf("the messages were: %v", d.Notifications())
		}
	}()
	d.Until("a message: "+what, within, func() bool {
		all := d.Notifications()
		i := slices.IndexFunc(all[min(after, len(all)):], func(n Notification) bool { return n.ID != 0 && fits(n) })
		if i >= 0 {
			found = all[after+i]
		}
		return i >= 0
	})
	return found
}

// Displayed is how many messages stand on the screen.
func (d *Desktop) Displayed() int {
	d.tb.Helper()
	r := d.Run("dunstctl", "count", "displayed")
	n, err := strconv.Atoi(strings.TrimSpace(r.Stdout))
	if err != nil {
		d.tb.Fatalf("dunstctl: %v %s", err, r.Stderr)
	}
	return n
}

// NotificationWindow is where on the screen the messages are.
func (d *Desktop) NotificationWindow() (box image.Rectangle) {
	d.tb.Helper()
	d.Until("a message on the screen", 5*time.Second, func() bool {
		w := d.windows("Dunst")
		if len(w) == 0 || d.Displayed() == 0 {
			return false
		}
		box = w[0]
		return true
	})
	return box
}

// PressButton presses a button of the message that stands on top, with the
// mouse and through the daemon's own menu, and returns what the menu offered.
func (d *Desktop) PressButton(label string) (offered string) {
	d.tb.Helper()
	return d.choose(d.NotificationWindow().Min.Add(image.Pt(40, 24)), label)
}

// choose opens the menu of the message at a point and chooses a button there.
func (d *Desktop) choose(at image.Point, label string) (offered string) {
	d.tb.Helper()
	choices := filepath.Join(d.dir, "choices")
	_ = os.Remove(choices)
	d.must(os.WriteFile(filepath.Join(d.dir, "choice"), []byte(label+"\n"), 0o600))
	d.Click(at, 2)
	d.Until("the buttons of the message", 5*time.Second, func() bool {
		b, err := os.ReadFile(choices)
		offered = string(b)
		return err == nil && strings.Contains(offered, label)
	})
	return offered
}

// monitor overhears the notifications: the daemon answers the sender alone, and
// its own history forgets what was replaced.
type monitor struct {
	close func()
	mu    sync.Mutex
	list  []Notification
	open  map[call]int // index of what has no answer yet
}

type call struct {
	sender string
	serial uint32
}

func watchNotifications(d *Desktop) *monitor {
	d.tb.Helper()
	c := d.Dial()
	m := &monitor{open: map[call]int{}}
	rules := []string{
		"type='method_call',interface='" + notifications + "',member='Notify'",
		"type='method_return'", "type='error'",
	}
	d.must(d.call(c.BusObject(), "org.freedesktop.DBus.Monitoring.BecomeMonitor", rules, uint32(0)).Err)
	// Only now: from here on every answer goes to the channel, and to no caller.
	m.close = Overhear(c, m.hear)
	return m
}

func (m *monitor) hear(msg *dbus.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch msg.Type {
	case dbus.TypeMethodCall:
		var (
			n       = Notification{Actions: map[string]string{}, Time: time.Now(), Urgency: 1}
			icon    string
			actions []string
			hints   map[string]dbus.Variant
		)
		if dbus.Store(msg.Body, &n.App, &n.Replaces, &icon, &n.Title, &n.Body, &actions, &hints, &n.Expire) != nil {
			return
		}
		for pair := range slices.Chunk(actions, 2) {
			if len(pair) == 2 {
				n.Actions[pair[0]] = pair[1]
			}
		}
		if u, ok := hints["urgency"]; ok {
			n.Urgency, _ = u.Value().(byte)
		}
		m.open[call{header(msg, dbus.FieldSender), msg.Serial()}] = len(m.list)
		m.list = append(m.list, n)
	case dbus.TypeMethodReply:
		serial, _ := msg.Headers[dbus.FieldReplySerial].Value().(uint32)
		key := call{header(msg, dbus.FieldDestination), serial}
		if i, ok := m.open[key]; ok && len(msg.Body) == 1 {
			m.list[i].ID, _ = msg.Body[0].(uint32)
			delete(m.open, key)
		}
	}
}

func header(msg *dbus.Message, f dbus.HeaderField) string {
	s, _ := msg.Headers[f].Value().(string)
	return s
}

func (m *monitor) all() []Notification {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.list)
}
