//go:build linux

package pagetest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
	"github.com/llutray/llutray/internal/page"
)

// abroad opens the page of a program that speaks another language, for which a
// test makes the texts. Such tests are not parallel.
func abroad(t *testing.T, translate func(string) string) (*tab, *page.Server, *foreigner) {
	t.Helper()
	need(t)
	t.Cleanup(lang.Pretend(translate))
	f := newForeigner()
	s := page.New(page.Options{Source: f})
	t.Cleanup(s.Close)
	address, err := s.Address("")
	require.NoError(t, err)
	b := browse(t, address, address[:strings.LastIndex(address, "/")])
	b.until("a current value", current)
	return b, s, f
}

// told is everything on the page that is seen or heard, hidden parts included.
const told = `[document.title, ...[...document.querySelectorAll("body *")].flatMap(e => e.matches("script, style, noscript") ? [] : [
	...[...e.childNodes].filter(n => n.nodeType === Node.TEXT_NODE).map(n => n.data),
	...["aria-label", "aria-roledescription", "aria-valuetext", "title", "placeholder", "alt"].map(a => e.getAttribute(a) ?? ""),
])].map(s => s.trim()).filter(Boolean)`

// Dates are the browser's: in German, as its numbers are.
var dates = regexp.MustCompile(`\b(Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jan|Feb|Apr|Jun|Jul|Aug|Sept|Okt|Nov|Dez|` +
	`Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|Mo|Di|Mi|Do|Fr|Sa|So)\b\.?`)

// allForeign holds that no word of English is on the page as it stands.
func (b *tab) allForeign(where string) {
	b.t.Helper()
	for _, text := range eval[[]string](b, told) {
		bare := langtest.Bare(dates.ReplaceAllString(text, ""), "Quentin", "Émilie", "mum", "Deutsch", "1.2.3", "/x")
		assert.Empty(b.t, bare, "%s: %s", where, text)
	}
}

// TestNothingIsLeftInEnglish looks at every view, and at what comes when it is
// used, in a made-up language.
func TestNothingIsLeftInEnglish(t *testing.T) {
	b, server, f := abroad(t, langtest.Masked)
	require.Equal(t, "de", eval[string](b, "document.documentElement.lang"))
	for _, view := range slices.Sorted(maps.Keys(ready)) {
		b.view(view)
		b.until("all of it", ready[view])
		b.allForeign(view)
	}
	require.Contains(t, b.text("#signin h1"), langtest.Masked("Sign in"))

	b.view("now")
	b.reads(".delta", "+0,1")
	b.write(".trace", kb.ArrowLeft) // the arrow to the left
	b.allForeign("a point of the trace")
	b.click(".standing", langtest.Masked("Seen"))
	b.reads(".answer", langtest.Masked("It is done."))
	b.ahead(2 * time.Hour)
	b.until("the value to be struck", "!"+current)
	b.allForeign("an old value")
	b.ahead(0)

	b.view("report")
	b.until("figures", ready["report"])
	require.Regexp(t, `\d,\d mmol/L`, b.text("#report"))
	require.NotRegexp(t, `\d\.\d`, b.text("#report"))
	b.view("settings")
	require.Equal(t, "3,9", eval[string](b, `document.querySelector('[data-focus="alarms.low.limit"]').value`))

	b.view("signin")
	b.click("#signin form", langtest.Masked("Sign in"))
	b.reads(".error", langtest.Masked("Write the whole e-mail address"))
	b.allForeign("no address")
	b.write("#email", "follower@example.org")
	b.write("#password", "secret")
	b.click("#signin form", langtest.Masked("Sign in"))
	for _, label := range []string{"Go on", "Accept"} {
		b.reads(".after", langtest.Masked(label))
		b.click(".after", langtest.Masked(label))
		b.reads(".after [role=alert]", langtest.Masked("Tick the box first"))
		b.allForeign(label)
		eval[any](b, `document.querySelector(".after input[type=checkbox]").click(); null`)
		b.click(".after", langtest.Masked(label))
	}
	b.reads(".after", langtest.Masked("You are signed in"))
	b.allForeign("signed in")

	f.mu.Lock()
	f.state.Accounts = []page.Account{{Name: "first", People: []string{"Quentin"}, SignedIn: true}, {Name: "mum", Trouble: lang.T("It waits for a sign-in.")}}
	f.mu.Unlock()
	server.Changed()
	b.view("settings")
	b.reads("#settings", langtest.Masked("First account"))
	b.allForeign("several accounts")
	b.view("signin")
	b.reads("#signin", langtest.Masked("Which account"))
	b.allForeign("signing in to one of several accounts")

	b.excuse(".*") // the program is gone
	server.Close()
	b.reads("#lost", langtest.Masked("llutray is not running any more"))
	b.allForeign("gone")
}

