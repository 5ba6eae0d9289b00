package alarm

import (
	"fmt"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Profile names what a window is for. The names are for people and settings;
// what a window does is in its other fields.
type Profile string

// The profiles everybody has; users name others as they like.
const (
	ByDay   Profile = "day"
	ByNight Profile = "night"
	WhenOut Profile = "away"
)

// ClockTime is a time of day on the wall clock, in minutes after midnight.
// 24:00 is allowed as an end.
type ClockTime int

const wholeDay ClockTime = 24 * 60

// ParseClockTime reads "22:30".
func ParseClockTime(text string) (ClockTime, error) {
	if text == "24:00" {
		return wholeDay, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, lang.E("%q is not a time of day: write it like 22:30", text)
	}
	return ClockTime(t.Hour()*60 + t.Minute()), nil
}

// String writes it as "22:30".
func (c ClockTime) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText writes it as "22:30".
func (c ClockTime) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *ClockTime) UnmarshalText(b []byte) error {
	t, err := ParseClockTime(string(b))
	if err == nil {
		*c = t
	}
	return err
}

// Window is a recurring span of the wall clock in which other rules hold. It
// may go across midnight and belongs to the day on which it begins. It is in
// force exactly while the clock on the wall shows a time from From up to To:
// an hour that comes twice when summer time ends is in it twice, and one that
// is skipped never comes.
type Window struct {
	Name     Profile
	Days     []time.Weekday // on which it begins; none is every day
	From, To ClockTime      // To is the first minute no longer in it

	// Hold keeps back every kind that quiet hours may keep back, but those in
	// Through. Others are always heard: an urgent low, a low, still high and
	// urgent high, missing data, and what only the user can mend.
	Hold    bool
	Through []Kind

	Low, High glucose.MgDL // other limits while it is in force; 0 keeps the usual one
}

// quietable lists the kinds that quiet hours may hold back. Of the end of a
// sensor that is only the notice a day ahead.
var quietable = []Kind{LowSoon, FallingFast, High, SecondRise, RisingFast, SensorEnds}

// Includes reports whether the window is in force at t, on the wall clock of
// t's zone.
func (w Window) Includes(t time.Time) bool {
	at, today := ClockTime(t.Hour()*60+t.Minute()), t.Weekday()
	yesterday := (today + 6) % 7
	if w.From < w.To {
		return w.on(today) && w.From <= at && at < w.To
	}
	return w.on(today) && at >= w.From || w.on(yesterday) && at < w.To
}

func (w Window) on(d time.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, d) }

// InForce returns the windows that are in force at now, in its zone.
func InForce(ws []Window, now time.Time) (out []Window) {
	for _, i := range inForce(ws, now) {
		out = append(out, ws[i])
	}
	return out
}

func inForce(ws []Window, now time.Time) (out []int) {
	for i := range ws {
		if ws[i].Includes(now) {
			out = append(out, i)
		}
	}
	return out
}

// NextEdge is the first instant after now at which a window begins or ends, in
// now's zone; zero when none does within a week.
func NextEdge(ws []Window, now time.Time) time.Time {
	if len(ws) == 0 {
		return time.Time{}
	}
	// The wall clock meets an edge at one of these instants: where it shows
	// it, or where it jumps over it.
	var edges []time.Time
	y, m, d := now.Date()
	for ahead := -1; ahead <= 8; ahead++ {
		for _, w := range ws {
			edges = append(edges, showing(y, m, d+ahead, w.From, now.Location())...)
			edges = append(edges, showing(y, m, d+ahead, w.To, now.Location())...)
		}
	}
	for t, n := now, 0; n < 4; n++ {
		_, end := t.ZoneBounds()
		if end.IsZero() || end.Sub(now) > 8*day {
			break
		}
		edges, t = append(edges, end.In(now.Location())), end
	}
	slices.SortFunc(edges, time.Time.Compare)
	have := inForce(ws, now)
	for _, e := range edges {
		if e.After(now) && !slices.Equal(inForce(ws, e), have) {
			return e
		}
	}
	return time.Time{}
}

// showing lists the instants at which a wall clock may show a time: by the
// offset of the day before, and by that of the day after.
func showing(y int, m time.Month, d int, at ClockTime, loc *time.Location) []time.Time {
	u := time.Date(y, m, d, 0, int(at), 0, 0, time.UTC)
	_, before := u.Add(-day).In(loc).Zone()
	_, after := u.Add(day).In(loc).Zone()
	out := []time.Time{u.Add(-time.Duration(before) * time.Second).In(loc)}
	if before != after {
		out = append(out, u.Add(-time.Duration(after)*time.Second).In(loc))
	}
	return out
}

