//go:build linux

package pagetest

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// TestToldOnce asks for a message in the page, and takes it back.
func TestToldOnce(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 120, 3, 20*time.Second)
	b := open(t, watch(t, s, true, 0))
	b.until("a current value", current)
	row := `[...document.querySelectorAll("#now .row")].find((r) => r.querySelector("h2").textContent === "Tell me once")`
	b.until("the row", row+`.checkVisibility()`)
	field := ".once input"
	b.do(chromedp.SendKeys(field, "8.0"))
	b.click(".once", "When it rises above")
	b.reads(".answer", "told once when the value rises above 8.0")
	b.until("the wish", row+`.textContent.includes("When it rises above 8.0, until")`)
	b.wellFormed("a wish")
	b.shot("told-once-1280-light")
	b.click(".once", "Take back")
	b.until("it to be gone", `!`+row+`.textContent.includes("When it rises above 8.0, until")`)
}

// TestHandOver goes off duty and comes back.
func TestHandOver(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 62, 3, 20*time.Second)
	b := open(t, watch(t, s, true, 0))
	b.until("a current value", current)
	b.reads(".standing", "Low: waits for your answer")
	b.click(".hand-over", "2 h")
	b.reads(".off", "another carer is on")
	b.reads(".off", "an urgent low that has lasted 15 minutes")
	b.wellFormed("off duty")
	b.shot("off-duty-1280-light")
	b.click(".off", "I'm back on duty")
	b.until("the duty to be back", `document.querySelector(".off").hidden`)
	assert.Contains(t, b.text(".answer"), "all alarms are heard here")
}
