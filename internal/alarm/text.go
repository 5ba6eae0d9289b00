package alarm

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/llutray/llutray/internal/glucose"
)

// Privacy is how much a message tells.
type Privacy string

// Full tells who and what; ContentFree holds no name and no value, for
// screens that others see.
const (
	Full        Privacy = "full"
	ContentFree Privacy = "content-free"
)

// nameRunes bounds a name in a title, so that what follows it is still read.
const nameRunes = 24

// Text writes a decision as a message. The first words carry the news, for
// desktops cut the end off. Times are in the zone of d.Time. who may be "".
func Text(d Decision, who string, u glucose.Unit, p Privacy) (title, body string) {
	if p == ContentFree {
		if d.Kind == NeedsYou {
			return "llutray needs you", "Open llutray to see why."
		}
		return "Glucose alarm", "Open llutray to see it."
	}
	who = plain(who)
	shout := d.Kind.trait().shout
	switch d.Kind {
	case NoData:
		return dataText(d, shout, who, u)
	case NeedsYou:
		return userText(d, shout, who)
	case SensorEnds:
		return sensorText(d, shout, who)
	case Once:
		return onceText(d, who, u)
	}
	if d.Reading == nil {
		return join(shout, who), ""
	}
	title = join(shout, d.Reading.Text(u), who)
	if d.Kind == LowSoon {
		title += soonText(d, who, u)
	} else if d.Reading.Trend != glucose.TrendUnknown && d.Kind != FallingFast && d.Kind != RisingFast {
		sep := ", "
		if who == "" {
			sep = " "
		}
		title += sep + d.Reading.Trend.Words()
	}
	if d.Kind == SecondRise {
		body = "Came down to " + u.Format(d.Trough) + ", now rising again: "
	}
	body += d.Reading.Number(u)
	if d.Reading.Limit == glucose.LimitNone {
		body += " " + string(u)
	}
	body += " at " + clock(d.Reading.Time, d.Time)
	if d.Kind == LowSoon {
		return title, body + "." + told(d)
	}
	if !d.Since.IsZero() && d.Since.Before(d.Reading.Time) {
		what := strings.ToLower(d.Kind.Label())
		switch d.Kind {
		case SecondRise:
			what = "rising"
		case StillHigh:
			what = "high"
		}
		body += fmt.Sprintf(", %s since %s", what, clock(d.Since, d.Time))
	}
	body += "."
	if !d.Treated.IsZero() {
		body += " Treated at " + clock(d.Treated, d.Time) + ", and it has not risen."
	}
	return title, body + told(d)
}

// soonText is what follows the value of a low soon. On real traces half of
// them come true within 15 minutes, of people who could act on a warning, and
// nearly all that ever do.
func soonText(d Decision, who string, u glucose.Unit) string {
	if d.Limit == 0 {
		return ""
	}
	sep := ": "
	if who == "" {
		sep = ", "
	}
	return sep + "likely below " + u.Format(d.Limit) + " in 15 min"
}

func dataText(d Decision, shout, who string, u glucose.Unit) (title, body string) {
	title = join(shout, who)
	if !d.Since.IsZero() {
		title = shout + " for " + words(max(0, d.Time.Sub(d.Since)))
		if who != "" {
			title += ", " + who
		}
	}
	if l := brokenLink(d); l != LinkUnknown {
		title += ": " + l.Words()
	}
	switch {
	case d.Fault != nil:
		body = join(d.Fault.Message, d.Fault.Hint)
	case warmingUp(d.Sensor, d.Time):
		body = fmt.Sprintf("The new sensor warms up until %s.", clock(d.Sensor.Activated.Add(d.Sensor.WarmUp), d.Time))
	case ended(d.Sensor, d.Time):
		body = "The sensor's time was over at " + clock(d.Sensor.Activated.Add(d.Sensor.Life), d.Time) + ". Start a new one."
	case d.Since.IsZero():
		body = "No reading has come yet; why is not known."
	default:
		body = "No new reading has come; why is not known. Look at the phone and the sensor."
	}
	switch {
	case d.Reading != nil:
		unit := ""
		if d.Reading.Limit == glucose.LimitNone {
			unit = " " + string(u)
		}
		body += fmt.Sprintf(" The last was %s%s at %s.", d.Reading.Number(u), unit, clock(d.Reading.Time, d.Time))
	case !d.Since.IsZero():
		body += fmt.Sprintf(" The last reading was at %s.", clock(d.Since, d.Time))
	}
	if d.Final {
		return title, body + " This is the last message until readings come back."
	}
	return title, body + told(d)
}

func userText(d Decision, shout, who string) (title, body string) {
	if d.Fault == nil {
		return join("llutray needs you", who), ""
	}
	switch d.Fault.Kind {
	case glucose.Terms:
		shout = "NEW TERMS to accept"
	case glucose.VerifyEmail:
		shout = "E-MAIL to be confirmed"
	case glucose.TooOld:
		shout = "UPDATE needed"
	case glucose.Closed:
		shout = "SERVICE closed"
	default:
		shout += " refused"
	}
	title = shout + ": no readings"
	if who != "" {
		title += " of " + who
	}
	return title, join(d.Fault.Message, d.Fault.Hint) + told(d)
}

// told says which message of the episode this is.
func told(d Decision) string {
	if d.Escalation > EscalateNone {
		return " Nobody has answered for " + words(d.Time.Sub(d.Raised)) + "."
	}
	switch {
	case d.Repeat == 1:
		return " Said once before."
	case d.Repeat > 1:
		return fmt.Sprintf(" Said %d times before.", d.Repeat)
	}
	return ""
}

// clock is a time of day, with the weekday if it is not today's.
func clock(t, now time.Time) string {
	t = t.In(now.Location())
	if y, m, d := t.Date(); now.Year() == y && now.Month() == m && now.Day() == d {
		return t.Format("15:04")
	}
	return t.Format("Mon 15:04")
}

// plain makes a name from the server fit for a title: one line, no control or
// direction marks, not too long.
func plain(name string) string {
	var out []rune
	for _, r := range strings.Join(strings.Fields(name), " ") {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			continue
		}
		if len(out) == nameRunes {
			return strings.TrimSpace(string(out)) + "…"
		}
		out = append(out, r)
	}
	return string(out)
}

func join(parts ...string) string {
	var full []string
	for _, p := range parts {
		if p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, " ")
}