// LimitsAt returns the limits of low and high that are in force at now. Where
// windows overlap, the one that speaks up earlier counts.
func (c Config) LimitsAt(now time.Time) (low, high glucose.MgDL) {
	return c.limitsIn(inForce(c.Quiet, now))
}

// QuietAt reports whether quiet hours hold anything back at now, which is in
// the user's zone.
func (c Config) QuietAt(now time.Time) bool {
	return slices.ContainsFunc(inForce(c.Quiet, now), func(i int) bool { return c.Quiet[i].Hold })
}

func (c *Config) limitsIn(windows []int) (low, high glucose.MgDL) {
	for _, i := range windows {
		w := &c.Quiet[i]
		low = max(low, w.Low)
		if w.High > 0 && (high == 0 || w.High < high) {
			high = w.High
		}
	}
	if low == 0 {
		low = c.Low.Limit
	}
	if high == 0 {
		high = c.High.Limit
	}
	return low, high
}

// hours is what the windows make of the present. It is no state: it follows
// from the settings, the time and the zone.
type hours struct {
	known       bool
	from, until time.Time // it holds from one up to the other; zero is for good
	loc         *time.Location
	windows     []int
	low, high   glucose.MgDL
}

// setHours brings the windows in force up to date, and the limits with them.
func (s *step) setHours() {
	h := &s.hours
	if h.known && h.loc == s.now.Location() && !s.now.Before(h.from) && (h.until.IsZero() || s.now.Before(h.until)) {
		return
	}
	*h = hours{
		known: true, from: s.now, until: NextEdge(s.cfg.Quiet, s.now), loc: s.now.Location(),
		windows: inForce(s.cfg.Quiet, s.now),
	}
	h.low, h.high = s.cfg.limitsIn(h.windows)
	for i := range s.levels {
		switch l := &s.levels[i]; l.kind {
		case Low:
			l.Limit = h.low
		case High:
			l.Limit = h.high
		}
	}
}

// quieted reports whether quiet hours hold the kind back now. On doubt it is
// heard: one window that lets it through is enough.
func (s *step) quieted(k Kind) bool {
	if len(s.hours.windows) == 0 || !slices.Contains(quietable, k) || k == SensorEnds && s.sensorLeft() <= sensorSoon {
		return false
	}
	held := false
	for _, i := range s.hours.windows {
		w := &s.cfg.Quiet[i]
		if w.Hold && slices.Contains(w.Through, k) {
			return false
		}
		held = held || w.Hold
	}
	return held
}

// leaveQuiet reports whether quiet hours have ended for something about a
// value that they held back: it is said then if the last reading is fresh.
func (s *step) leaveQuiet() bool {
	return slices.ContainsFunc(s.m.Episodes, func(ep *episode) bool {
		return ep.Silent == Quiet && ep.Kind.byValue() && !s.quieted(ep.Kind)
	})
}

func (c Config) validateQuiet() (errs []error) {
	for i, w := range c.Quiet {
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("quiet window %d (%s): %s", i+1, w.Name, fmt.Sprintf(format, args...)))
		}
		if w.Name == "" {
			bad("it has no name")
		}
		if w.From < 0 || w.From >= wholeDay || w.To < 0 || w.To > wholeDay {
			bad("from %s to %s are not times of day: use 00:00 to 24:00", w.From, w.To)
		} else if w.From == w.To {
			bad("it begins and ends at %s: for a whole day use 00:00 to 24:00", w.From)
		}
		for j, d := range w.Days {
			if d < time.Sunday || d > time.Saturday {
				bad("there is no weekday %d: use 0 for Sunday to 6 for Saturday", d)
			} else if slices.Contains(w.Days[:j], d) {
				bad("%s is named twice", d)
			}
		}
		for _, k := range w.Through {
			if k.trait().side < 0 {
				bad("there is no alarm %q to break through", string(k))
			}
		}
		if w.Low != 0 && (w.Low < 60 || w.Low > 100) {
			bad("low is %d mg/dL: allowed are 60 to 100 mg/dL", w.Low)
		} else if w.Low != 0 && w.Low <= c.UrgentLow.Limit {
			bad("low is %d mg/dL: it must be above urgent_low.limit, %d mg/dL", w.Low, c.UrgentLow.Limit)
		}
		if w.High != 0 && (w.High < 120 || w.High > 400) {
			bad("high is %d mg/dL: allowed are 120 to 400 mg/dL", w.High)
		} else if c.UrgentHigh.On && w.High >= c.UrgentHigh.Limit {
			bad("high is %d mg/dL: it must be below urgent_high.limit, %d mg/dL", w.High, c.UrgentHigh.Limit)
		}
	}
	return errs
}
