package tray

import (
	"fmt"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
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
	of := ""
	if o.Name != "" {
		of = " for " + cut(clean(o.Name), nameWidth)
	}
	return fmt.Sprintf("Off duty%s until %s: another carer is on. %s", of, clock(View{Now: now}, o.Until), o.StillHeard())
}

// StillHeard names the two alarms that are left.
func (o OffDuty) StillHeard() string {
	return fmt.Sprintf("Here you still hear an urgent low that has lasted %s, and %s without data.", words(o.UrgentLow), words(o.NoData))
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
			who = append(who, fmt.Sprintf("for %s until %s", cut(clean(o.Name), shortName), clock(v, o.Until)))
		}
		text = "Off duty " + strings.Join(who, ", ") + ": only the gravest alarms are heard here."
	}
	rows := lines("duty", warning, text)
	back := button("duty.back", "I'm back on duty: all alarms here again", Action{Kind: GoOn})
	back.Hidden = len(v.OffDuty) == 0
	return append(rows, back)
}

// handOver are the ways to go off duty, and back for one person alone.
func handOver(v View) []Item {
	var back []Item
	for _, o := range v.OffDuty {
		if o.Person != "" && o.Name != "" {
			back = append(back, button("", fmt.Sprintf("%s: back on duty (off until %s)", cut(clean(o.Name), nameWidth), clock(v, o.Until)), Action{Kind: GoOn, Person: o.Person}))
		}
	}
	rows := fill("duty.of", room(len(back), 0, dutyRows), false, back)
	return append(rows,
		info("duty.what", "Another carer is on: only the gravest alarms here", true),
		button("duty.night", "I'm off duty until "+clock(v, v.OffNext), Action{Kind: GoOff}),
		button("duty.2h", "I'm off duty for 2 hours", Action{Kind: GoOff, For: 2 * time.Hour}),
		button("duty.8h", "I'm off duty for 8 hours", Action{Kind: GoOff, For: 8 * time.Hour}))
}

// tellOnce are the wishes to be told once, and those that can be had.
func tellOnce(v View) []Item {
	var held []Item
	for _, p := range v.Passings {
		who := "it"
		if p.Name != "" {
			who = cut(clean(p.Name), nameWidth)
		}
		held = append(held, button("", fmt.Sprintf("When %s %s, until %s (take back)", who, clean(p.Text), clock(v, p.Until)), Action{Kind: Untell, Person: p.Person, Key: p.Key}))
	}
	rows := fill("passing", room(len(held), fewPassings, passingRows), false, held)
	choices, who, id := passingChoices[v.Unit], "it", ""
	if v.Tellable != nil {
		id = v.Tellable.Person
		if v.Tellable.Name != "" {
			who = cut(clean(v.Tellable.Name), nameWidth)
		}
	}
	for _, side := range []struct {
		key, words string
		limits     []glucose.MgDL
	}{{"above", "rises above", choices.above}, {"below", "falls below", choices.below}} {
		for i := range 4 {
			row := Item{ID: fmt.Sprintf("tell.%s.%d", side.key, i), Hidden: true}
			if v.Tellable != nil && i < len(side.limits) {
				row = button(row.ID, fmt.Sprintf("When %s %s %s %s", who, side.words, v.Unit.Format(side.limits[i]), v.Unit),
					Action{Kind: TellOnce, Person: id, Key: side.key, Value: side.limits[i]})
			}
			rows = append(rows, row)
		}
	}
	return append(rows, info("tell.none", "There is nobody to tell of yet", v.Tellable == nil))
}
