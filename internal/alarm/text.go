package alarm

import (
	"strings"
	"unicode"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
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

// Text writes a decision as a message in the language in use. The first words
// carry the news, for desktops cut the end off. Times are in the zone of
// d.Time. who may be "".
func Text(d Decision, who string, u glucose.Unit, p Privacy) (title, body string) {
	if p == ContentFree {
		if d.Kind == NeedsYou {
			return lang.T("llutray needs you"), lang.T("Open llutray to see why.")
		}
		return lang.T("Glucose alarm"), lang.T("Open llutray to see it.")
	}
	who = plain(who)
	switch d.Kind {
	case NoData:
		return dataText(d, who, u)
	case NeedsYou:
		return userText(d, who)
	case SensorEnds:
		return sensorText(d, who)
	case Once:
		return onceText(d, who, u)
	}
	shout := lang.T(d.Kind.trait().shout)
	if d.Reading == nil {
		return join(shout, who), ""
	}
	title = join(shout, d.Reading.Text(u), who)
	switch {
	case d.Kind == LowSoon:
		title = soonText(d, title, who, u)
	case d.Reading.Trend == glucose.TrendUnknown, d.Kind == FallingFast, d.Kind == RisingFast:
	case who == "":
		title += " " + d.Reading.Trend.Words()
	default:
		title += ", " + d.Reading.Trend.Words()
	}
	body = valueText(d, u)
	if d.Kind != LowSoon && !d.Treated.IsZero() {
		body = join(body, lang.F("Treated %s, and it has not risen.", lang.At(d.Treated, d.Time)))
	}
	return title, join(body, told(d))
}

// valueText says the value, and since when it has been so.
func valueText(d Decision, u glucose.Unit) string {
	value, at := valued(*d.Reading, u), lang.At(d.Reading.Time, d.Time)
	text := value + " " + at + "."
	if d.Kind != LowSoon && !d.Since.IsZero() && d.Since.Before(d.Reading.Time) {
		what := lang.Lower(d.Kind.Label())
		switch d.Kind {
		case SecondRise:
			what = lang.T("rising")
		case StillHigh:
			what = lang.T("high")
		}
		text = value + " " + at + ", " + what + " " + lang.Since(d.Since, d.Time) + "."
	}
	if d.Kind == SecondRise {
		return lang.F("Came down to %s, now rising again: %s", u.Format(d.Trough), text)
	}
	return text
}

// valued is a value with its unit. LO and HI have none.
func valued(r glucose.Reading, u glucose.Unit) string {
	if r.Limit != glucose.LimitNone {
		return r.Number(u)
	}
	return r.Number(u) + " " + string(u)
}

// soonText is a title with what follows the value of a low soon. On real
// traces half of them come true within 15 minutes, of people who could act on
// a warning, and nearly all that ever do.
func soonText(d Decision, title, who string, u glucose.Unit) string {
	switch {
	case d.Limit == 0:
		return title
	case who == "":
		return lang.F("%s, likely below %s in 15 min", title, u.Format(d.Limit))
	}
	return lang.F("%s: likely below %s in 15 min", title, u.Format(d.Limit))
}

func dataText(d Decision, who string, u glucose.Unit) (title, body string) {
	title = join(lang.T(d.Kind.trait().shout), who)
	if !d.Since.IsZero() {
		title = titled(lang.F("NO DATA for %s", lang.Exact(max(0, d.Time.Sub(d.Since)))), who)
	}
	if l := brokenLink(d); l != LinkUnknown {
		title = lang.F("%s: %s", title, l.Words())
	}
	switch {
	case d.Fault != nil:
		body = join(d.Fault.Message, d.Fault.Hint)
	case warmingUp(d.Sensor, d.Time):
		body = lang.F("The new sensor warms up until %s.", lang.Moment(d.Sensor.Activated.Add(d.Sensor.WarmUp), d.Time))
	case ended(d.Sensor, d.Time):
		body = lang.F("The sensor's time was over %s. Start a new one.", lang.At(d.Sensor.Activated.Add(d.Sensor.Life), d.Time))
	case d.Since.IsZero():
		body = lang.T("No reading has come yet; why is not known.")
	default:
		body = lang.T("No new reading has come; why is not known. Look at the phone and the sensor.")
	}
	switch {
	case d.Reading != nil:
		body = join(body, lang.F("The last was %s %s.", valued(*d.Reading, u), lang.At(d.Reading.Time, d.Time)))
	case !d.Since.IsZero():
		body = join(body, lang.F("The last reading was %s.", lang.At(d.Since, d.Time)))
	}
	if d.Final {
		return title, join(body, lang.T("This is the last message until readings come back."))
	}
	return title, join(body, told(d))
}

func userText(d Decision, who string) (title, body string) {
	if d.Fault == nil {
		return join(lang.T("llutray needs you"), who), ""
	}
	shout := lang.T("SIGN-IN refused")
	switch d.Fault.Kind {
	case glucose.Terms:
		shout = lang.T("NEW TERMS to accept")
	case glucose.VerifyEmail:
		shout = lang.T("E-MAIL to be confirmed")
	case glucose.TooOld:
		shout = lang.T("UPDATE needed")
	case glucose.Closed:
		shout = lang.T("SERVICE closed")
	}
	title = lang.F("%s: no readings", shout)
	if who != "" {
		title = lang.F("%s: no readings of %s", shout, who)
	}
	return title, join(d.Fault.Message, d.Fault.Hint, told(d))
}

// told says which message of the episode this is, "" for the first.
func told(d Decision) string {
	switch {
	case d.Escalation > EscalateNone:
		return lang.F("Nobody has answered for %s.", lang.Exact(d.Time.Sub(d.Raised)))
	case d.Repeat == 1:
		return lang.T("Said once before.")
	case d.Repeat > 1:
		return lang.N(d.Repeat, "Said %d time before.", "Said %d times before.")
	}
	return ""
}

// titled is a title that ends in a name, if there is one.
func titled(title, who string) string {
	if who == "" {
		return title
	}
	return title + ", " + who
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
