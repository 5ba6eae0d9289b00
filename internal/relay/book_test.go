package relay

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

var (
	anna  = glucose.Person{ID: "a", Name: "Anna"}
	ben   = glucose.Person{ID: "b", Name: "Ben"}
	start = time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC) // a Monday
)

// desk is a book with its rules and a clock, for tests.
type desk struct {
	t     *testing.T
	book  Book
	rules []Rule
	now   time.Time
}

func newDesk(t *testing.T, rules ...Rule) *desk { return &desk{t: t, rules: rules, now: start} }

func (d *desk) raise(p glucose.Person, k alarm.Kind) {
	d.book.Raise(d.now, d.rules, Alarm{
		ID: d.now.Format(time.TimeOnly) + string(k), Person: p, Kind: k, Time: d.now, Raised: d.now, Loud: k == alarm.UrgentLow,
		Full: Text{k.Label() + " " + p.Name, "62 mg/dL."}, Free: Text{"Glucose alarm", "Open llutray to see it."},
	})
}

func (d *desk) clear(p glucose.Person, k alarm.Kind) { d.book.Clear(d.now, d.rules, p.ID, k) }

func (d *desk) pass(by time.Duration) { d.now = d.now.Add(by) }

// sends returns "relay: title" of what leaves now; every delivery is taken.
func (d *desk) sends() (out []string) {
	for {
		send, _ := d.book.Due(d.now)
		if len(send) == 0 {
			return out
		}
		for _, s := range send {
			out = append(out, s.Relay+": "+s.Text.Title)
			_, known := d.book.Done(d.now, d.rules, s, "", 0)
			require.True(d.t, known)
		}
	}
}

// What concerns several is told to whoever wants to hear of any of them, once.
func TestAlarmOfSeveral(t *testing.T) {
	d := newDesk(t, Rule{Name: "school", People: []string{ben.ID}}, Rule{Name: "aunt", People: []string{"c"}}, Rule{Name: "all"})
	d.book.Raise(d.now, d.rules, Alarm{ID: "1", Person: anna, Also: []string{anna.ID, ben.ID}, Kind: alarm.NoData, Time: d.now, Full: Text{Title: "NO DATA"}})
	require.ElementsMatch(t, []string{"school: NO DATA", "all: NO DATA"}, d.sends())
}

func TestRules(t *testing.T) {
	night := []alarm.Window{{From: 22 * 60, To: 7 * 60, Days: []time.Weekday{time.Monday}}}
	for _, c := range []struct {
		name string
		rule Rule
		want []string
	}{
		{"all", Rule{Name: "r"}, []string{"r: Urgent low Anna", "r: High Ben"}},
		{"by kind", Rule{Name: "r", Kinds: []alarm.Kind{alarm.UrgentLow, alarm.Low}}, []string{"r: Urgent low Anna"}},
		{"by person", Rule{Name: "r", People: []string{"b"}}, []string{"r: High Ben"}},
		{"by hour", Rule{Name: "r", Hours: night}, []string{"r: Urgent low Anna", "r: High Ben"}},
		{"content-free", Rule{Name: "r", ContentFree: true, People: []string{"b"}}, []string{"r: Glucose alarm"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, c.rule)
			d.raise(ben, alarm.High)
			d.raise(anna, alarm.UrgentLow)
			require.Equal(t, c.want, d.sends(), "the worst first")
		})
	}
	d := newDesk(t, Rule{Name: "r", Hours: night})
	d.pass(8 * time.Hour) // Tuesday, 07:00
	d.raise(anna, alarm.Low)
	require.Empty(t, d.sends())
}

