//go:build linux

package pagetest

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tab is the page in a browser that has no other memory of it. What the page
// complains of, and every request to anybody but the program, fails the test.
type tab struct {
	t      *testing.T
	ctx    context.Context
	origin string

	mu        sync.Mutex
	excused   *regexp.Regexp // complaints that the test asks for; nil for none
	complains []string
	foreign   []string
	requests  []string // path and query of each to the program
}

// open opens the page of a program.
func open(t *testing.T, p *program) *tab {
	t.Helper()
	address := p.address(t)
	u, err := url.Parse(address)
	require.NoError(t, err)
	return browse(t, address, "http://"+u.Host)
}

// browse opens an address; origin is the only one that may be talked to.
func browse(t *testing.T, address, origin string) *tab {
	t.Helper()
	b := &tab{t: t, origin: origin}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.heard))
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 80*time.Second)
	t.Cleanup(stop)
	b.ctx = ctx
	t.Cleanup(b.check)
	_, err := chromedp.Call(ctx, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: "en-GB"})
	require.NoError(t, err)
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
	return b
}

func (b *tab) heard(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if rest, ours := strings.CutPrefix(e.Request.URL, b.origin); ours {
			b.requests = append(b.requests, rest)
		} else if !strings.HasPrefix(e.Request.URL, "data:") {
			b.foreign = append(b.foreign, e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		b.complains = append(b.complains, (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			text, _ := json.Marshal(e.Args)
			b.complains = append(b.complains, string(text))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			b.complains = append(b.complains, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// excuse tells which complaints of the browser the test itself causes.
func (b *tab) excuse(pattern string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.excused = regexp.MustCompile(pattern)
}

func (b *tab) check() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complains {
		if b.excused == nil || !b.excused.MatchString(c) {
			assert.Fail(b.t, "the page complains", c)
		}
	}
	assert.Empty(b.t, b.foreign, "the page asks others")
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// eval is the value of an expression in the page.
func eval[T any](b *tab, expression string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, options...))
	require.NoError(b.t, err, expression)
	return v
}

// until waits for an expression to be true.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(40 * time.Millisecond) {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("(async () => !!(await ("+expression+")))()", chromedp.EvalAwaitPromise))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			require.Failf(b.t, "waited in vain for "+what, "%s\n%v\nthe page:\n%s", expression, err, text)
		}
	}
}

// reads waits until an element shows a text.
func (b *tab) reads(selector, text string) {
	b.t.Helper()
	b.until(selector+" to read "+text, visible(selector)+"?.innerText.includes("+quote(text)+")")
}

// text is what an element shows.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, visible(selector)+"?.innerText ?? ''")
}

// click clicks on the visible element of a selector, or on the button or link
// of that text within it.
func (b *tab) click(selector string, text ...string) {
	b.t.Helper()
	target := visible(selector)
	if len(text) > 0 {
		target = "[..." + target + ".querySelectorAll('button, a, summary, label')].find(e => e.checkVisibility() && e.innerText.trim() === " + quote(text[0]) + ")"
	}
	b.until("a "+selector+" to click", target)
	// By its place on the screen, so that what is covered or outside fails.
	at := eval[[2]float64](b, `(() => { const e = `+target+`; e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// write puts a text into a field, as by hand.
func (b *tab) write(selector, text string) {
	b.t.Helper()
	eval[any](b, `{ const e = `+visible(selector)+`; e.focus(); e.select?.(); }; null`)
	b.do(chromedp.KeyEvent(text))
}

func visible(selector string) string {
	return "[...document.querySelectorAll(" + quote(selector) + ")].find(e => e.checkVisibility())"
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// view goes to a part of the page.
func (b *tab) view(name string) {
	b.t.Helper()
	eval[any](b, "location.hash = "+quote(name)+"; null")
	b.until("the view "+name, "document.getElementById("+quote(name)+")?.checkVisibility()")
}

// ahead sets the page's clock ahead, as sleep or time does.
func (b *tab) ahead(d time.Duration) {
	b.t.Helper()
	eval[any](b, `{ window.realNow ??= Date.now; const ms = `+quote(d.String())+` && `+jsNumber(d.Milliseconds())+`; Date.now = () => window.realNow.call(Date) + ms; }; null`)
}

func jsNumber(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// dark asks for a theme as the desktop's settings do.
func (b *tab) dark(on bool) {
	b.t.Helper()
	value := "light"
	if on {
		value = "dark"
	}
	b.prefers("prefers-color-scheme", value)
}

// prefers sets one of the things that a user may want of every page.
func (b *tab) prefers(what, value string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: what, Value: value}},
	})
	require.NoError(b.t, err)
}

// wide sets the width of the window.
func (b *tab) wide(pixels int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(pixels, 900))
}

// shot keeps a picture of the whole page where LLUTRAY_SHOTS says.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("LLUTRAY_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	require.NoError(b.t, err)
	require.NoError(b.t, os.MkdirAll(dir, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}
