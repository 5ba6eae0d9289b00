//go:build linux

package desktoptest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
)

// TestTwoPeople has a parent of two see both, be told of whom an alarm is, and
// answer it for that one.
func TestTwoPeople(t *testing.T) {
	d := Start(t, Options{})
	now := time.Now()
	const robin, emma = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
	server := libretest.StartTest(t, libretest.Options{Email: email, Password: password, People: []libretest.Person{
		{ID: robin, FirstName: "Robin", LastName: "Example", Source: curve{now.Add(-time.Minute)}},
		{ID: emma, FirstName: "Emma", LastName: "Example", Source: curve{now.Add(-2 * time.Minute)}},
	}})
	heard = loudspeaker(t, d)
	w := &world{t: t, Desktop: d, server: server}
	d.Setenv("LLUTRAY_SERVER", server.URL())
	d.Setenv("LLUTRAY_EMAIL", email)
	d.Setenv("LLUTRAY_PASSWORD", password)
	for _, set := range [][2]string{
		{"unit", "mg/dL"}, {"people.emma.name", "Em"}, {"people.emma.order", "2"}, {"people.emma.alarms.low.limit", "90"},
		{"people.robin.order", "1"}, {"display.icon_person", "worst"},
	} {
		r := w.llutray("settings", "set", set[0], set[1])
		require.Zero(t, r.Code, r.Stderr)
	}
	require.NoError(t, server.Push(robin, libretest.Reading{MgDL: 112, Arrow: libretest.ArrowFlat}))
	require.NoError(t, server.Push(emma, libretest.Reading{MgDL: 85, Arrow: libretest.ArrowFalling}))

	program := w.Start("llutray", built)
	w.WaitNotification(0, "Emma's low, by her own limit", 15*time.Second, func(n Notification) bool { return strings.HasPrefix(n.Title, "LOW 85 ↘ Em,") })
	require.Equal(t, 1, w.Displayed())
	w.Until("both in the tooltip, first whom the icon shows", 5*time.Second, func() bool {
		text := w.Tooltip()
		return strings.Contains(text, "Em: 85 ↘") && strings.Index(text, "Robin Examp…: 112 →") > strings.Index(text, "Em: 85")
	})
	t.Logf("the tooltip says %q", w.Tooltip())
	w.Until("her in the title", 5*time.Second, func() bool { return strings.Contains(w.Title(), "Em · 85 mg/dL") })
	labels := strings.Join(w.MenuLabels(), "\n")
	require.Contains(t, labels, "Robin Example · 112 mg/dL →", "the menu is about the one chosen")
	require.Contains(t, labels, "Alarm: Em, low – I have seen it")
	require.Contains(t, strings.Join(w.MenuLabels("People"), "\n"), "⚠ Low")

	w.panelShot("people-panel.png", w.WaitIcon("in range", 5*time.Second))
	w.Reach("People", "Em")
	w.menuShot("people-menu.png", w.Popups()...)
	w.CloseMenu()
	w.Reach("Alarms", "Em: snooze low")
	w.menuShot("people-alarms-menu.png", w.Popups()...)
	w.CloseMenu()

	w.ClickMenu("People", "Em") // the buttons answer for her all the same
	w.PressButton("Snooze")
	w.Until("her snooze", 5*time.Second, func() bool {
		return strings.Contains(strings.Join(w.MenuLabels("Alarms"), "\n"), "Em, low: snoozed until")
	})
	require.NotContains(t, strings.Join(w.MenuLabels("Alarms"), "\n"), "Robin Example, low: snoozed")
	w.Until("Em on the menu", 5*time.Second, func() bool { return strings.Contains(w.MenuLabels()[0], "Em · 85 mg/dL") })

	w.ClickMenu("Quit")
	code, ended := program.Ended(10 * time.Second)
	require.True(t, ended)
	require.Zero(t, code, program.Log())
}
