package alarm

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// ask asks to be told once.
func (r *rig) ask(above bool, limit glucose.MgDL) []Decision {
	return r.step(Input{Passings: []Passing{{Above: above, Limit: limit}}})
}

func TestToldOnce(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(130)
	require.Empty(t, r.ask(true, 144))
	require.Equal(t, []Passing{{true, 144, r.now.Add(PassingFor), true}}, r.e.Passings(r.now))
	require.Empty(t, said(r.feed(140, 144)), "8.0 is not above 8.0")
	ds := r.feed(145)
	require.Equal(t, "once first", said(ds))
	require.False(t, ds[0].Loud, "soft")
	require.Equal(t, LevelSoft, ds[0].Level)
	require.Empty(t, r.e.Passings(r.now))
	require.Empty(t, r.e.Standing(r.now), "nothing waits for an answer")
	require.Empty(t, said(r.feed(130, 150, 130, 150)), "once")

	r.ask(false, 108)
	require.Equal(t, "once first", said(r.feed(120, 108, 107)))
}

// The value must have been on the other side first.
func TestToldOnceFromTheOtherSide(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(150)
	r.ask(true, 144)
	require.False(t, r.e.Passings(r.now)[0].Armed)
	require.Empty(t, said(r.feed(150, 160, 145)), "it is there already")
	require.Empty(t, said(r.feed(144)))
	require.Equal(t, "once first", said(r.feed(145)))

	r = newRig(t, 5*time.Minute) // nothing is known yet
	r.ask(false, 108)
	require.Empty(t, said(r.feed(100)))
	require.Equal(t, "once first", said(r.feed(110, 100)))
}

// Old, future, filled-in and imported values neither arm it nor are told.
func TestToldOnceOfFreshValuesOnly(t *testing.T) {
	for name, x := range map[string]glucose.Reading{
		"stale":    {Time: noon.Add(9 * time.Minute), Value: 200},
		"future":   {Time: noon.Add(26 * time.Minute), Value: 200},
		"graph":    {Time: noon.Add(20 * time.Minute), Value: 200, Origin: glucose.Graph},
		"nothing":  {Time: noon.Add(20 * time.Minute)},
		"repeated": {Time: noon.Add(5 * time.Minute), Value: 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 5*time.Minute)
			r.feed(130)
			r.ask(true, 144)
			r.now = noon.Add(20 * time.Minute)
			require.Empty(t, said(r.take(x)))
			require.Len(t, r.e.Passings(r.now), 1)

			r.ask(false, 180)
			r.take(x)
			require.False(t, r.e.Passings(r.now)[1].Armed)
		})
	}
}

func TestToldOnceEnds(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(130)
	asked := r.now
	r.ask(true, 144)
	r.until(asked.Add(PassingFor - time.Second))
	require.Len(t, r.e.Passings(r.now), 1)
	require.Contains(t, all(r.until(asked.Add(PassingFor))), "-once expired")
	require.Empty(t, r.e.Passings(r.now))

	r.feed(130)
	r.ask(true, 144)
	r.ask(true, 180)
	require.Len(t, r.e.Passings(r.now), 1, "one of each direction")
	r.ask(true, 0)
	require.Empty(t, r.e.Passings(r.now), "taken back")
	require.Empty(t, said(r.feed(200)))
	r.ask(true, PassingMost+1)
	r.ask(false, PassingLeast-1)
	require.Empty(t, r.e.Passings(r.now))
}

func TestToldOnceSurvives(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.restart = true
	r.feed(130)
	r.ask(true, 144)
	r.pass(2 * time.Hour)
	require.Equal(t, "once first", said(r.feed(150)), "a gap changes nothing")
	r.ask(false, 108)
	r.err = "refused"
	r.feed(100)
	require.Len(t, r.e.Passings(r.now), 1, "not told yet")
	require.NotContains(t, said(r.pass(20*time.Second)), "first")
	r.err = ""
	require.Equal(t, "once undelivered", said(r.pass(time.Minute)))
	require.Empty(t, r.e.Passings(r.now))
}

