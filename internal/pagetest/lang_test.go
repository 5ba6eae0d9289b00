//go:build linux

package pagetest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
)

// foreigner is a program that speaks another language, as far as it is its own
// to say: what the page adds is what these tests look for.
type foreigner struct {
	mu       sync.Mutex
	state    page.State
	readings []glucose.Reading
	set      []string // what was changed
}

func newForeigner() *foreigner {
	m := lang.T
	now := time.Now().UTC().Truncate(time.Second)
	later := now.Add(time.Hour)
	minutes := []int{30, 60, 120}
	f := &foreigner{state: page.State{
		Schema: 1, Now: now, Zone: "UTC", Speed: 1, Version: "1.2.3", Unit: "mmol/L",
		Limits: page.Limits{UrgentLow: 54, Low: 70, High: 180, UrgentHigh: 250}, AlarmLimits: page.AlarmLimits{Low: 70, High: 250, UrgentLow: 54},
		Person:   &page.Person{ID: "1", Name: "Quentin"},
		People:   []page.Row{{ID: "1", Name: "Quentin", Text: "5,6 →", Chosen: true}, {ID: "2", Name: "Émilie", Text: ""}},
		Reading:  &page.Reading{Time: now.Add(-2 * time.Minute), MgDL: 101, Text: "5,6", Arrow: "→", Trend: "flat", TrendWords: m("steady"), Range: "in", RangeWords: m("in range")},
		StaleAt:  &later,
		Delta:    &page.Delta{Text: "+0,1", Minutes: 5},
		Fault:    &page.Fault{Kind: "terms", Since: now.Add(-time.Hour), Message: m("LibreLinkUp has new terms of use that wait to be accepted."), Hint: m("Open the LibreLinkUp app on a phone and accept what it asks") + "; " + m("or run") + ": llutray login", Action: "sign_in"},
		Trouble:  m("No sound can be played on this computer."),
		Today:    page.Today{Known: true, InRange: 80, Below: 0.5, Above: 19, Lowest: "3,8", Highest: "12,1"},
		Night:    m("A quiet night."),
		Bedtime:  m("Nothing is planned."),
		Alarms:   []page.Alarm{{Who: "1", Name: "Quentin", Kind: "low", Label: m("Low"), Treatable: true}, {Who: "2", Name: "Émilie", Kind: "low", Treatable: true}},
		Snoozes:  []page.Snooze{{Who: "1", Name: "Quentin", Kind: "high", Label: m("High"), Until: later}},
		OffDuty:  []page.OffDuty{{Who: "2", Name: "Émilie", Until: later, Text: m("Another carer is on until then.")}, {Until: later, Text: m("Another carer is on.")}},
		OffNext:  later,
		Passings: []page.Passing{{Who: "1", Name: "Quentin", Key: "above", Text: m("rises above it"), Until: later}, {Who: "1", Key: "below", Text: m("falls below"), Until: later}},
		SignedIn: true, Spoken: "5,6, " + m("steady, in range"),
		Here: now, Measure: glucose.MmolPerL, Ranges: glucose.DefaultLimits,
	}}
	f.state.Snoozable = []page.Snoozable{{Who: "1", Name: "Quentin", Kind: "low", Label: m("Low"), Minutes: minutes}, {Who: "1", Name: "Quentin", Kind: "high", Label: m("High"), Minutes: minutes}}
	for at := now.AddDate(0, 0, -28); at.Before(now); at = at.Add(5 * time.Minute) {
		if h := at.Hour(); h == 3 && at.Minute() > 10 {
			continue // a gap each night
		}
		hours := float64(at.Unix()) / 3600
		v := 120 + 55*math.Sin(hours/3) + 25*math.Sin(hours/40)
		f.readings = append(f.readings, glucose.Reading{Time: at, Value: glucose.MgDL(v), Trend: glucose.Flat})
	}
	return f
}

func (f *foreigner) State() page.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

