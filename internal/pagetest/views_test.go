//go:build linux

package pagetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ready is true when a view has all it shows.
var ready = map[string]string{
	"now":      `document.querySelector(".canvas svg")`,
	"days":     `document.querySelector(".strip svg")`,
	"report":   `document.querySelectorAll("#report svg").length === 2`,
	"alarms":   `document.querySelector(".replay .rows") && document.querySelector(".log table")`,
	"settings": `document.querySelector(".setting")`,
	"about":    `document.querySelector("#about h1")`,
	"signin":   `document.querySelector("#signin form")`,
}

// TestViews looks at every view in both themes at three widths: nothing that
// axe-core finds wrong, nothing to scroll sideways, headings in order.
func TestViews(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 118, 3, 10*time.Second)
	p := watch(t, s, true, 30)
	for view, all := range ready {
		t.Run(view, func(t *testing.T) {
			t.Parallel()
			b := open(t, p)
			b.until("a current value", current)
			b.view(view)
			b.until("all of it", all)
			b.looksRight(view)
		})
	}
}

// TestReport opens the printable report from the page.
func TestReport(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 118, 3, 10*time.Second)
	b := open(t, watch(t, s, true, 15))
	b.until("a current value", current)
	b.view("report")
	b.until("all of it", ready["report"])
	address := eval[string](b, `document.querySelector('#report a[target="_blank"]').href`)
	require.NotContains(t, address, "name", "the name is on it without being asked for")
	b.click("#report", "Write the name of the person on it")
	named := eval[string](b, `document.querySelector('#report a[target="_blank"]').href`)
	b.do(chromedp.Navigate(address))
	b.until("the report", `document.querySelectorAll("svg").length > 2`)
	assert.NotContains(t, b.text("body"), "Robin")
	b.do(chromedp.Navigate(named))
	b.reads("body", "Robin Example")
	assert.Empty(t, eval[[]string](b, tooWide))
}

// TestStates looks at what is seldom seen the same way.
func TestStates(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	for i := 3 * 60; i > 0; i-- {
		push(t, s, 75+i/2, 3, time.Duration(i)*time.Minute)
	}
	push(t, s, 50, 1, 5*time.Second)
	b := open(t, watch(t, s, true, 0))
	b.reads(".standing", "Urgent low: waits for your answer")
	b.reads(".meaning", "Urgent low")
	require.Contains(t, eval[string](b, `document.getElementById("urgent").textContent`), "urgent low", "it does not interrupt")
	b.until("the trace", ready["now"])
	b.looksRight("urgent")
	b.prefers("forced-colors", "active")
	b.shot("urgent-1280-forced")
	assert.NotEqual(t, "0px", eval[string](b, `getComputedStyle(document.querySelector(".plate")).borderBottomWidth`), "no shape is left without colours")
	b.prefers("forced-colors", "none")
	b.ahead(20 * time.Minute)
	b.until("the value to be struck", "!"+current)
	b.looksRight("stale")
	b.ahead(0)
	b.until("the value again", current)

	b.click("#now", "Snooze an alarm ahead")
	b.click(`[aria-label="Snooze High"]`, "2 h")
	b.reads(".snoozes", "High until")
	b.wellFormed("snoozed")
	b.click(".standing", "Seen")
	b.until("the alarm to be answered", `!document.querySelector(".standing")?.checkVisibility()`)
	require.True(t, eval[bool](b, `document.activeElement !== document.body`), "the focus is lost")
	b.view("alarms")
	b.reads(".log", "seen at")
}

// looksRight examines the page as it stands, and keeps pictures of it.
func (b *tab) looksRight(name string) {
	b.t.Helper()
	b.wide(320) // 1280 at 400 %
	assert.Empty(b.t, eval[[]string](b, tooWide), "%s at 320 px is wider than the window", name)
	for _, theme := range []string{"light", "dark"} {
		b.dark(theme == "dark")
		for _, width := range []int64{360, 768, 1280} {
			b.wide(width)
			b.until("pictures for this width", drawn)
			over := eval[[]string](b, tooWide)
			assert.Empty(b.t, over, "%s at %d px is wider than the window", name, width)
			b.shot(fmt.Sprintf("%s-%d-%s", name, width, theme))
			if (width == 360) != (theme == "light") || width == 768 {
				continue // axe takes its time: each theme at one end of the widths
			}
			b.wellFormed(fmt.Sprintf("%s at %d px, %s", name, width, theme))
		}
	}
	b.dark(false)
	b.wide(1280)
	levels := eval[string](b, `[...document.querySelectorAll("h1, h2, h3, h4")].filter(e => e.checkVisibility()).map(e => e.tagName[1]).join("")`)
	assert.True(b.t, strings.HasPrefix(levels, "1") && strings.Count(levels, "1") == 1 && !strings.Contains(levels, "13"), "headings of %s: %s", name, levels)
}

// wellFormed is what axe-core thinks of the page as it stands.
func (b *tab) wellFormed(name string) {
	b.t.Helper()
	if eval[string](b, "typeof axe") == "undefined" {
		eval[any](b, axe+";null")
	}
	assert.Empty(b.t, eval[[]string](b, violations, chromedp.EvalAwaitPromise), name)
}

// drawn is true when the pictures are as wide as they are shown.
const drawn = `[...document.querySelectorAll("svg.chart:not(.tir)")].every(e => !e.checkVisibility() ||
	Math.abs(e.viewBox.baseVal.width - Math.max(320, e.clientWidth)) < 2)`

// cut are the texts of pictures that stand out of them.
const cut = `[...document.querySelectorAll("svg text")].filter(e => {
	const letters = e.getBoundingClientRect(), picture = e.closest("svg").getBoundingClientRect();
	return letters.right > picture.right + 1 || letters.left < picture.left - 1;
}).map(e => e.textContent)`

// tooWide are the elements that stand out of the window.
const tooWide = `document.documentElement.scrollWidth <= innerWidth ? [] :
	[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
		.map(e => e.tagName + "." + (e.getAttribute("class") ?? "") + " " + Math.round(e.getBoundingClientRect().right)).concat("scrolls to " + document.documentElement.scrollWidth)`

// violations are those of WCAG 2.2 AA and of good practice that axe-core finds.
const violations = `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
	.then(r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.map(n => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | ")))`

// TestReportFits holds that no letter of the report's pictures is cut off.
func TestReportFits(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 118, 3, 10*time.Second)
	b := open(t, watch(t, s, true, 7))
	b.until("a current value", current)
	b.do(chromedp.Navigate(b.origin + eval[string](b, "location.pathname") + "report?days=7"))
	b.reads("h1", "Glucose report")
	require.Empty(t, eval[[]string](b, cut))
}
