package alarm

import (
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Kind names a kind of alarm. The strings are fixed: settings, scripts and
// the alarm log use them.
type Kind string

// The kinds of alarms.
const (
	UrgentLow   Kind = "urgent_low"
	Low         Kind = "low"
	LowSoon     Kind = "low_soon"
	FallingFast Kind = "falling_fast"
	UrgentHigh  Kind = "urgent_high"
	StillHigh   Kind = "still_high"
	High        Kind = "high"
	SecondRise  Kind = "second_rise"
	RisingFast  Kind = "rising_fast"
	NoData      Kind = "no_data"
	SensorEnds  Kind = "sensor_ends"
	NeedsYou    Kind = "needs_you"
	Once        Kind = "once" // the user asked to be told when a value passes a limit
)

// Level is how a message is classed for scripts and statistics.
type Level string

// The levels.
const (
	LevelPredict Level = "predict"
	LevelLow     Level = "low"
	LevelUrgent  Level = "urgent"
	LevelHigh    Level = "high"
	LevelSoft    Level = "soft"
	LevelFault   Level = "fault"
)

// side groups kinds that are degrees of one trouble: a worse one breaks
// through a milder one's snooze, and there is one message of them at a time.
// A snooze never reaches across sides.
type side int

const (
	lowSide side = iota
	highSide
	dataSide
	sensorSide
	userSide
	onceSide
)

// sideNames are the names of the groups, for whoever shows one message each.
var sideNames = [...]string{"low", "high", "no_data", "sensor_ends", "needs_you", "once"}

// trait is what is fixed about a kind; what a user may change is in Config.
type trait struct {
	kind    Kind
	label   string // in menus, in English
	shout   string // first words of a message, in English
	level   Level
	side    side
	rank    int // severity within the side; only the order counts
	snoozes []time.Duration
}

// traits lists the kinds from the most severe down. Needs you has no snooze:
// it comes every three hours and stops for good when the user acts. Nor have
// the end of a sensor, which is told three times in all, and what is told once.
var traits = []trait{
	{UrgentLow, lang.Mark("Urgent low"), lang.Mark("URGENT LOW"), LevelUrgent, lowSide, 2, minutes(15, 30)},
	{Low, lang.Mark("Low"), lang.Mark("LOW"), LevelLow, lowSide, 1, minutes(15, 30, 60)},
	{LowSoon, lang.Mark("Low soon"), lang.Mark("LOW SOON"), LevelPredict, lowSide, 0, minutes(15, 30, 60)},
	{FallingFast, lang.Mark("Falling fast"), lang.Mark("FALLING FAST"), LevelSoft, lowSide, -1, minutes(30, 60, 120)},
	{UrgentHigh, lang.Mark("Urgent high"), lang.Mark("URGENT HIGH"), LevelHigh, highSide, 4, minutes(60, 120, 180)},
	{StillHigh, lang.Mark("Still high"), lang.Mark("STILL HIGH"), LevelHigh, highSide, 3, minutes(60, 120, 180)},
	{High, lang.Mark("High"), lang.Mark("HIGH"), LevelHigh, highSide, 2, minutes(60, 120, 180)},
	{SecondRise, lang.Mark("Second rise"), lang.Mark("RISING AGAIN"), LevelSoft, highSide, 1, minutes(60, 120, 180)},
	{RisingFast, lang.Mark("Rising fast"), lang.Mark("RISING FAST"), LevelSoft, highSide, 0, minutes(30, 60, 120)},
	{NoData, lang.Mark("No data"), lang.Mark("NO DATA"), LevelFault, dataSide, 1, minutes(30, 60, 120)},
	{SensorEnds, lang.Mark("Sensor ends"), lang.Mark("SENSOR"), LevelSoft, sensorSide, 1, nil},
	{NeedsYou, lang.Mark("Needs you"), lang.Mark("SIGN-IN"), LevelFault, userSide, 1, nil},
	{Once, lang.Mark("Tell me once"), lang.Mark("PASSED"), LevelSoft, onceSide, 1, nil},
}

func minutes(n ...int) (d []time.Duration) {
	for _, m := range n {
		d = append(d, time.Duration(m)*time.Minute)
	}
	return d
}

// trait returns the traits of k; an unknown kind has none and no side.
func (k Kind) trait() trait {
	for i := range traits {
		if traits[i].kind == k {
			return traits[i]
		}
	}
	return trait{kind: k, side: -1}
}

// byValue reports whether the kind is judged by the value of readings.
func (k Kind) byValue() bool {
	s := k.trait().side
	return s == lowSide || s == highSide
}

// covers reports whether a snooze, an answer or a message of kind k also
// counts for o: for its own class and for milder ones on the same side.
func (k Kind) covers(o Kind) bool {
	a, b := k.trait(), o.trait()
	return a.side == b.side && a.rank >= b.rank
}

// Group names the side of the kind. The messages of a group replace one
// another on the screen: there is one low, not a low beside an urgent low.
func (k Kind) Group() string {
	if s := k.trait().side; s >= 0 {
		return sideNames[s]
	}
	return string(k)
}

// Kinds lists all kinds, the most severe first.
func Kinds() []Kind {
	out := make([]Kind, len(traits))
	for i, t := range traits {
		out[i] = t.kind
	}
	return out
}

// ParseKind reads a kind as users type it: "low", "no-data", "Urgent low", or
// its label in their language.
func ParseKind(s string) (Kind, error) {
	k := Kind(strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(s))))
	if slices.Contains(Kinds(), k) {
		return k, nil
	}
	var names []string
	for _, k := range Kinds() {
		for _, label := range []string{k.trait().label, k.Label()} {
			if strings.EqualFold(strings.TrimSpace(s), label) {
				return k, nil
			}
		}
		names = append(names, string(k))
	}
	return "", lang.E("there is no alarm %q: use one of %s", s, strings.Join(names, ", "))
}