var word = regexp.MustCompile(`%(?:\[\d\])?[sd%]|\pL+`)

// longer is a text as a language with words longer by four tenths has it.
func longer(key string) string {
	if before, after, ok := strings.Cut(key, "|"); ok && !strings.Contains(before, " ") {
		key = after
	}
	return word.ReplaceAllStringFunc(key, func(w string) string {
		if w[0] == '%' {
			return w
		}
		more := (len(w)*4 + 9) / 10
		return w + strings.Repeat("elin", more/4+1)[:more]
	})
}

// TestLongerWords looks at every view in a language whose words are longer by
// 40 %: nothing is wider than the window, and no letter of a picture is cut off.
func TestLongerWords(t *testing.T) {
	b, _, _ := abroad(t, longer)
	for _, view := range slices.Sorted(maps.Keys(ready)) {
		b.wide(1280)
		b.view(view)
		b.until("all of it", ready[view])
		for _, width := range []int64{1280, 768, 360, 320} {
			b.wide(width)
			b.until("pictures for this width", drawn)
			assert.Empty(t, eval[[]string](b, tooWide), "%s at %d px is wider than the window", view, width)
			assert.Empty(t, eval[[]string](b, cut), "%s at %d px", view, width)
			b.shot(fmt.Sprintf("long-%s-%d", view, width))
		}
	}
	b.wide(1280)
	b.do(chromedp.Navigate(eval[string](b, `new URL("report?days=14&name=1", location.href).href`)))
	b.until("the report", `document.querySelectorAll("svg").length > 2`)
	for _, width := range []int64{1280, 700, 320} {
		b.wide(width)
		assert.Empty(t, eval[[]string](b, tooWide), "the report at %d px is wider than the window", width)
		assert.Empty(t, eval[[]string](b, cut), "the report at %d px", width)
		b.shot(fmt.Sprintf("long-printed-%d", width))
	}
}

// TestChangeOfLanguage: a page that is open speaks the language that is chosen
// meanwhile, but not as long as somebody is writing.
func TestChangeOfLanguage(t *testing.T) {
	need(t)
	f := newForeigner()
	s := page.New(page.Options{Source: f})
	t.Cleanup(s.Close)
	address, err := s.Address("signin")
	require.NoError(t, err)
	b := browse(t, address, address[:strings.LastIndex(address, "/")])
	b.reads("#signin h1", "Sign in")
	b.write("#email", "follower@exam")
	t.Cleanup(lang.Pretend(langtest.Masked))
	f.mu.Lock()
	next := *f.state.Reading
	next.Text = "6,1"
	f.state.Reading = &next
	f.mu.Unlock()
	s.Changed()
	b.until("the news", `document.title.startsWith("6,1")`)
	require.Equal(t, "follower@exam", eval[string](b, `document.querySelector("#email").value`))
	b.reads("#signin h1", "Sign in")
	eval[any](b, `document.activeElement.blur(); null`)
	b.reads("#signin h1", langtest.Masked("Sign in"))
	require.Equal(t, "#signin", eval[string](b, "location.hash"))
	require.Equal(t, "de", eval[string](b, "document.documentElement.lang"))
}

