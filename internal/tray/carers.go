package tray

import (
	"fmt"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// OffDuty is a person for whom another carer is on.
type OffDuty struct {
	Person    string // ID; "" for everybody
	Name      string // "" when it is plain for whom
	Until     time.Time
	UrgentLow time.Duration // an urgent low that has lasted this long is heard all the same,
	NoData    time.Duration // and this long without data
}

// Passing is a wish to be told once.
type Passing struct {
	Person string // ID
	Name   string // "" when it is plain whose value
	Key    string // "above" or "below"
	Text   string // "rises above 8.0"
	Until  time.Time
}

// Tellable is whose value one may ask to be told of: the person's shown.
type Tellable struct{ Person, Name string }

// How many rows there are for carers.
const (
	passingRows = 8
	dutyRows    = 6
)

// The values that one may ask to be told of from the menu, which read well in
// the unit; the page and the command line take any.
var passingChoices = map[glucose.Unit]struct{ above, below []glucose.MgDL }{
	glucose.MmolPerL: {[]glucose.MgDL{126, 144, 180, 216}, []glucose.MgDL{180, 144, 108, 90}},
	glucose.MgPerDL:  {[]glucose.MgDL{120, 150, 180, 220}, []glucose.MgDL{180, 150, 110, 90}},
}

// OffText tells that this computer is off duty, until when, and what is heard
// all the same.
func OffText(o OffDuty, now time.Time) string {
	until := lang.Moment(o.Until, now)
	text := lang.F("Off duty until %s: another carer is on.", until)
	if o.Name != "" {
		text = lang.F("Off duty for %s until %s: another carer is on.", cut(clean(o.Name), nameWidth), until)
	}
	return text + " " + o.StillHeard()
}

// StillHeard names the two alarms that are left.
func (o OffDuty) StillHeard() string {
	return lang.F("Here you still hear an urgent low that has lasted %s, and %s without data.", lang.Span(o.UrgentLow), lang.Span(o.NoData))
}

// duty tells at the top that this computer is off duty, with the way back.
func duty(v View) []Item {
	text := ""
	switch len(v.OffDuty) {
	case 0:
	case 1:
		text = OffText(v.OffDuty[0], v.Now)
	default: // there is no room for the particulars of each
		var who []string
		for _, o := range v.OffDuty {
			who = append(who, lang.F("for %s until %s", cut(clean(o.Name), shortName), lang.Moment(o.Until, v.Now)))
		}
		text = lang.F("Off duty %s: only the gravest alarms are heard here.", strings.Join(who, ", "))
	}
	rows := paragraph("duty", warning, text, dutyText)
	back := button("duty.back", lang.T("I'm back on duty: all alarms here again"), Action{Kind: GoOn})
	back.Hidden = len(v.OffDuty) == 0
	return append(rows, back)
}

// handOver are the ways to go off duty, and back for one person alone.
func handOver(v View) []Item {
	var back []Item
	for _, o := range v.OffDuty {
		if o.Person != "" && o.Name != "" {
			label := fitted(o.Name, func(name string) string {
				return lang.F("%s: back on duty (off until %s)", name, lang.Moment(o.Until, v.Now))
			})
			back = append(back, button("", label, Action{Kind: GoOn, Person: o.Person}))
		}
	}
	rows := fill("duty.of", dutyRows, false, back)
	return append(rows,
		info("duty.what", lang.T("Another carer is on: only the gravest alarms here"), true),
		button("duty.night", lang.F("I'm off duty until %s", lang.Moment(v.OffNext, v.Now)), Action{Kind: GoOff}),
		button("duty.2h", lang.T("I'm off duty for 2 hours"), Action{Kind: GoOff, For: 2 * time.Hour}),
		button("duty.8h", lang.T("I'm off duty for 8 hours"), Action{Kind: GoOff, For: 8 * time.Hour}))
}

// tellOnce are the wishes to be told once, and those that can be had.
func tellOnce(v View) []Item {
	var held []Item
	for _, p := range v.Passings {
		text, until := clean(p.Text), lang.Moment(p.Until, v.Now)
		label := lang.F("When it %s, until %s (take back)", text, until)
		if p.Name != "" {
			label = fitted(p.Name, func(name string) string { return lang.F("When %s %s, until %s (take back)", name, text, until) })
		}
		held = append(held, button("", label, Action{Kind: Untell, Person: p.Person, Key: p.Key}))
	}
	rows := fill("passing", passingRows, false, held)
	choices := passingChoices[v.Unit]
	for _, side := range []struct {
		key    string
		limits []glucose.MgDL
	}{{"above", choices.above}, {"below", choices.below}} {
		for i := range 4 {
			row := Item{ID: fmt.Sprintf("tell.%s.%d", side.key, i), Hidden: true}
			if v.Tellable != nil && i < len(side.limits) {
				limit := side.limits[i]
				row = button(row.ID, tellLabel(side.key, v.Tellable.Name, v.Unit.Format(limit)+" "+string(v.Unit)),
					Action{Kind: TellOnce, Person: v.Tellable.Person, Key: side.key, Value: limit})
			}
			rows = append(rows, row)
		}
	}
	return append(rows, info("tell.none", lang.T("There is nobody to tell of yet"), v.Tellable == nil))
}

func tellLabel(key, name, value string) string {
	above := key == "above"
	switch {
	case name == "" && above:
		return lang.F("When it rises above %s", value)
	case name == "":
		return lang.F("When it falls below %s", value)
	}
	return fitted(name, func(name string) string {
		if above {
			return lang.F("When %s rises above %s", name, value)
		}
		return lang.F("When %s falls below %s", name, value)
	})
}