// Label is the kind for people: "Urgent low". Within a sentence it is written
// by lang.Lower.
func (k Kind) Label() string {
	if l := k.trait().label; l != "" {
		return lang.T(l)
	}
	return string(k)
}

// SnoozeLengths are the lengths to offer for a snooze of this kind, shortest
// first; empty when it cannot be snoozed. The last one is the longest that is
// allowed.
func (k Kind) SnoozeLengths() []time.Duration { return slices.Clone(k.trait().snoozes) }

// CheckSnooze says in words why a snooze of this length is not allowed, or
// returns nil. Any length of at least a minute up to the longest one is.
func (k Kind) CheckSnooze(d time.Duration) error {
	limit := k.longestSnooze()
	switch {
	case limit == 0:
		return lang.E("%q cannot be snoozed: it ends when you have done what it asks for", k.Label())
	case d < time.Minute:
		return lang.E("%q can be snoozed for 1 min or longer", k.Label())
	case d > limit:
		return lang.E("%q can be snoozed for at most %s", k.Label(), lang.Exact(limit))
	}
	return nil
}

func (k Kind) longestSnooze() time.Duration {
	s := k.trait().snoozes
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1]
}

// Reason is why a decision was made.
type Reason string

// Reasons to speak, or to take a message back.
const (
	First       Reason = "first"       // the condition began
	Worse       Reason = "worse"       // it got worse than what was said
	Repeat      Reason = "repeat"      // it still holds, and it is time
	Still       Reason = "still"       // it still holds; a good trend has held it back long enough
	Cleared     Reason = "cleared"     // it ended
	Undelivered Reason = "undelivered" // the message did not arrive: it will be, or is, sent again

	// RelayedOn is not the engine's: the alarm log has it for what became of a
	// message in another channel.
	RelayedOn Reason = "relayed"
)

// Reasons to keep silent.
const (
	Held    Reason = "held"     // must hold for a while before it is said
	Snoozed Reason = "snoozed"  // the user asked for silence
	Quiet   Reason = "quiet"    // quiet hours; or the program or the computer has only just started
	Covered Reason = "covered"  // a worse or equal message stands in for it
	Rising  Reason = "rising"   // a low that is rising is not repeated yet
	Falling Reason = "falling"  // a high that is falling is not repeated yet
	TooSoon Reason = "too_soon" // said a short while ago
	Stale   Reason = "stale"    // the reading was too old when it was handled
	OffDuty Reason = "off_duty" // another carer is on
	Expired Reason = "expired"  // a wish to be told once has ended untold
	Future  Reason = "future"   // the reading is dated ahead of the clock: one of the two clocks is wrong
)

// Words is the reason for people.
func (r Reason) Words() string {
	switch r {
	case First:
		return lang.T("first time")
	case Worse:
		return lang.T("got worse")
	case Repeat:
		return lang.T("repeated")
	case Still:
		return lang.T("still so")
	case Cleared:
		return lang.T("cleared")
	case Undelivered:
		return lang.T("could not be shown")
	case RelayedOn:
		return lang.T("relayed")
	case Held:
		return lang.T("waiting whether it lasts")
	case Snoozed:
		return lang.T("snoozed")
	case Quiet:
		return lang.T("quiet time")
	case Covered:
		return lang.T("another alarm stands in for it")
	case Rising:
		return lang.T("rising")
	case Falling:
		return lang.T("falling")
	case TooSoon:
		return lang.T("said a short while ago")
	case Stale:
		return lang.T("reading too old")
	case OffDuty:
		return lang.T("off duty")
	case Expired:
		return lang.T("did not happen within a day")
	case Future:
		return lang.T("reading dated in the future")
	}
	return string(r)
}
