//go:build linux

package pagetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLimitBySlider tries a limit on the past, puts it in force and finds it
// there: in the settings file, in the program, and in the next comparison.
func TestLimitBySlider(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 118, 3, 10*time.Second)
	p := watch(t, s, true, 7)
	b := open(t, p)
	b.until("a current value", current)
	b.view("alarms")
	const low = `input[data-key="alarms.low.limit"]`
	b.until("the comparison", `document.querySelector(".replay .rows") && document.querySelector('`+low+`')`)
	require.NotContains(t, p.settings(), "limit = 5.5", "it was changed before")
	require.False(t, eval[bool](b, `[...document.querySelectorAll(".replay .buttons button")].some(e => e.checkVisibility())`), "there is nothing to use yet")
	sentence := b.text(".sentence")

	b.do(chromedp.Focus(low), chromedp.KeyEvent(kb.End+kb.ArrowLeft)) // to 5.5
	b.until("another sentence", `document.querySelector(".sentence").innerText !== `+quote(sentence))
	b.reads(".sentence", "5.5")
	then := b.text(".replay .sum td:last-child")
	require.Equal(t, 70, lowLimit(b), "it is in force without a word")

	b.click(".replay", "Use these limits")
	b.reads(".replay .note", "These limits are in force.")
	b.until("the limit in the program", `fetch("./api/state").then(r => r.json()).then(s => s.alarm_limits.low !== 70)`)
	assert.Equal(t, 99, lowLimit(b))
	assert.Contains(t, p.settings(), "limit = 5.5")
	b.until("the comparison to begin from it", `document.querySelector(".replay .sum td").innerText === `+quote(then))
}

func lowLimit(b *tab) int {
	return eval[int](b, `fetch("./api/state").then(r => r.json()).then(s => s.alarm_limits.low)`, chromedp.EvalAwaitPromise)
}

// TestOwnLimitBySlider changes the limit of a person who has one of their own,
// and nobody else's.
func TestOwnLimitBySlider(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 118, 3, 10*time.Second)
	p := watch(t, s, true, 2)
	b := open(t, p)
	b.until("a current value", current)
	file := filepath.Join(p.dir, "config", "llutray", "settings.toml")
	require.NoError(t, os.WriteFile(file, []byte("[people.robin.alarms.low]\nlimit = 4.4\n"), 0o600))
	b.until("the limit of the file", `fetch("./api/state").then(r => r.json()).then(s => s.alarm_limits.low === 79)`)
	b.view("alarms")
	const low = `input[data-key="people.robin.alarms.low.limit"]`
	b.until("the limit of their own", `document.querySelector('`+low+`')?.value === "4.4"`)
	b.do(chromedp.Focus(low), chromedp.KeyEvent(kb.ArrowRight))
	b.click(".replay", "Use these limits")
	b.reads(".replay .note", "These limits are in force.")
	b.until("the limit in the program", `fetch("./api/state").then(r => r.json()).then(s => s.alarm_limits.low === 81)`)
	assert.Regexp(t, `(?s)people\.robin\.alarms\.low.*limit = 4\.5`, p.settings())
	assert.NotRegexp(t, `(?m)^\[alarms\.low\]\n(.*\n)*?limit = 4\.5`, strings.SplitN(p.settings(), "[people", 2)[0])
}

// TestSetting changes settings by hand: a good one is in force at once, a bad
// one tells why not beside its field, and stays as it was.
func TestSetting(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := open(t, p)
	b.excuse(`422`)
	b.view("settings")
	const field = `[data-focus="alarms.low.limit"]`
	b.until("the settings", `document.querySelector('`+field+`')`)
	b.write("#find", "low limit")
	b.until("fewer settings", `!document.querySelector('[data-focus="log.level"]').checkVisibility()`)

	b.write(field, "9.9"+kb.Tab)
	b.until("an error beside the field", `document.querySelector('`+field+`').closest(".setting").querySelector(".said.error")?.innerText.includes("is not allowed")`)
	require.True(t, eval[bool](b, `document.querySelector('`+field+`').ariaInvalid === "true"`))
	require.Equal(t, 70, lowLimit(b))

	b.write(field, "4.2"+kb.Tab)
	b.until("the good one in force", `document.querySelector('`+field+`').closest(".setting").querySelector(".said:not(.error)")?.textContent === "In force."`)
	b.until("the limit in the program", `fetch("./api/state").then(r => r.json()).then(s => s.alarm_limits.low === 76)`)
	assert.Contains(t, p.settings(), "limit = 4.2")

	b.write("#find", " "+kb.Backspace)
	b.until("all settings", `document.querySelector('[data-focus="log.level"]').checkVisibility()`)
	require.False(t, eval[bool](b, `document.querySelector('[data-focus="quiet.night.from"]').checkVisibility()`), "what is off is in the way")
	b.click(`[data-focus="quiet.night.on"]`)
	b.until("it in force", `document.querySelector('[data-focus="quiet.night.on"]').closest(".setting").querySelector(".said").textContent === "In force."`)
	b.click(`[data-focus="quiet.night.days sun"]`)
	b.until("the days in force", `fetch("./api/settings").then(r => r.json()).then(a => a.sections.flatMap(s => s.keys).find(k => k.key === "quiet.night.days").value === "mon tue wed thu fri sat")`)
	b.click(`[data-focus="quiet.night.through low_soon"]`)
	b.until("the alarm heard all the same", `fetch("./api/settings").then(r => r.json()).then(a => a.sections.flatMap(s => s.keys).find(k => k.key === "quiet.night.through").value === "low_soon")`)
	b.write(`[data-focus="quiet.night.low"]`, "4.4"+kb.Tab)
	b.until("the limit of the night", `fetch("./api/settings").then(r => r.json()).then(a => a.sections.flatMap(s => s.keys).find(k => k.key === "quiet.night.low").value === "4.4")`)
	b.wellFormed("quiet hours")
	b.shot("quiet-1280-light")
}

// TestSnooze answers ahead and takes it back.
func TestSnooze(t *testing.T) {
	t.Parallel()
	b := open(t, demo(t))
	b.until("the trace", ready["now"])
	b.click("#now", "Snooze an alarm ahead")
	b.click(`[aria-label="Snooze High"]`, "1 h")
	b.reads(".snoozes", "High until")
	b.reads(".snoozes .left", "left")
	b.click(".snoozes", "Take back")
	b.reads("#now", "No alarm is snoozed.")
	assert.True(t, eval[bool](b, `document.activeElement !== document.body`), "the focus is lost")
}