// TestPointOrComma: a limit is read as people write it, and goes to the
// program as programs do.
func TestPointOrComma(t *testing.T) {
	b, _, f := abroad(t, langtest.Masked)
	b.view("settings")
	b.until("all of it", ready["settings"])
	const limit = `[data-focus="alarms.low.limit"]`
	for _, typed := range []string{"4,2", "4.4"} {
		b.write(limit, typed+kb.Enter)
		b.reads(".setting.limit .said", langtest.Masked("In force."))
	}
	b.write(limit, kb.ArrowUp+kb.ArrowUp)
	b.until("two steps", `document.querySelector('`+limit+`').value === "4,6"`)
	b.view("alarms")
	b.until("all of it", ready["alarms"])
	require.Equal(t, "3,9 mmol/L", b.text("#alarms output"))
	eval[any](b, `{ const e = document.querySelector("#alarms input[type=range]"); e.value = 4.8; e.dispatchEvent(new Event("input", {bubbles: true})); }; null`)
	b.click("#alarms", langtest.Masked("Use these limits"))
	b.reads("#alarms .note", langtest.Masked("These limits are in force."))
	f.mu.Lock()
	defer f.mu.Unlock()
	require.Equal(t, []string{
		"alarms.low.limit = 4.2 mmol/L", "alarms.low.limit = 4.4 mmol/L", "alarms.low.limit = 4.5 mmol/L", "alarms.low.limit = 4.6 mmol/L",
		"alarms.low.limit = 4.8 mmol/L",
	}, f.set)
}

// TestForms: the page chooses the form for a number as the program does, and
// fills in what a translation has in another order.
func TestForms(t *testing.T) {
	b, _, _ := abroad(t, langtest.Masked)
	for code, want := range map[string]string{
		"de": "10111111111111111111111", "fr": "00111111111111111111111", "pl": "20111222222222222222221",
	} {
		got := eval[string](b, `import(new URL("assets/lang.js", location.href)).then(m => [...Array(23).keys()].map(n => m.formOf(n, `+quote(code)+`)).join(""))`, chromedp.EvalAwaitPromise)
		require.Equal(t, want, got, code)
	}
	for text, want := range map[string]string{
		`m.t("%[2]s of %[1]s, %s", "a", "b")`: "b of a, b", `m.t("%d %%", 5)`: "5 %", `m.t("70 %")`: "70 %",
		`m.c("x", "old %s", 1)`: "old 1", `m.n(1, "a thing", "%d things")`: "a thing", `m.n(2, "a thing", "%d things")`: "2 things",
	} {
		require.Equal(t, want, eval[string](b, `import(new URL("assets/lang.js", location.href)).then(m => `+text+`)`, chromedp.EvalAwaitPromise), text)
	}
}

// TestLanguageIsChosen chooses a language in the settings of the real program,
// and goes back.
func TestLanguageIsChosen(t *testing.T) {
	t.Parallel()
	s := service(t, "ok")
	push(t, s, 118, 3, 10*time.Second)
	p := watch(t, s, true, 1)
	b := open(t, p)
	b.until("a current value", current)
	b.view("settings")
	const choice = `document.querySelector('[data-focus="display.language"]')`
	for _, next := range []struct{ code, name, value string }{{"de", "Deutsch", "6,6"}, {"en", "English", "6.6"}} {
		b.until("the choice", choice)
		require.Contains(t, eval[string](b, choice+`.innerText`), next.name)
		eval[any](b, `{ const e = `+choice+`; e.value = `+quote(next.code)+`; e.dispatchEvent(new Event("change")); }; null`)
		b.until("the page in "+next.name, `document.documentElement.lang === `+quote(next.code)+` && document.title.startsWith(`+quote(next.value)+`)`)
		require.Equal(t, "#settings", eval[string](b, "location.hash"))
		b.view("now")
		b.reads(".plate", next.value)
		b.view("settings")
	}
	require.Contains(t, p.settings(), "en")
}
