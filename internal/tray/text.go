package tray

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

const (
	// lineWidth is how many characters a menu line may have before the menu
	// becomes wider than people care to read beside their work.
	lineWidth = 60

	// widest is how many it has where a language needs more words than English:
	// a tenth more.
	widest = lineWidth * 11 / 10

	// nameWidth is how much of a name is shown where nothing else wants the
	// room, leastName how much always.
	nameWidth = 20
	leastName = 8
	shortName = 12 // where names stand side by side, or in the panel

	// tooltipUnits is what Windows holds, in UTF-16 units without the final
	// zero.
	tooltipUnits = 127
)

// IconOf says what the icon shows. A fault that only the user can end shows
// once there is no present value left: as long as the number is good, the
// number matters more.
func IconOf(v View) chart.IconSpec {
	v = v.onIcon()
	spec := chart.IconSpec{Look: look(v), Contrast: v.Contrast}
	if needsUser(v) && (v.Reading == nil || v.Stale) {
		spec.Fault = true
		return spec
	}
	if v.Reading == nil {
		return spec
	}
	spec.Number, spec.Snoozed = v.Reading.Number(v.Unit), v.Held
	if spec.Look == chart.Discreet {
		spec.Number = hidden
	}
	if v.Stale {
		spec.Stale = true
		return spec
	}
	spec.Range = v.Limits.Of(*v.Reading)
	if spec.Look == chart.Numbered {
		spec.Trend = v.Reading.Trend // nobody sees it in the others
	}
	return spec
}

// onIcon is the view of whom the icon shows.
func (v View) onIcon() View {
	if v.OnIcon != nil {
		o := *v.OnIcon
		o.Contrast, o.Words = v.Contrast, v.Words
		return o
	}
	return v
}

// hidden stands for any number in a discreet icon, which then is equal for all
// values of a range and not sent again for each.
const hidden = "·"

func needsUser(v View) bool { return v.Fault != nil && v.Fault.Kind.NeedsUser() }

// Tooltip is the text under the pointer: the first line of the menu, and what
// is wrong. It has at most 127 UTF-16 units and none of the characters that
// some bars read as markup.
func Tooltip(v View) string {
	v = v.onIcon()
	text := headline(v)
	if lines := everyone(v); len(lines) > 1 {
		text = strings.Join(lines, "\n")
	}
	if look(v) == chart.Discreet {
		text = discreetly(v)
	}
	if v.Demo {
		text = lang.T("Demo") + " · " + text
	}
	if v.Words {
		text = sentence(newReader().aloud(text))
	}
	if len(v.OffDuty) > 0 {
		text += "\n" + lang.F("Off duty until %s", lang.Moment(v.OffDuty[0].Until, v.Now))
	}
	switch {
	case v.Fault != nil:
		text += "\n" + clean(v.Fault.Message)
	case v.Undelivered != "":
		text += "\n" + clean(v.Undelivered)
	}
	return cutUnits(text, tooltipUnits)
}