func TestUnanswered(t *testing.T) {
	d := newDesk(t, Rule{Name: "r", After: 15 * time.Minute})
	d.raise(anna, alarm.UrgentLow)
	require.Empty(t, d.sends())
	require.Equal(t, start.Add(15*time.Minute), d.book.Wake())
	d.pass(15*time.Minute - time.Second)
	require.Empty(t, d.sends())
	d.pass(time.Second)
	send, _ := d.book.Due(d.now)
	require.Equal(t, Text{"Urgent low Anna", "62 mg/dL. Nobody has answered. Raised 15 min ago, at 23:00."}, send[0].Text, "no old number as if it were new")

	t.Run("answered in time", func(t *testing.T) {
		d := newDesk(t, Rule{Name: "r", After: 15 * time.Minute}, Rule{Name: "always"})
		d.raise(anna, alarm.Low)
		d.raise(ben, alarm.Low)
		d.book.Answer("a", alarm.Low)
		d.pass(15 * time.Minute)
		require.ElementsMatch(t, []string{"always: Low Anna", "always: Low Ben", "r: Low Ben"}, d.sends())
	})
	t.Run("a milder answer is none", func(t *testing.T) {
		d := newDesk(t, Rule{Name: "r", After: 15 * time.Minute})
		d.raise(anna, alarm.UrgentLow)
		d.book.Answer("a", alarm.Low)
		d.book.Answer("a", alarm.High)
		d.pass(15 * time.Minute)
		require.Len(t, d.sends(), 1)
	})
	t.Run("over in time", func(t *testing.T) {
		d := newDesk(t, Rule{Name: "r", After: 15 * time.Minute, Recovered: true})
		d.raise(anna, alarm.Low)
		d.pass(10 * time.Minute)
		d.clear(anna, alarm.Low)
		d.pass(time.Hour)
		require.Empty(t, d.sends(), "who heard nothing is not told that it is over")
		require.Zero(t, d.book.Wake())
	})
	t.Run("counted from the first message", func(t *testing.T) {
		d := newDesk(t, Rule{Name: "r", After: 15 * time.Minute})
		first := Alarm{Person: anna, Kind: alarm.UrgentLow, Time: d.now, Raised: d.now}
		d.book.Raise(d.now, d.rules, first)
		for range 3 { // said again each five minutes
			d.pass(5 * time.Minute)
			first.Time = d.now
			d.book.Raise(d.now, d.rules, first)
		}
		send, _ := d.book.Due(d.now)
		require.Len(t, send, 1)
	})
}

func TestRepeats(t *testing.T) {
	d := newDesk(t, Rule{Name: "r", Recovered: true})
	d.raise(anna, alarm.Low)
	require.Len(t, d.sends(), 1)
	d.pass(5 * time.Minute)
	d.raise(anna, alarm.Low)
	require.Empty(t, d.sends(), "again within a quarter of an hour")
	d.raise(anna, alarm.UrgentLow)
	require.Equal(t, []string{"r: Urgent low Anna"}, d.sends(), "worse is news")
	d.pass(14*time.Minute + 29*time.Second)
	d.raise(anna, alarm.UrgentLow)
	require.Empty(t, d.sends())
	d.pass(time.Second)
	d.raise(anna, alarm.UrgentLow)
	require.Len(t, d.sends(), 1)
	d.clear(anna, alarm.UrgentLow)
	require.Equal(t, []string{"r: Over: Urgent low, Anna"}, d.sends())
	d.clear(anna, alarm.UrgentLow)
	require.Empty(t, d.sends(), "once")
	d.raise(anna, alarm.Low)
	require.Len(t, d.sends(), 1, "a new episode is news however soon")
}

func TestRecoveredOnlyToWhoHeard(t *testing.T) {
	d := newDesk(t, Rule{Name: "heard", Recovered: true}, Rule{Name: "not", Recovered: true, People: []string{"b"}}, Rule{Name: "no word"},
		Rule{Name: "free", Recovered: true, ContentFree: true}, Rule{Name: "down", Recovered: true})
	d.raise(anna, alarm.High)
	send, _ := d.book.Due(d.now)
	for _, s := range send {
		why := ""
		if s.Relay == "down" {
			why = "the service cannot be reached"
		}
		d.book.Done(d.now, d.rules, s, why, 0)
	}
	d.clear(anna, alarm.High)
	require.ElementsMatch(t, []string{"heard: Over: High, Anna", "free: Glucose alarm over"}, d.sends())

	// It cleared while the message was on its way.
	d = newDesk(t, Rule{Name: "r", Recovered: true})
	d.raise(anna, alarm.High)
	send, _ = d.book.Due(d.now)
	d.clear(anna, alarm.High)
	require.Empty(t, d.sends(), "one at a time")
	d.book.Done(d.now, d.rules, send[0], "", 0)
	require.Equal(t, []string{"r: Over: High, Anna"}, d.sends())
	require.Empty(t, d.book.Lines["r"].Heard)
}

