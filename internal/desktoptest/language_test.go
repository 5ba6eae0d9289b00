//go:build linux

package desktoptest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libretest"
)

// TestGerman is what a desktop in another language gets, which tells of it in
// the environment alone: the icon, the menu and an alarm with its buttons.
func TestGerman(t *testing.T) {
	d := Start(t, Options{})
	now := time.Now()
	server := libretest.StartTest(t, libretest.Options{Email: email, Password: password, Source: curve{now.Add(-time.Minute)}})
	require.NoError(t, server.Push("", libretest.Reading{MgDL: 97, Arrow: libretest.ArrowFlat}))
	heard = loudspeaker(t, d)
	w := &world{t: t, Desktop: d, server: server}
	const locale = "de_DE.UTF-8"
	for _, kv := range [][2]string{{"LANG", locale}, {"LLUTRAY_SERVER", server.URL()}, {"LLUTRAY_EMAIL", email}, {"LLUTRAY_PASSWORD", password}} {
		d.Setenv(kv[0], kv[1])
	}
	remember(t, d, server, now)
	lang.Use(locale) // for what this test looks for
	t.Cleanup(func() { lang.Use(lang.English) })

	program := w.Start("llutray", built)
	w.reads54()
	require.Contains(t, w.Tooltip(), "5,4 mmol/L →")
	w.Until("the value in words for those who hear the screen", 5*time.Second, func() bool {
		return strings.Contains(w.Title(), "5,4 mmol/L, "+lang.T("steady"))
	})
	w.menuShot("menu-german.png", w.OpenMenu())
	w.CloseMenu()
	labels := strings.Join(w.MenuLabels(), "\n")
	for _, part := range []string{"5,4 mmol/L →", "Alarme\n", "Einstellungen\n", "kein Medizinprodukt", "Beenden"} {
		require.Contains(t, labels, part)
	}
	w.upload(50, libretest.ArrowFallingFast)
	got := w.WaitNotification(0, "an urgent low", 10*time.Second, func(n Notification) bool {
		return strings.HasPrefix(n.Title, lang.T("URGENT LOW")+" 2,8 ↓")
	})
	require.Contains(t, got.Body, "2,8 mmol/L")
	require.Equal(t, byte(2), got.Urgency)
	w.PressButton(lang.T("Seen"))
	w.Until("the message to go once it is answered", 5*time.Second, func() bool { return w.Displayed() == 0 })

	w.ClickMenu(lang.T("Quit"))
	code, ended := program.Ended(10 * time.Second)
	require.True(t, ended)
	require.Zero(t, code, program.Log())
}

// reads54 finds 5,4 on the icon, and not 5.4.
func (w *world) reads54() {
	w.t.Helper()
	var numbers []string
	for _, comma := range everyNumber(glucose.MmolPerL) {
		numbers = append(numbers, comma, strings.Replace(comma, ",", ".", 1))
	}
	require.Contains(w.t, numbers, "5.4")
	box := w.WaitIcon("in range", 10*time.Second)
	w.Until("5,4 on the icon", 10*time.Second, func() bool {
		return w.reads(box, chart.IconSpec{Range: glucose.InRange, Trend: glucose.Flat}, numbers) == "5,4"
	})
}
