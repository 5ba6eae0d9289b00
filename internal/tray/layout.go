package tray

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Item is one row of the menu.
type Item struct {
	ID        string // the same row has the same ID in every layout
	Label     string
	Hidden    bool
	Disabled  bool
	Checkable bool
	Checked   bool
	Separator bool
	Children  []Item
	Action    *Action // nil when a click only closes the menu
}

// How many rows of each kind there is room for.
const (
	recentRows = 12
	textRows   = 3
	dutyText   = 4 // what is heard all the same is read to its end in any language
	kindRows   = 12
	forRows    = 4
	logRows    = 8
	peopleRows = 20
	snoozeRows = 48
)

// The sparkline: three hours, in as many cells as leave the menu no wider
// than its words do.
const (
	sparkTime  = 3 * time.Hour
	sparkCells = 24
)

// Layout is the whole menu for a view. It has the same rows in the same order
// for every view, and hides those that have nothing to say: menus of trays
// can append and hide, but not insert. Submenus have no submenus, because
// GNOME closes a submenu as soon as one within it opens. Rows that only tell
// something are not disabled, since many desktops make those too faint to
// read.
func Layout(v View) []Item {
	var rows []Item
	add := func(more ...Item) { rows = append(rows, more...) }

	add(info("demo", lang.T("Demo: a simulated sensor, nobody's real glucose"), v.Demo))
	add(info("now", headline(v), true))
	add(spark(v))
	add(button("page", lang.T("Open llutray… (chart, numbers, settings)"), Action{Kind: OpenPage}))
	add(Item{ID: "recent", Label: lang.T("Recent readings"), Children: recent(v)})
	add(todayRows(v)...)
	add(lines("bedtime", "", tonight(v))...)
	add(lines("night", "", clean(v.Night))...)
	add(separator("alarms-"))
	add(duty(v)...)
	add(standing(v)...)
	add(lines("undelivered", warning, v.Undelivered)...)
	add(Item{ID: "alarms", Label: lang.T("Alarms"), Children: alarms(v)})
	add(Item{ID: "tell", Label: lang.T("Tell me once"), Hidden: v.Tellable == nil && len(v.Passings) == 0, Children: tellOnce(v)})
	add(Item{ID: "hand-over", Label: lang.T("Hand over to another carer"), Hidden: v.OffNext.IsZero(), Children: handOver(v)})
	add(Item{ID: "people", Label: lang.T("People"), Hidden: len(v.People) < 2, Children: people(v)})
	add(Item{ID: "settings", Label: lang.T("Settings"), Children: settings(v)})
	add(separator("service-"))
	add(refresh(v))
	add(lines("fault", warning, faultText(v))...)
	add(lines("hint", indent, hintText(v))...)
	add(signIn(v))
	add(separator("program-"))
	add(button("about", strings.TrimSpace("llutray "+v.Version)+" · "+lang.T("not a medical device"), Action{Kind: About}))
	add(button("quit", lang.T("Quit"), Action{Kind: Quit}))
	if v.Words {
		return newReader().menu(rows)
	}
	return rows
}

func info(id, label string, shown bool) Item { return Item{ID: id, Label: label, Hidden: !shown} }

func separator(id string) Item { return Item{ID: id, Separator: true} }

func button(id, label string, a Action) Item { return Item{ID: id, Label: label, Action: &a} }

func choice(id, label string, chosen bool, a Action) Item {
	return Item{ID: id, Label: label, Checkable: true, Checked: chosen, Action: &a}
}

// fill adds hidden rows until there are n, so that the menu keeps its shape.
// Rows that do not fit are left out.
func fill(id string, n int, checkable bool, rows []Item) []Item {
	rows = rows[:min(n, len(rows))]
	for len(rows) < n {
		rows = append(rows, Item{Hidden: true, Checkable: checkable})
	}
	for i := range rows {
		rows[i].ID = fmt.Sprintf("%s.%d", id, i)
	}
	return rows
}

// The mark of a paragraph that tells of something wrong, and what keeps its
// other lines below the first, apart from the rows that can be chosen.
const (
	warning = "⚠ "
	indent  = "\u2003"
)

// lines are rows of wrapped text.
func lines(id, first, text string) []Item { return paragraph(id, first, text, textRows) }

func paragraph(id, first, text string, limit int) []Item {
	var rows []Item
	for i, l := range wrap(text, limit) {
		if i > 0 {
			first = indent
		}
		rows = append(rows, Item{Label: first + l})
	}
	return fill(id, limit, false, rows)
}

func spark(v View) Item {
	s, ok := chart.Sparkline(v.Trace, v.Now.Add(-sparkTime), v.Now, sparkCells)
	if !ok {
		return info("spark", "", false)
	}
	return info("spark", s.Line+"  "+lang.F("%s to %s in 3 h", s.Lowest.Number(v.Unit), s.Highest.Number(v.Unit)), true)
}

