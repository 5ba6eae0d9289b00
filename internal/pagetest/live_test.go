//go:build linux

package pagetest

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// current is true while the page shows a value as the present one.
const current = `(document.querySelector(".plate .number").textContent > "0" && document.querySelector(".plate .arrow").textContent !== "" &&
	!["stale", "none"].includes(document.querySelector(".plate").dataset.range) &&
	getComputedStyle(document.querySelector(".plate .number")).textDecorationLine === "none" && /^[0-9.,]+ /.test(document.title))`

// TestReadingArrives holds that a new reading reaches the value, the tab and
// the trace by itself, and takes nothing away from who is just using the page.
func TestReadingArrives(t *testing.T) {
	t.Parallel()
	b := open(t, demo(t, "--speed", "60"))
	b.until("the trace", `document.querySelector(".canvas path.trace-line, .canvas svg path")`)
	b.until("a current value", current)
	b.click(".tracing .choice", "6 h")
	b.until("six hours", `document.querySelector(".tracing [aria-pressed=true]").textContent === "6 h"`)
	eval[any](b, `{ window.before = {svg: document.querySelector(".canvas").innerHTML, time: document.querySelector(".age").textContent, plate: document.querySelector(".plate"), button: document.activeElement}; }; null`)
	require.Equal(t, "6 h", eval[string](b, "document.activeElement.textContent"))
	b.until("the next readings in the trace", `document.querySelector(".canvas").innerHTML !== before.svg && document.querySelector(".age").textContent !== before.time`)
	assert.True(t, eval[bool](b, `before.plate === document.querySelector(".plate") && before.button === document.activeElement`), "the page was built anew")
	b.until("the tab to carry the value", `document.title.startsWith(document.querySelector(".plate .number").textContent + " " + document.querySelector(".plate .arrow").textContent)`)
	assert.True(t, eval[bool](b, `document.getElementById("polite").textContent.includes("per litre") || document.getElementById("urgent").textContent.includes("per litre")`), "nothing was said to a screen reader")
}

// TestDiscreetTab has no value in the tab's name, which others see too, once the
// icon hides the number.
func TestDiscreetTab(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 97, 3, 30*time.Second)
	p := watch(t, s, true, 0)
	b := open(t, p)
	b.until("a current value", current)
	set := func(look string) {
		require.NoError(t, p.command("settings", "set", "display.icon", look).Run())
	}
	set("discreet")
	b.until("a tab without a value", `document.title === "llutray"`)
	set("number")
	b.until("the value in the tab again", current)
}