// everyone are the lines of the tooltip where several are followed: first
// whom the icon shows, then the others.
func everyone(v View) (lines []string) {
	for _, p := range v.People {
		if p.NotFollowed {
			continue
		}
		line := shortLine(v, p)
		if p.ID == v.PersonID {
			lines = append([]string{line}, lines...)
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}

// shortLine is one person in about forty characters, so that two and what is
// wrong fit into a tooltip.
func shortLine(v View, p Person) string {
	name := cut(clean(p.Name), shortName) + ": "
	switch {
	case p.Reading == nil:
		return name + lang.T("no reading yet")
	case p.Stale:
		return name + lang.F("%s, %s old", p.Reading.Number(v.Unit), lang.Span(p.Reading.Age(v.Now)))
	}
	text := name + p.Reading.Text(v.Unit)
	if p.Range != glucose.InRange && p.Range != glucose.RangeUnknown {
		text += " " + p.Range.Words()
	}
	return text + " · " + lang.Ago(p.Reading.Age(v.Now))
}

// Title is the icon's name for those who hear the screen: the value in words.
func Title(v View) string {
	v = v.onIcon()
	if look(v) == chart.Discreet {
		return discreetly(v)
	}
	if v.Reading == nil || v.Stale {
		return headline(v)
	}
	text := value(v)
	if r := v.Limits.Of(*v.Reading); r != glucose.InRange && r != glucose.RangeUnknown {
		text += ", " + r.Words()
	}
	if v.Reading.Trend != glucose.TrendUnknown {
		text += ", " + v.Reading.Trend.Words()
	}
	return named(v, text)
}

// PanelLabel is the text beside the icon where a panel shows one. It cannot
// be greyed there, so an old value carries its age and no arrow. It is ""
// when the user wants none.
// Where several are followed it names whose value it is.
func PanelLabel(v View) string {
	v = v.onIcon()
	who := ""
	if len(everyone(v)) > 1 {
		who = cut(clean(v.Person), shortName) + " "
	}
	switch {
	case !v.Settings.Label, look(v) == chart.Discreet:
		return ""
	case v.Reading == nil:
		return who + "—"
	case v.Stale:
		return who + v.Reading.Number(v.Unit) + " · " + lang.Short(v.Reading.Age(v.Now))
	}
	return who + v.Reading.Text(v.Unit)
}

// headline is the first line of the menu: who, value with unit, arrow, delta
// and age.
func headline(v View) string {
	switch {
	case v.Reading == nil:
		return named(v, lang.T("No reading yet"))
	case v.Stale:
		return named(v, lang.F("%s, %s old", value(v), lang.Span(v.Reading.Age(v.Now))))
	}
	text := value(v)
	if a := v.Reading.Trend.Arrow(); a != "" {
		text += " " + a
	}
	if r := v.Limits.Of(*v.Reading); r != glucose.InRange && r != glucose.RangeUnknown {
		if v.Words {
			text += ","
		}
		text += " " + r.Words()
	}
	if v.Delta != nil {
		text += " · " + delta(v.Unit, *v.Delta)
	}
	return named(v, text+" · "+lang.Ago(v.Reading.Age(v.Now)))
}

// value is the number with its unit. LO and HI have none: they are no number.
func value(v View) string {
	n := v.Reading.Number(v.Unit)
	if v.Reading.Limit != glucose.LimitNone {
		return n
	}
	return n + " " + string(v.Unit)
}

func named(v View, text string) string {
	if v.Person == "" {
		return text
	}
	return fitted(v.Person, func(name string) string { return name + " · " + text })
}

// fitted is a line with a name in it, of which the name gives way where the
// line would be too long.
func fitted(name string, line func(name string) string) string {
	room := lineWidth - utf8.RuneCountInString(line(""))
	return line(cut(clean(name), min(max(room, leastName), nameWidth)))
}

func delta(u glucose.Unit, d glucose.Delta) string {
	return lang.F("%s in %d min", u.FormatDifference(d.Change), d.Minutes)
}

// clean makes text from outside safe to show: one line, nothing invisible
// that could turn the text around, nothing that a bar reads as markup.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			return '‹'
		case r == '>':
			return '›'
		case r == '&':
			return '+'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// cut shortens text to width characters.
func cut(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	return strings.TrimRight(string(r[:width-1]), " ") + "…"
}

// cutUnits shortens text to a number of UTF-16 units, never inside a
// character.
func cutUnits(s string, units int) string {
	n := len(utf16.Encode([]rune(s)))
	if n <= units {
		return s
	}
	r := []rune(s)
	for n > units-1 {
		n -= utf16.RuneLen(r[len(r)-1])
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ") + "…"
}

// wrap breaks text into at most limit lines of lineWidth characters.
func wrap(s string, limit int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(clean(s)) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= lineWidth:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	for i := range lines {
		lines[i] = cut(lines[i], lineWidth)
	}
	if len(lines) > limit {
		lines = lines[:limit]
		lines[limit-1] = cut(lines[limit-1]+" …", lineWidth)
	}
	return lines
}