// What could not be shown in time is said with the next fresh value, even if
// that has turned back; or is over after its day.
func TestToldOnceLate(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(130)
	r.ask(true, 144)
	r.err = "refused"
	r.feed(150)
	r.pass(30 * time.Minute)
	r.err = ""
	require.NotContains(t, said(r.pass(20*time.Minute)), "once", "not with an old value")
	ds := r.feed(140)
	require.Equal(t, "no_data cleared, once undelivered", strings.ReplaceAll(all(ds), "x", ""))
	title, body := Text(ds[1], "Emma", glucose.MmolPerL, Full)
	require.Equal(t, "ROSE ABOVE 8.0: 7.8 Emma", title)
	require.Equal(t, "7.8 mmol/L at 13:05, passed at 12:10. You asked to be told once.", body)

	r = newRig(t, 5*time.Minute)
	r.feed(130)
	asked := r.now
	r.ask(true, 144)
	r.err = "refused"
	r.feed(150)
	r.until(asked.Add(PassingFor))
	require.Contains(t, all(r.log), "-once expired")
	require.Empty(t, r.e.Passings(r.now))
}

// Both directions can pass while the desktop refuses: neither is lost.
func TestToldOnceBothWays(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(130)
	r.ask(true, 144)
	r.ask(false, 120)
	r.err = "refused"
	r.feed(150, 110, 130)
	r.err = ""
	r.feed(130, 130)
	require.Empty(t, r.e.Passings(r.now))
}

// It holds nothing back and takes nothing's place; quiet hours do not hold it.
func TestToldOnceBesideOthers(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	c := r.e.cfg
	c.Quiet = []Window{{Name: ByDay, From: 0, To: wholeDay, Hold: true}}
	r.e.SetConfig(c)
	r.feed(100)
	r.ask(false, 80)
	ds := r.feed(50)
	require.Equal(t, "urgent_low first, once first", said(ds))
	require.NotEqual(t, Once.Group(), UrgentLow.Group())
	require.Equal(t, "urgent_low repeat", said(r.feed(50)))
	r.answers(Answer{Kind: SnoozeFor, Alarm: UrgentLow, For: 15 * time.Minute})
	require.Error(t, Once.CheckSnooze(time.Hour))
	r.feed(90)
	r.ask(false, 80)
	require.Equal(t, "once first", said(r.feed(75)), "a snooze is about alarms")
}

// What was asked for before the hand-over waits; who asks afterwards is told.
func TestToldOnceOffDuty(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(130)
	r.ask(true, 144)
	r.pass(time.Minute)
	r.off(time.Hour)
	require.Equal(t, "-once off_duty", all(r.feed(150, 150)))
	require.Len(t, r.e.Passings(r.now), 1)
	r.pass(time.Minute)
	r.ask(false, 120)
	require.Equal(t, "once first", said(r.feed(110)))
	require.Equal(t, "once first", said(r.feed(flat(130, 12)...)), "back on duty")
}

func TestToldOnceText(t *testing.T) {
	r := newRig(t, 5*time.Minute)
	r.feed(110)
	r.ask(false, 108)
	r.now = r.now.Add(r.cadence)
	d := r.take(glucose.Reading{Time: r.now, Value: 101, Trend: glucose.Falling})[0]
	title, body := Text(d, "Emma", glucose.MmolPerL, Full)
	require.Equal(t, "FELL BELOW 6.0: 5.6 ↘ Emma, falling", title)
	require.Equal(t, "5.6 mmol/L at 12:10. You asked to be told once.", body)
	title, body = Text(d, "Emma", glucose.MmolPerL, ContentFree)
	require.Equal(t, "Glucose alarm", title)
	require.NotContains(t, body, "5.6")
	rec := RecordOf(d)
	require.Equal(t, glucose.MgDL(101), rec.Value)
}
