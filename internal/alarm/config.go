package alarm

import (
	"errors"
	"fmt"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Config is what a user may change about the alarms.
type Config struct {
	UrgentLow LevelRule // limit 50 to 65 mg/dL; cannot be switched off
	Low       LevelRule // limit 60 to 100 mg/dL
	LowSoon   SoonRule
	High      LevelRule // limit 120 to 400 mg/dL
	NoData    NoDataRule
	NeedsYou  NeedsYouRule

	UrgentHigh  LevelRule // limit 200 to 400 mg/dL, above the high's
	StillHigh   StillRule
	SecondRise  OnceRule
	FallingFast FastRule
	RisingFast  FastRule
	SensorEnds  SensorRule

	OffDuty OffDutyRule

	Quiet []Window // quiet hours and profiles
}

// LevelRule is when an alarm about a value is said. Low is strictly below the
// limit, high strictly above it.
type LevelRule struct {
	On    bool
	Loud  bool         // with the loud sound
	Limit glucose.MgDL // mg/dL

	// Hold is how long the value must be beyond the limit before the first
	// message, and never on one reading alone. 0 to 1 h for the high; 0 for
	// the lows, which are said on their first reading.
	Hold time.Duration
	// Repeat is the time between messages while the value does not get
	// better: 5 to 15 min for the urgent low, 5 to 60 min for the low, 15 min
	// to 3 h for the high.
	Repeat time.Duration
	// Unanswered is the time between messages as long as nobody answered,
	// whatever the trend: 1 to 5 min for the urgent low. Otherwise 0: no
	// difference.
	Unanswered time.Duration
	// AtLatest is when it is said again although the value is getting
	// better: from Repeat up to 1 h for lows, up to 3 h for the high.
	AtLatest time.Duration

	// Escalate is what happens while nobody answers; only a loud alarm does.
	Escalate Escalation
}

// SoonRule is whether a coming low is said ahead. It is about the limit of the
// low, and has no limit of its own: it must not depend on one that is never
// reached.
type SoonRule struct {
	On   bool
	Loud bool // with the loud sound
}

// NoDataRule is when missing readings are said. All times run from the newest
// reading and by the clock. On a 15-minute feed the Slow values are in force:
// one reading may be missed before anybody is called.
type NoDataRule struct {
	On            bool
	After         time.Duration // 15 min to 1 h
	LoudAfter     time.Duration // loud from here; After to 2 h
	SlowAfter     time.Duration // 30 min to 2 h
	SlowLoudAfter time.Duration // SlowAfter to 3 h

	FirstRepeat  time.Duration // after the loud message; 15 min to 3 h
	SecondRepeat time.Duration // after the first repeat; FirstRepeat to 3 h
	LaterRepeats time.Duration // after that; SecondRepeat to 3 h

	// GiveUp is when a last message ends it: 1 to 12 h. Unanswered is the
	// same as long as nobody reacted: GiveUp to 24 h. A night nobody woke up
	// in is exactly that, whatever the hour, so no time of day is asked for.
	GiveUp           time.Duration
	GiveUpUnanswered time.Duration

	// Grace is the silence after the program started or the computer woke,
	// when old readings only mean that nothing has been fetched yet: 0 to
	// 10 min.
	Grace time.Duration
}

// NeedsYouRule is when it is said that nothing works until the user acts.
type NeedsYouRule struct {
	On     bool
	Loud   bool
	Repeat time.Duration // 15 min to 3 h
}

// DefaultConfig returns the alarms as they are unless the user changes them.
func DefaultConfig() Config {
	return Config{
		UrgentLow: LevelRule{
			On: true, Loud: true, Limit: 54,
			Repeat: 15 * time.Minute, Unanswered: 5 * time.Minute, AtLatest: time.Hour,
			Escalate: Escalation{Louder: 10 * time.Minute, Second: 15 * time.Minute},
		},
		Low: LevelRule{
			On: true, Loud: true, Limit: 70,
			Repeat: 30 * time.Minute, AtLatest: time.Hour,
			Escalate: Escalation{Louder: 30 * time.Minute, Second: time.Hour},
		},
		LowSoon: SoonRule{On: true},
		High: LevelRule{
			On: true, Limit: 250,
			Hold: 10 * time.Minute, Repeat: time.Hour, AtLatest: 3 * time.Hour,
		},
		NoData: NoDataRule{
			On:    true,
			After: 20 * time.Minute, LoudAfter: 40 * time.Minute,
			SlowAfter: 35 * time.Minute, SlowLoudAfter: time.Hour,
			FirstRepeat: 30 * time.Minute, SecondRepeat: time.Hour, LaterRepeats: 2 * time.Hour,
			GiveUp: 6 * time.Hour, GiveUpUnanswered: 12 * time.Hour,
			Grace: 2 * time.Minute,
		},
		NeedsYou: NeedsYouRule{On: true, Repeat: 3 * time.Hour},

		UrgentHigh: LevelRule{Limit: 300, Repeat: time.Hour, AtLatest: 3 * time.Hour},
		StillHigh:  StillRule{On: true, After: 3 * time.Hour},
		SecondRise: OnceRule{On: true},
		// 2 mg/dL in a minute is what sensors draw as a steep arrow.
		FallingFast: FastRule{Rate: 2, Limit: 120},
		RisingFast:  FastRule{Rate: 2, Limit: 160},
		SensorEnds:  SensorRule{On: true},

		OffDuty: OffDutyRule{UrgentLow: 15 * time.Minute, NoData: time.Hour},
	}
}

// Validate names every value that is not allowed, and what is. Fields are
// named as in the settings file.
func (c Config) Validate() error {
	var errs []error
	limit := func(name string, v, low, high glucose.MgDL) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("%s.limit is %d mg/dL: allowed are %d to %d mg/dL", name, v, low, high))
		}
	}
	span := func(name string, v, low, high time.Duration) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("%s is %s: allowed are %s to %s", name, v, logged(low), logged(high)))
		}
	}
	if !c.UrgentLow.On {
		errs = append(errs, errors.New("urgent_low.on is false: the urgent low cannot be switched off"))
	}
	limit("urgent_low", c.UrgentLow.Limit, 50, 65)
	limit("low", c.Low.Limit, 60, 100)
	limit("high", c.High.Limit, 120, 400)
	if c.UrgentLow.Limit >= c.Low.Limit {
		errs = append(errs, fmt.Errorf("urgent_low.limit is %d mg/dL: it must be below low.limit, %d mg/dL", c.UrgentLow.Limit, c.Low.Limit))
	}
	span("urgent_low.hold", c.UrgentLow.Hold, 0, 0)
	span("urgent_low.repeat", c.UrgentLow.Repeat, 5*time.Minute, 15*time.Minute)
	span("urgent_low.unanswered", c.UrgentLow.Unanswered, time.Minute, 5*time.Minute)
	span("urgent_low.at_latest", c.UrgentLow.AtLatest, c.UrgentLow.Repeat, time.Hour)
	span("low.hold", c.Low.Hold, 0, 0)
	span("low.repeat", c.Low.Repeat, 5*time.Minute, time.Hour)
	span("low.unanswered", c.Low.Unanswered, 0, 0)
	span("low.at_latest", c.Low.AtLatest, c.Low.Repeat, time.Hour)
	span("high.hold", c.High.Hold, 0, time.Hour)
	span("high.repeat", c.High.Repeat, 15*time.Minute, 3*time.Hour)
	span("high.unanswered", c.High.Unanswered, 0, 0)
	span("high.at_latest", c.High.AtLatest, c.High.Repeat, 3*time.Hour)

	n := c.NoData
	span("no_data.after", n.After, 15*time.Minute, time.Hour)
	span("no_data.loud_after", n.LoudAfter, n.After, 2*time.Hour)
	span("no_data.slow_after", n.SlowAfter, 30*time.Minute, 2*time.Hour)
	span("no_data.slow_loud_after", n.SlowLoudAfter, n.SlowAfter, 3*time.Hour)
	span("no_data.first_repeat", n.FirstRepeat, 15*time.Minute, 3*time.Hour)
	span("no_data.second_repeat", n.SecondRepeat, n.FirstRepeat, 3*time.Hour)
	span("no_data.later_repeats", n.LaterRepeats, n.SecondRepeat, 3*time.Hour)
	span("no_data.give_up", n.GiveUp, time.Hour, 12*time.Hour)
	span("no_data.give_up_unanswered", n.GiveUpUnanswered, n.GiveUp, 24*time.Hour)
	span("no_data.grace", n.Grace, 0, 10*time.Minute)
	span("needs_you.repeat", c.NeedsYou.Repeat, 15*time.Minute, 3*time.Hour)
	errs = append(errs, c.validateMore()...)
	return errors.Join(errs...)
}

// on reports whether the kind may be said at all. The urgent low always may.
func (c *Config) on(k Kind) bool {
	switch k {
	case UrgentLow:
		return true
	case Low:
		return c.Low.On
	case LowSoon:
		return c.LowSoon.On
	case High:
		return c.High.On
	case NoData:
		return c.NoData.On
	case NeedsYou:
		return c.NeedsYou.On
	}
	return c.onMore(k)
}