// TestTraceByKeyboard reads the trace without a pointer.
func TestTraceByKeyboard(t *testing.T) {
	t.Parallel()
	b := open(t, demo(t))
	b.until("the trace", `document.querySelector(".canvas svg")`)
	b.do(chromedp.Focus(".trace"))
	said := func() string { return eval[string](b, `document.querySelector(".tracing [role=status]").textContent`) }
	press := func(key string) string { b.do(chromedp.KeyEvent(key)); return said() }
	last := press(kb.End)
	require.Contains(t, last, ": ", "nothing is said")
	before := press(kb.ArrowLeft)
	require.NotEqual(t, last, before)
	require.Equal(t, last, press(kb.ArrowRight))
	first := press(kb.Home)
	require.NotEqual(t, last, first)
	require.Equal(t, first, press(kb.ArrowLeft), "beyond the first")
	assert.Equal(t, first, b.text(".readout"))
	assert.True(t, eval[bool](b, `(() => { const at = document.querySelector(".dot").getBoundingClientRect(), box = document.querySelector(".canvas").getBoundingClientRect();
		return !document.querySelector(".dot").hidden && at.left >= box.left && at.left < box.left + box.width / 4 && at.top > box.top && at.bottom < box.bottom; })()`), "the mark is not on the trace")
	b.shot("trace-1280-light")
	require.Empty(t, press(kb.Escape))

	at := eval[[2]float64](b, `(() => { const r = document.querySelector(".canvas").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	b.do(chromedp.MouseEvent("mouseMoved", at[0], at[1]))
	b.until("the value under the pointer", `/: [0-9.]+/.test(document.querySelector(".readout").innerText)`)
}

// TestOldByItsOwnClock holds that no value looks current beyond its time, even
// if the program never says another word.
func TestOldByItsOwnClock(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 97, 3, 20*time.Second)
	b := open(t, watch(t, s, true, 0))
	b.until("a current value", current)
	at := eval[int64](b, `fetch("./api/state").then(r => r.json()).then(s => Date.parse(s.stale_at) - Date.now())`, chromedp.EvalAwaitPromise)
	require.Positive(t, at)
	b.ahead(time.Duration(at)*time.Millisecond - 10*time.Second)
	time.Sleep(4 * time.Second) // the page looks at its clock each second, and has a moment after a sleep
	require.True(t, eval[bool](b, current), "it was given up too early")
	b.ahead(time.Duration(at) * time.Millisecond)
	b.until("the value to be struck", "!"+current)
	assert.True(t, eval[bool](b, `getComputedStyle(document.querySelector(".plate .number")).textDecorationLine === "line-through" && document.querySelector(".plate .arrow").textContent === ""`))
	assert.Contains(t, b.text(".meaning"), "Not current: ")
	assert.True(t, strings.HasPrefix(eval[string](b, "document.title"), "old"), "the tab still shows a value")
	b.view("days")
	b.reads(".mini", "not current")
}

// TestProgramGone tells at once that the program ended, and soon that it was
// killed; nothing looks current then.
func TestProgramGone(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := open(t, p)
	b.excuse(`ERR_|Failed to load resource`)
	b.until("a current value", current)
	p.kill()
	b.ahead(15 * time.Second)
	time.Sleep(1500 * time.Millisecond)
	require.False(t, eval[bool](b, `document.getElementById("lost").checkVisibility()`), "a hiccup is no end")
	b.ahead(25 * time.Second)
	b.reads("#lost", "llutray is not running any more; this page is not live")
	require.False(t, eval[bool](b, current))
	b.shot("gone-1280-light")
	require.True(t, strings.HasPrefix(eval[string](b, "document.title"), "not live"))

	p = demo(t)
	b = open(t, p)
	b.excuse(`ERR_|Failed to load resource`)
	b.until("a current value", current)
	p.quit()
	b.reads("#lost", "llutray is not running any more; this page is not live")
	require.False(t, eval[bool](b, current))
}

// TestHiccup is live again by itself when the program is.
func TestHiccup(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := open(t, p)
	b.excuse(`ERR_`)
	b.until("a current value", current)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGSTOP))
	t.Cleanup(func() { _ = p.cmd.Process.Signal(syscall.SIGCONT) })
	b.ahead(25 * time.Second)
	b.reads("#lost", "not running any more")
	require.False(t, eval[bool](b, current))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGCONT))
	b.until("it to be live again", `!document.getElementById("lost").checkVisibility() && `+current)
}

// TestKeyboard goes through the page without a pointer.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	b := open(t, demo(t))
	b.until("the trace", `document.querySelector(".canvas svg")`)
	b.do(chromedp.KeyEvent(kb.Tab))
	require.Equal(t, "Skip to the content", eval[string](b, "document.activeElement.innerText"))
	b.do(chromedp.KeyEvent(kb.Enter))
	require.Equal(t, "main", eval[string](b, "document.activeElement.id"))
	seen := map[string]bool{}
	for range 20 {
		b.do(chromedp.KeyEvent(kb.Tab))
		seen[eval[string](b, `(e => e.innerText.trim() || e.getAttribute("aria-label") || e.labels?.[0]?.innerText || "unnamed " + e.tagName)(document.activeElement)`)] = true
		require.True(t, eval[bool](b, `document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== "none"`), "the focus is not to be seen on %s", eval[string](b, "document.activeElement.outerHTML"))
	}
	for name := range seen {
		assert.NotContains(t, name, "unnamed", "what has the focus has no name")
	}
	for _, name := range []string{"3 h", "24 h", "Snooze an alarm ahead"} {
		assert.True(t, seen[name], "%s cannot be reached: %v", name, seen)
	}
}

// TestFault shows what is wrong, what to do, and the button that helps.
func TestFault(t *testing.T) {
	t.Parallel()
	s := service(t, "wrong_password")
	b := open(t, watch(t, s, true, 0))
	b.reads(".fault", "refuses the e-mail address or the password")
	b.wellFormed("a fault")
	b.shot("fault-1280-light")
	b.click(".fault", "Sign in")
	b.reads("h1", "Sign in")
	require.Equal(t, 1, s.SignIns(), "the page asked the service by itself")
}