func recent(v View) []Item {
	// Deltas of older rows need what came before them, as far as known.
	known := slices.Concat(v.Trace, v.Recent)
	known = slices.DeleteFunc(known, func(r glucose.Reading) bool { return r.Origin != glucose.Live })
	slices.SortStableFunc(known, func(a, b glucose.Reading) int { return a.Time.Compare(b.Time) })
	known = slices.CompactFunc(known, func(a, b glucose.Reading) bool { return a.Time.Equal(b.Time) })

	var rows []Item
	for _, r := range v.Recent {
		label := lang.Moment(r.Time, v.Now) + " · " + r.Text(v.Unit)
		i, _ := slices.BinarySearchFunc(known, r, func(a, b glucose.Reading) int { return a.Time.Compare(b.Time) })
		if d, ok := glucose.DeltaOf(known[:min(i+1, len(known))]); ok {
			label += " · " + delta(v.Unit, d)
		}
		rows = append(rows, Item{Label: label})
	}
	return append(fill("recent", recentRows, false, rows), info("recent.none", lang.T("No readings yet"), len(v.Recent) == 0))
}

func today(v View) string {
	t := v.Today
	if !t.Known {
		return lang.T("Today: too few readings yet")
	}
	return lang.F("Today: %s in range · %s low · %s high · %s to %s",
		percent(t.InRange), percent(t.Below), percent(t.Above), v.Unit.Format(t.Lowest), v.Unit.Format(t.Highest))
}

// todayRows are that in one row, or in two where it would be too wide.
func todayRows(v View) []Item {
	text, more := today(v), ""
	if i := strings.LastIndex(text, " · "); i >= 0 && utf8.RuneCountInString(text) > widest {
		text, more = text[:i], indent+text[i+len(" · "):]
	}
	return []Item{info("today", text, true), info("today.more", more, more != "")}
}

// percent rounds, but never makes nothing of something: half a per cent of a
// day below the limit is seven minutes of a low.
func percent(p float64) string {
	if p > 0 && p < 1 {
		return lang.T("under 1 %")
	}
	if p > 99 && p < 100 {
		return lang.T("over 99 %")
	}
	return lang.Percent(p, 0)
}

func people(v View) []Item {
	var rows []Item
	for _, p := range v.People {
		row := choice("", personLine(v, p), p.Chosen, Action{Kind: Follow, Key: p.ID})
		if p.NotFollowed {
			row.Disabled, row.Action = true, nil // the settings file says so, on purpose
		}
		rows = append(rows, row)
	}
	return fill("people", peopleRows, true, rows)
}

// personLine tells how one of several is.
func personLine(v View, p Person) string {
	parts := []string{""}
	switch {
	case p.Reading == nil:
		parts = append(parts, lang.T("no reading yet"))
	case p.Stale:
		parts = append(parts, lang.F("%s, %s old", p.Reading.Number(v.Unit), lang.Span(p.Reading.Age(v.Now))))
	default:
		parts = append(parts, p.Reading.Text(v.Unit), lang.Ago(p.Reading.Age(v.Now)))
	}
	switch {
	case p.NotFollowed:
		parts = append(parts, lang.T("not followed"))
	case p.Alarm != "":
		parts = append(parts, warning+clean(p.Alarm))
	}
	return fitted(p.Name, func(name string) string { return name + strings.Join(parts, " · ") })
}

// refresh can't be chosen while the service forbids requests: a click that
// does nothing looks like a fault.
func refresh(v View) Item {
	item := button("refresh", lang.T("Refresh now"), Action{Kind: Refresh})
	if barred(v) {
		item.Label = lang.F("Refresh: possible again %s", lang.At(v.Fault.Until.Add(time.Minute-1), v.Now))
		item.Disabled = true
	}
	return item
}

// barred reports whether the service forbids requests, and sign-ins too.
func barred(v View) bool { return v.Fault != nil && v.Now.Before(v.Fault.Until) }

func faultText(v View) string {
	f := v.Fault
	if f == nil {
		return ""
	}
	if f.Since.IsZero() || v.Now.Sub(f.Since) < time.Minute {
		return f.Message
	}
	return f.Message + " " + lang.Upper(lang.Since(f.Since, v.Now)) + "."
}

// tonight is the bedtime sentence, told as what it is about.
func tonight(v View) string {
	if v.Bedtime == "" {
		return ""
	}
	return lang.F("Tonight: %s", lang.Lower(clean(v.Bedtime)))
}

func hintText(v View) string {
	if v.Fault == nil {
		return ""
	}
	return v.Fault.Hint
}

// signIn is what the user must do, as far as it can be begun from here. The
// demo has its own account.
func signIn(v View) Item {
	item := button("sign-in", lang.T("Sign in again…"), Action{Kind: SignIn})
	item.Hidden, item.Disabled = v.Demo, barred(v)
	if v.Fault == nil {
		return item
	}
	switch v.Fault.Kind {
	case glucose.SignedOut:
		item.Label = lang.T("Sign in…")
	case glucose.WrongPassword:
		item.Label = lang.T("Sign in with the right password…")
	case glucose.Terms:
		item.Label = lang.T("Read the terms and sign in…")
	case glucose.VerifyEmail:
		item.Label = lang.T("Sign in after confirming the e-mail address…")
	case glucose.TooOld, glucose.Closed, glucose.Offline, glucose.ServerError, glucose.Maintenance,
		glucose.Throttled, glucose.Locked, glucose.Blocked:
		item.Hidden = true // signing in can't help; the hint says what does
	}
	return item
}