func (f *foreigner) Readings(_ context.Context, from, to time.Time) (out []glucose.Reading, _ error) {
	for _, r := range f.readings {
		if !r.Time.Before(from) && r.Time.Before(to) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (f *foreigner) Log(_ context.Context, from, to time.Time) (out []page.LogEntry, _ error) {
	at := f.state.Now
	answered := at.Add(-90 * time.Minute)
	for _, e := range []page.LogEntry{
		{Time: at.Add(-20 * time.Hour), Person: "Quentin", Kind: "high", Label: lang.T("High"), Level: "high", Reason: lang.T("snoozed"), Value: "14,2"},
		{Time: at.Add(-2 * time.Hour), Person: "Quentin", Kind: "low", Label: lang.T("Low"), Level: "low", Said: true, Reason: lang.T("first time"), Value: "3,7", Answer: lang.T("seen"), AnsweredAt: &answered},
		{Time: at.Add(-time.Hour), Person: "Émilie", Kind: "no_data", Label: lang.T("No data"), Level: "soft", Said: true, Reason: lang.T("again"), Delivery: lang.T("no desktop took it")},
	} {
		if !e.Time.Before(from) && e.Time.Before(to) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (f *foreigner) Night(context.Context, time.Time, time.Time) (string, error) {
	return lang.T("A quiet night."), nil
}

func (f *foreigner) Replay(_ context.Context, q page.ReplayQuestion) (page.Replay, error) {
	return page.Replay{Days: q.Days, Now: 3, Then: 5, Sentence: lang.T("More would be heard."),
		Rows: []page.ReplayRow{{Kind: "low", Label: lang.T("Low"), Now: 3, Then: 5}},
		List: []page.Heard{{Time: f.state.Now.Add(-time.Hour), Label: lang.T("Low"), Value: "3,7", In: "then"}}}, nil
}

func (f *foreigner) Settings(context.Context) (page.Settings, error) {
	bound := func(x float64) *float64 { return &x }
	doc := lang.T("What is said of it, so that nobody needs to guess.")
	key := func(name, kind, value, standard string, options ...string) page.Key {
		return page.Key{Key: name, Type: kind, Value: value, Default: standard, Doc: doc, Options: options, Label: "Label"}
	}
	limit := key("alarms.low.limit", "limit", "3.9", "4.2")
	limit.Min, limit.Max, limit.Unit = bound(3.3), bound(5.6), "mmol/L"
	high := key("alarms.high.limit", "limit", "13.9", "13.9")
	high.Min, high.Max, high.Unit = bound(6.7), bound(22.2), "mmol/L"
	usual := key("quiet.night.low", "limit", "usual", "usual", "usual")
	usual.Min, usual.Max, usual.Unit = bound(3.3), bound(5.6), "mmol/L"
	span := key("alarms.low.repeat", "duration", "45m", "30m")
	span.Min, span.Max, span.Unit = bound(5), bound(90), "min"
	language := key("display.language", "word", "auto", "auto", "auto", "de")
	language.Names = []string{"", "Deutsch"}
	return page.Settings{Path: "/x", Sections: []page.Section{
		{Keys: []page.Key{key("unit", "word", "mmol/L", "mg/dL", "mmol/L", "mg/dL")}},
		{Name: "display", Title: lang.T("Display"), Doc: doc, Keys: []page.Key{
			key("display.show_name", "flag", "true", "false"), key("display.icon", "word", "number", "large", "number", "large", "discreet"),
			key("display.contrast", "word", "auto", "on", "auto", "on", "off"), language,
		}},
		{Name: "alarms.low", Title: lang.T("Alarm: low"), Doc: doc, Keys: []page.Key{
			key("alarms.low.on", "flag", "true", "true"), limit, span, key("alarms.low.sound", "word", "low", "none", "none", "soft", "low", "urgent"),
		}},
		{Name: "alarms.high", Title: lang.T("Alarm: high"), Doc: doc, Keys: []page.Key{key("alarms.high.on", "flag", "true", "true"), high}},
		{Name: "quiet.night", Title: lang.T("Quiet hours: night"), Doc: doc, Keys: []page.Key{
			key("quiet.night.on", "flag", "true", "false"), key("quiet.night.from", "text", "22:00", "21:00"),
			key("quiet.night.days", "text", "mon tue", "every day"), key("quiet.night.through", "text", "high", ""), usual,
		}},
		{Name: "speech", Title: lang.T("Speech"), Doc: doc, Keys: []page.Key{key("speech.value", "word", "5m", "off", "off", "5m", "1h")}},
	}}, nil
}

func (f *foreigner) Set(_ context.Context, key, value string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, key+" = "+value)
	return nil
}

func (f *foreigner) Do(context.Context, page.Action) (string, error) {
	return lang.T("It is done."), nil
}

func (f *foreigner) SignIn(_ context.Context, q page.SignIn) (page.SignInAnswer, error) {
	if !q.File {
		return page.SignInAnswer{Status: page.NoKeyring, Message: lang.T("there is no keyring")}, nil
	}
	return page.SignInAnswer{Status: page.LegalStep, Step: &page.Step{Title: lang.T("terms of use")}}, nil
}

func (f *foreigner) Accept(context.Context) (page.SignInAnswer, error) {
	return page.SignInAnswer{
		Status: page.SignedIn, People: []page.Shared{{Name: "Quentin", Text: "5,6 →"}},
		Offer: []page.Offer{{Key: "alarms.low.limit", Label: lang.T("low alarm"), Value: "70 mg/dL"}},
	}, nil
}

func (f *foreigner) SignOut(context.Context, string) error { return nil }

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
		bare := lang.Bare(dates.ReplaceAllString(text, ""), "Quentin", "Émilie", "mum", "Deutsch", "1.2.3", "/x")
		assert.Empty(b.t, bare, "%s: %s", where, text)
	}
}

// TestNothingIsLeftInEnglish looks at every view, and at what comes when it is
// used, in a made-up language.
func TestNothingIsLeftInEnglish(t *testing.T) {
	b, server, f := abroad(t, lang.Masked)
	require.Equal(t, "de", eval[string](b, "document.documentElement.lang"))
	for _, view := range slices.Sorted(maps.Keys(ready)) {
		b.view(view)
		b.until("all of it", ready[view])
		b.allForeign(view)
	}
	require.Contains(t, b.text("#signin h1"), lang.Masked("Sign in"))

	b.view("now")
	b.reads(".delta", "+0,1")
	b.write(".trace", kb.ArrowLeft) // the arrow to the left
	b.allForeign("a point of the trace")
	b.click(".standing", lang.Masked("Seen"))
	b.reads(".answer", lang.Masked("It is done."))
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
	b.click("#signin form", lang.Masked("Sign in"))
	b.reads(".error", lang.Masked("Write the whole e-mail address"))
	b.allForeign("no address")
	b.write("#email", "follower@example.org")
	b.write("#password", "secret")
	b.click("#signin form", lang.Masked("Sign in"))
	for _, label := range []string{"Go on", "Accept"} {
		b.reads(".after", lang.Masked(label))
		b.click(".after", lang.Masked(label))
		b.reads(".after [role=alert]", lang.Masked("Tick the box first"))
		b.allForeign(label)
		eval[any](b, `document.querySelector(".after input[type=checkbox]").click(); null`)
		b.click(".after", lang.Masked(label))
	}
	b.reads(".after", lang.Masked("You are signed in"))
	b.allForeign("signed in")

	f.mu.Lock()
	f.state.Accounts = []page.Account{{Name: "first", People: []string{"Quentin"}, SignedIn: true}, {Name: "mum", Trouble: lang.T("It waits for a sign-in.")}}
	f.mu.Unlock()
	server.Changed()
	b.view("settings")
	b.reads("#settings", lang.Masked("First account"))
	b.allForeign("several accounts")
	b.view("signin")
	b.reads("#signin", lang.Masked("Which account"))
	b.allForeign("signing in to one of several accounts")

	b.excuse(".*") // the program is gone
	server.Close()
	b.reads("#lost", lang.Masked("llutray is not running any more"))
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
	t.Cleanup(lang.Pretend(lang.Masked))
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
	b.reads("#signin h1", lang.Masked("Sign in"))
	require.Equal(t, "#signin", eval[string](b, "location.hash"))
	require.Equal(t, "de", eval[string](b, "document.documentElement.lang"))
}

// TestPointOrComma: a limit is read as people write it, and goes to the
// program as programs do.
func TestPointOrComma(t *testing.T) {
	b, _, f := abroad(t, lang.Masked)
	b.view("settings")
	b.until("all of it", ready["settings"])
	const limit = `[data-focus="alarms.low.limit"]`
	for _, typed := range []string{"4,2", "4.4"} {
		b.write(limit, typed+kb.Enter)
		b.reads(".setting.limit .said", lang.Masked("In force."))
	}
	b.write(limit, kb.ArrowUp+kb.ArrowUp)
	b.until("two steps", `document.querySelector('`+limit+`').value === "4,6"`)
	b.view("alarms")
	b.until("all of it", ready["alarms"])
	require.Equal(t, "3,9 mmol/L", b.text("#alarms output"))
	eval[any](b, `{ const e = document.querySelector("#alarms input[type=range]"); e.value = 4.8; e.dispatchEvent(new Event("input", {bubbles: true})); }; null`)
	b.click("#alarms", lang.Masked("Use these limits"))
	b.reads("#alarms .note", lang.Masked("These limits are in force."))
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
	b, _, _ := abroad(t, lang.Masked)
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
