package alarm

import (
	"fmt"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Input is what happened since the last step.
type Input struct {
	Reading   *glucose.Reading // a new live reading to be judged; nil on a timer or a fault
	Newest    time.Time        // time of the newest reading known, zero when there is none
	Cadence   time.Duration    // step of the feed, 1, 5 or 15 minutes, by which missing data is told
	Pace      time.Duration    // the same as values are judged by, see glucose.Pace; 0 for Cadence
	Fault     *glucose.Fault   // what stands in the way now; nil when following works
	Sensor    *glucose.Sensor  // the one that is worn; nil as long as none is known
	Resumed   bool             // the program has started, or the computer woke from sleep
	Elsewhere Elsewhere

	Answers   []Answer
	Duty      *Duty     // the user hands over, or takes the duty back; nil for neither
	Passings  []Passing // what the user asks to be told of once
	Delivered []Delivery
}

// Elsewhere is what of a fault that concerns everybody who is followed is said
// for another one of them, so that it stays silent here.
type Elsewhere struct {
	NeedsYou bool
	NoData   bool // at all
	Loud     bool // no data where it would be loud
}

// AnswerKind is how a user reacted.
type AnswerKind string

// Seen stops the fast repeats, SnoozeFor asks for silence, TakeBack ends a
// snooze. Treated, on a low, asks for 15 minutes of quiet and for an alarm
// after them if the value has not risen; it never silences an urgent low.
const (
	Seen      AnswerKind = "seen"
	SnoozeFor AnswerKind = "snooze"
	TakeBack  AnswerKind = "take_back"
	Treated   AnswerKind = "treated"
)

// Answer is a user's reaction to an alarm.
type Answer struct {
	Kind  AnswerKind
	Alarm Kind          // "" for whatever stands; for TakeBack every snooze
	For   time.Duration // of a snooze; cut to the longest one allowed
}

// Words is the answer for the alarm log, in English whatever the language:
// "seen", "snoozed for 30 min". Record.AnswerWords says it to people.
func (a Answer) Words() string {
	switch a.Kind {
	case SnoozeFor:
		return snoozedFor + logged(a.For)
	case TakeBack:
		return takenBack
	}
	return string(a.Kind)
}

const (
	snoozedFor = "snoozed for "
	takenBack  = "snooze taken back"
)

// logged is a length of time in the alarm log: "15 min", "2 h", "1 h 30 min".
func logged(d time.Duration) string {
	switch m := int(d / time.Minute); {
	case m < 60:
		return fmt.Sprintf("%d min", m)
	case m%60 == 0:
		return fmt.Sprintf("%d h", m/60)
	default:
		return fmt.Sprintf("%d h %d min", m/60, m%60)
	}
}

// Delivery is the outcome of a decision to speak.
type Delivery struct {
	ID  string // of the decision
	Err string // why it did not arrive, for people or marked for lang.T; "" when it did
}

// Decision is one thing the engine made up its mind about, also to keep
// silent. Silence is told once for each reason, not with each reading.
type Decision struct {
	ID     string // of a message; the same when it is tried again; "" when silent
	Time   time.Time
	Kind   Kind
	Level  Level
	Reason Reason
	Say    bool // raise a message; report its outcome in Input.Delivered
	Loud   bool // with the loud sound
	// Withdraw: take the message of this kind, or of a milder or worse one on
	// its side, off the screen. Only set for what was, or may have been, shown.
	Withdraw bool

	Repeat  int              // how often it had been said before in this episode
	Reading *glucose.Reading // the reading it is about; for no data the last one, if known
	Fault   *glucose.Fault   // what stands in the way
	Since   time.Time        // when the condition began; for no data the newest reading, zero for none
	Final   bool             // no data: the last word until readings come back
	Limit   glucose.MgDL     // low soon: what it is expected to fall below; once: what it passed
	Above   bool             // once: it rose above Limit; else it fell below
	Treated time.Time        // low: it was treated then and has not risen enough since; zero otherwise

	Escalation int             // of a message: EscalateNone, EscalateLouder or EscalateSecond
	Raised     time.Time       // of a message: when it was first to be said and is not answered since; zero when it is
	Trough     glucose.MgDL    // second rise: what it had come down to
	Sensor     *glucose.Sensor // sensor ends, no data: the one that is worn, its life filled in, without its number
}

// Result is what a step decided, and when the next one is due at the latest;
// zero when nothing will happen by itself.
type Result struct {
	Decisions []Decision
	Wake      time.Time
}

// Snooze is an alarm that is kept silent for a while. Milder ones on the same
// side are kept silent with it.
type Snooze struct {
	Kind  Kind
	Until time.Time
}

// Episode is an alarm that stands: from the first message until it cleared.
type Episode struct {
	Kind        Kind
	Since       time.Time
	Answered    time.Time        // zero as long as nobody has
	Reading     *glucose.Reading // the last one judged; nil for alarms without a value
	Said        int              // messages that arrived
	OffDuty     bool             // not said because another carer is on
	Undelivered string           // why the last message did not arrive, "" when it did

	// TreatedUntil is when it is looked at again, on the low side, because
	// somebody answered Treated; zero for nobody. It is among Snoozes, too.
	TreatedUntil time.Time
}

// DeliveryOK is the Record.Delivery of a message that arrived.
const DeliveryOK = "ok"

// Record is a decision as the alarm log keeps it.
type Record struct {
	ID         string
	Time       time.Time
	Kind       Kind
	Level      Level
	Reason     Reason
	Value      glucose.MgDL  // 0 when it is about none
	Limit      glucose.Limit // the sensor's LO or HI instead of a value
	Delivery   string        // "" as long as unknown, DeliveryOK, or why not
	Answer     string        // Answer.Words, in English; "" as long as nobody answered
	AnsweredAt time.Time
}

// AnswerWords is the answer for people, "" as long as nobody answered.
func (r Record) AnswerWords() string {
	switch r.Answer {
	case string(Seen):
		return lang.T("seen")
	case string(Treated):
		return lang.T("treated")
	case takenBack:
		return lang.T("snooze taken back")
	}
	if length, ok := strings.CutPrefix(r.Answer, snoozedFor); ok {
		if d, err := time.ParseDuration(strings.NewReplacer(" ", "", "min", "m").Replace(length)); err == nil {
			return lang.F("snoozed for %s", lang.Exact(d))
		}
	}
	return r.Answer
}

// RecordOf makes the log's entry of a decision; its fate is still open.
func RecordOf(d Decision) Record {
	r := Record{ID: d.ID, Time: d.Time, Kind: d.Kind, Level: d.Level, Reason: d.Reason}
	// The last value before the data stopped is not what no data is about.
	if d.Reading != nil && (d.Kind.byValue() || d.Kind == Once) {
		r.Limit = d.Reading.Limit
		if r.Limit == glucose.LimitNone {
			r.Value = d.Reading.Value
		}
	}
	return r
}
