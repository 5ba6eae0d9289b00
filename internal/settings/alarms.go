package settings

import (
	"time"

	"github.com/llutray/llutray/internal/alarm"
)

// How the stages of "no data" keep apart when the user moves the first one,
// as in the engine's defaults of 20, 40, 35 and 60 minutes.
const (
	loudLater     = 20 * time.Minute
	slowLater     = 15 * time.Minute // one reading of a 15-minute feed
	slowLoudLater = 25 * time.Minute
)

// Alarms is what the alarm engine needs to know. What has no key in the file
// is as the engine has it.
func (s Settings) Alarms() alarm.Config {
	c := alarm.DefaultConfig()
	c.UrgentLow.Limit = s.UrgentLow.Limit

	c.Low.On, c.Low.Limit, c.Low.Repeat = s.Low.On, s.Low.Limit, s.Low.Repeat
	c.Low.Loud = loud(s.Low)

	c.High.On, c.High.Limit, c.High.Hold, c.High.Repeat = s.High.On, s.High.Limit, s.High.After, s.High.Repeat
	c.High.Loud = loud(s.High)

	n := &c.NoData
	n.On, n.After = s.NoData.On, s.NoData.After
	n.LoudAfter = n.After + loudLater
	n.SlowAfter = max(n.After+slowLater, 30*time.Minute) // with less, one missed reading calls somebody
	n.SlowLoudAfter = n.SlowAfter + slowLoudLater

	c.NeedsYou.On, c.NeedsYou.Repeat = s.NeedsYou.On, s.NeedsYou.Repeat
	c.NeedsYou.Loud = loud(s.NeedsYou)

	c.LowSoon.On, c.LowSoon.Loud = s.LowSoon.On, loud(s.LowSoon)
	c.FallingFast.On, c.FallingFast.Loud = s.FallingFast.On, loud(s.FallingFast)
	c.UrgentHigh.On, c.UrgentHigh.Loud, c.UrgentHigh.Limit = s.UrgentHigh.On, loud(s.UrgentHigh), s.UrgentHigh.Limit
	c.StillHigh.On, c.StillHigh.Loud, c.StillHigh.After = s.StillHigh.On, loud(s.StillHigh), s.StillHigh.After
	c.SecondRise.On, c.SecondRise.Loud = s.SecondRise.On, loud(s.SecondRise)
	c.RisingFast.On, c.RisingFast.Loud = s.RisingFast.On, loud(s.RisingFast)
	c.SensorEnds.On, c.SensorEnds.Loud, c.SensorEnds.Life = s.SensorEnds.On, loud(s.SensorEnds), s.SensorEnds.After
	c.OffDuty = s.OffDuty
	for _, q := range s.Quiet {
		// A window without a day is never in force: to the engine no days are all.
		if q.On && q.From != never && q.To != never && q.Days != "" {
			c.Quiet = append(c.Quiet, alarm.Window{
				Name: alarm.Profile(q.Name), Days: weekdays(q.Days), From: q.From, To: q.To,
				Hold: q.Hold, Through: kinds(q.Through), Low: q.Low, High: q.High,
			})
		}
	}
	return c
}

// loud tells the engine which of two messages may stand in for the other.
func loud(a Alarm) bool { return a.Sound == SoundLow || a.Sound == SoundUrgent }

// Sound names the sound of a kind of alarm; SoundNone for silence.
func (s Settings) Sound(k alarm.Kind) string {
	if a := s.alarm(k); a != nil {
		return a.Sound
	}
	return SoundNone
}

func (s *Settings) alarm(k alarm.Kind) *Alarm {
	switch k {
	case alarm.UrgentLow:
		return &s.UrgentLow
	case alarm.Low:
		return &s.Low
	case alarm.High:
		return &s.High
	case alarm.LowSoon:
		return &s.LowSoon
	case alarm.FallingFast:
		return &s.FallingFast
	case alarm.UrgentHigh:
		return &s.UrgentHigh
	case alarm.StillHigh:
		return &s.StillHigh
	case alarm.SecondRise:
		return &s.SecondRise
	case alarm.RisingFast:
		return &s.RisingFast
	case alarm.SensorEnds:
		return &s.SensorEnds
	case alarm.NoData:
		return &s.NoData
	case alarm.Once:
		return &s.Once
	case alarm.NeedsYou:
		return &s.NeedsYou
	}
	return nil
}

// Privacy is how much messages may say, on a screen that is locked or not.
func (s Settings) Privacy(locked bool) alarm.Privacy {
	if s.Text == TextContentFree || locked && s.Locked == TextContentFree {
		return alarm.ContentFree
	}
	return alarm.Full
}

// HideShared reports whether messages say less while the screen is shared.
func (s Settings) HideShared() bool { return s.Shared == TextContentFree }
