package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
)

// resent is the longest pause between two tries to show an alarm, and what a
// loaded machine adds to it.
const resent = 75 * time.Second

// TestNotificationsFail raises an alarm while nothing shows it: the program
// follows on, makes its sound, says so, and shows the alarm when it can.
func TestNotificationsFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		service func(*notifications) // nil for none
		said    string
	}{
		"hangs":   {func(n *notifications) { n.hang = make(chan struct{}) }, "does not answer"},
		"refuses": {func(n *notifications) { n.refuse = true }, "refused the message"},
		"absent":  {nil, "shows no notifications"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "paplay")
			var n *notifications
			if c.service != nil {
				n = d.notify(c.service)
			}
			d.pushed(62)
			cmd := d.run()
			d.follows(62, "the first value")
			d.until(deskPatience, "the sound of the alarm", func() bool { return d.told("paplay") != "" })
			d.until(deskPatience, "the icon's menu says what is wrong", func() bool { return strings.Contains(d.menu(), c.said) })
			d.push(61)
			d.follows(61, "the next value, while no alarm can be shown")
			if n == nil {
				n = d.notify(nil)
			}
			n.heal()
			d.until(resent, "the alarm when it can be shown", func() bool { return n.shows("LOW") })
			d.until(deskPatience, "and the menu says no more", func() bool { m := d.menu(); return m != "" && !strings.Contains(m, c.said) })
			require.NoError(t, interrupt(cmd))
		})
	}
}

// TestNotificationServiceDies ends the service that shows an alarm: the next
// one shows it again.
func TestNotificationServiceDies(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "paplay")
	n := d.notify(nil)
	d.pushed(62)
	cmd := d.run()
	d.until(pollInterval, "the alarm", func() bool { return n.shows("LOW") })
	for range 2 {
		n.end()
		n = d.notify(nil)
		d.until(deskPatience, "the alarm again", func() bool { return n.shows("LOW 3.4") })
	}
	require.NoError(t, interrupt(cmd))
	require.Equal(t, 1, strings.Count(d.told("paplay"), "\n"), "it is heard once")
}

// TestMessagesOfTheRunBefore ends a run with an alarm on the screen in order, and
// kills one: no message stays there that nobody answers for, and the next run
// shows the alarm again, without a sound, with a button that works.
func TestMessagesOfTheRunBefore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "paplay")
	n := d.notify(nil)
	d.pushed(62)
	cmd := d.run()
	d.until(pollInterval, "the alarm", func() bool { return n.shows("LOW 3.4") })
	require.NoError(t, interrupt(cmd))
	require.Empty(t, n.onScreen(), "nobody hears its buttons any more")

	cmd = d.run()
	d.until(deskPatience, "the alarm again", func() bool { return len(n.onScreen()) == 1 })
	d.until(deskPatience, "what is on the screen is kept", func() bool {
		kept, err := os.ReadFile(filepath.Join(d.dir, "state/llutray/screen.json"))
		return err == nil && !strings.Contains(string(kept), "null") && !strings.Contains(string(kept), "[]")
	})
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	require.Len(t, n.onScreen(), 1)

	cmd = d.run()
	d.until(deskPatience, "what the killed run left is gone", func() bool { return len(n.onScreen()) == 0 })
	d.until(deskPatience, "the alarm again", func() bool { return len(n.onScreen()) == 1 })
	n.press("seen low")
	d.until(deskPatience, "it is answered", func() bool { return len(n.onScreen()) == 0 })
	require.NoError(t, interrupt(cmd))
	require.Equal(t, 1, strings.Count(d.told("paplay"), "\n"), "it is heard once")
}

// TestNotificationsByCommand has no notification service that could be
// reached, and a program that shows messages: it gets the alarm.
func TestNotificationsByCommand(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "paplay", "notify-send")
	d.pushed(62)
	cmd := d.run()
	d.until(pollInterval, "the alarm by way of the program", func() bool { return strings.Contains(d.told("notify-send"), "LOW 3.4") })
	require.NoError(t, interrupt(cmd))
}

// TestBusGoneAndBack ends the session's bus, and with it icon, messages and
// interface, and starts it again at the same address. An alarm falls between.
func TestBusGoneAndBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "paplay")
	n := d.notify(nil)
	command(t, d.dir, "settings", "set", "dbus.on", "true")
	d.pushed(104)
	cmd := d.run()
	d.until(pollInterval, "the first value on the icon", func() bool { return strings.Contains(d.icon(), "5.8") })
	d.until(deskPatience, "the interface", d.offered)

	d.endBus()
	d.push(62)
	d.follows(62, "the next value, without a bus")
	d.until(deskPatience, "the sound of the alarm", func() bool { return d.told("paplay") != "" })
	require.False(t, n.shows("LOW"))

	d.startBus()
	n = d.notify(nil)
	d.until(deskPatience, "the icon is back", func() bool { return strings.Contains(d.icon(), "3.4") })
	d.until(deskPatience, "the interface is back", d.offered)
	d.until(resent, "the alarm is shown", func() bool { return n.shows("LOW") })
	require.NoError(t, interrupt(cmd))
}

// TestClicksAllTheTime clicks in the icon's menu a hundred times a second: the
// program follows on, and asks the service no more often than it may.
func TestClicksAllTheTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "paplay")
	d.notify(nil)
	d.pushed(104)
	cmd := d.run()
	d.until(pollInterval, "the first value on the icon", func() bool { return strings.Contains(d.icon(), "5.8") })
	var row int32
	d.until(deskPatience, "the row to click", func() bool { row = d.row("Refresh now"); return row != 0 })
	before := len(d.server.Requests())
	clicks := d.clickFor(row, 3*time.Second)
	require.Greater(t, clicks, 200)
	d.push(103)
	d.follows(103, "the next value after all the clicks")
	d.until(deskPatience, "and on the icon", func() bool { return strings.Contains(d.icon(), "5.7") })
	require.NotEmpty(t, d.menu())
	asked := d.server.Requests()[before:]
	t.Logf("%d clicks, %d requests", clicks, len(asked))
	require.Less(t, len(asked), 20)
	for _, r := range asked {
		require.Equal(t, 1, r.Concurrent, "one request at a time")
	}
	require.NoError(t, interrupt(cmd))
}

// clickFor clicks a row a hundred times a second.
func (d *desk) clickFor(row int32, span time.Duration) (clicks int) {
	d.t.Helper()
	d.mu.Lock()
	item := d.items[len(d.items)-1]
	d.mu.Unlock()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < span; clicks++ {
		<-tick.C
		require.NoError(d.t, d.conn.Object(item, "/StatusNotifierItem/menu").Call(
			"com.canonical.dbusmenu.Event", 0, row, "clicked", dbus.MakeVariant(""), uint32(0)).Err)
	}
	return clicks
}