func TestRetries(t *testing.T) {
	d := newDesk(t, Rule{Name: "r"})
	d.raise(anna, alarm.Low)
	var at []time.Duration
	for {
		d.now = d.book.Wake()
		send, expired := d.book.Due(d.now)
		if len(expired) > 0 {
			require.Equal(t, Outcome{
				Relay: "r", ID: "23:00:00low", Person: "a", Kind: alarm.Low, At: start.Add(keepFor), Tries: len(at),
				Err: "it could not be delivered for 30 min", Final: true,
			}, expired[0])
			break
		}
		at = append(at, d.now.Sub(start))
		out, _ := d.book.Done(d.now, d.rules, send[0], "down", 0)
		require.False(t, out.Final)
		require.Equal(t, "down", d.book.Lines["r"].Trouble)
	}
	require.Equal(t, []time.Duration{
		0, 5 * time.Second, 20 * time.Second, 50 * time.Second, 110 * time.Second, 230 * time.Second,
		530 * time.Second, 830 * time.Second, 1130 * time.Second, 1430 * time.Second, 1730 * time.Second,
	}, at)
	require.Equal(t, start, d.book.Lines["r"].TroubleSince)
	require.Zero(t, d.book.Wake())

	d.raise(anna, alarm.UrgentLow)
	require.Len(t, d.sends(), 1, "the next alarm is tried at once")
	require.Empty(t, d.book.Lines["r"].Trouble)

	d.raise(ben, alarm.Low)
	send, _ := d.book.Due(d.now)
	d.book.Done(d.now, d.rules, send[0], "too many", 7*time.Minute)
	require.Equal(t, d.now.Add(7*time.Minute), d.book.Wake(), "as the service asked")
}

func TestOneRelayDelaysNoOther(t *testing.T) {
	d := newDesk(t, Rule{Name: "hangs"}, Rule{Name: "works"})
	d.raise(anna, alarm.Low)
	send, _ := d.book.Due(d.now)
	require.Len(t, send, 2)
	d.book.Done(d.now, d.rules, send[1], "", 0)
	d.raise(ben, alarm.Low)
	send, _ = d.book.Due(d.now)
	require.Len(t, send, 1)
	require.Equal(t, "works", send[0].Relay)
}

func TestNewerWordReplacesOlder(t *testing.T) {
	d := newDesk(t, Rule{Name: "r"})
	d.raise(anna, alarm.Low)
	send, _ := d.book.Due(d.now)
	d.raise(anna, alarm.UrgentLow) // while the low is on its way
	out, _ := d.book.Done(d.now, d.rules, send[0], "down", 0)
	require.True(t, out.Final, "the low is not tried again beside the urgent low")
	require.Equal(t, []string{"r: Urgent low Anna"}, d.sends())
}

// Where the desktop shows nothing, the same message comes again and again.
func TestSameMessageKeepsItsPace(t *testing.T) {
	d := newDesk(t, Rule{Name: "r"}, Rule{Name: "late", After: time.Minute})
	at := d.now
	again := func() {
		d.book.Raise(d.now, d.rules, Alarm{ID: "1", Person: anna, Kind: alarm.Low, Time: d.now, Raised: at})
	}
	again()
	send, _ := d.book.Due(d.now)
	again()
	d.book.Done(d.now, d.rules, send[0], "down", 10*time.Minute)
	d.pass(5 * time.Second)
	again()
	require.Empty(t, d.sends())
	d.pass(55 * time.Second)
	again()
	require.Equal(t, []string{"late: "}, d.sends())
}

func TestRestart(t *testing.T) {
	d := newDesk(t, Rule{Name: "r", ContentFree: true, Recovered: true}, Rule{Name: "gone"})
	d.raise(anna, alarm.Low)
	send, _ := d.book.Due(d.now) // under way when the program is killed
	require.Len(t, send, 2)
	b, err := json.Marshal(d.book)
	require.NoError(t, err)

	restarted := func(after time.Duration) *desk {
		e := newDesk(t, Rule{Name: "r", ContentFree: true, Recovered: true})
		require.NoError(t, json.Unmarshal(b, &e.book))
		e.book.Keep(e.rules)
		e.pass(after)
		return e
	}
	e := restarted(29 * time.Minute)
	send, expired := e.book.Due(e.now)
	require.Empty(t, expired)
	require.Equal(t, Text{"Glucose alarm", "Open llutray to see it. Raised 29 min ago, at 23:00."}, send[0].Text)
	e.book.Done(e.now, e.rules, send[0], "", 0)
	e.clear(anna, alarm.Low)
	require.Len(t, e.sends(), 1)

	e = restarted(30 * time.Minute)
	send, expired = e.book.Due(e.now)
	require.Empty(t, send, "an old alarm is not sent as if new")
	require.Len(t, expired, 1)
	require.NotContains(t, string(mustJSON(t, e.book)), "Anna", "a content-free relay keeps no content")
}

func mustJSON(t *testing.T, v any) []byte {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

func TestForget(t *testing.T) {
	d := newDesk(t, Rule{Name: "r", Recovered: true})
	d.raise(anna, alarm.Low)
	d.raise(ben, alarm.Low)
	d.book.Forget("a")
	require.Equal(t, []string{"r: Low Ben"}, d.sends())
	d.book.Forget("b")
	d.clear(ben, alarm.Low)
	require.Empty(t, d.sends())
}
