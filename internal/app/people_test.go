package app

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// child is one of several who share with the account. Functions are asked
// with the time since the beginning; nil ones never.
type child struct {
	id, name string
	curve    func(since time.Duration) glucose.MgDL
	silent   func(since time.Duration) bool // the phone uploads nothing
	away     func(since time.Duration) bool // does not share
	step     time.Duration                  // of the sensor; 0 for a minute
}

// home is an account with several people.
type home struct {
	*world
	children []child
	kept     *shelf
}

func steadily(v glucose.MgDL) func(time.Duration) glucose.MgDL {
	return func(time.Duration) glucose.MgDL { return v }
}

func within(from, to time.Duration) func(time.Duration) bool {
	return func(since time.Duration) bool { return since >= from && since < to }
}

// newHome is a world in which anna and ben share, with more settings as text.
func newHome(t *testing.T, text string) *home {
	h := &home{world: newWorld(t), kept: &shelf{memory: newMemory(), readings: map[string][]glucose.Reading{}, alarms: map[string][]alarm.Record{}}}
	h.children = []child{{id: "a1", name: "Anna Smith", curve: steadily(110)}, {id: "b1", name: "Ben Smith", curve: steadily(120)}}
	h.opt.Settings = parsed(t, text)
	h.opt.Store, h.opt.Recall = h.kept, h.kept.recall
	h.opt.State = StateFile(h.opt.Paths.State)
	h.opt.Connect = func(context.Context) (poll.Source, error) { return h, nil }
	return h
}

func parsed(t *testing.T, text string) settings.Settings {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, os.WriteFile(path, []byte("unit = \"mg/dL\"\n"+text), 0o600))
	s, err := settings.Load(path)
	require.NoError(t, err)
	return s
}

func (h *home) Current(context.Context) ([]glucose.Snapshot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	since := now.Sub(h.start)
	h.requests = append(h.requests, now)
	if h.fault != nil {
		if f := h.fault(since); f != nil {
			return nil, f
		}
	}
	var out []glucose.Snapshot
	for _, c := range h.children {
		if c.away == nil || !c.away(since) {
			out = append(out, h.snapshot(c, now))
		}
	}
	if len(out) == 0 {
		return nil, &glucose.Fault{Kind: glucose.NotShared, Message: "Nobody shares."}
	}
	return out, nil
}

func (h *home) snapshot(c child, now time.Time) glucose.Snapshot {
	s := glucose.Snapshot{
		Person: glucose.Person{ID: c.id, Name: c.name},
		Sensor: &glucose.Sensor{Activated: h.start.Add(-48 * time.Hour), WarmUp: time.Hour},
	}
	step := max(c.step, time.Minute)
	for at := now.Add(-delay).Truncate(step); at.After(h.start.Add(-time.Hour)); at = at.Add(-step) {
		if c.silent == nil || !c.silent(at.Sub(h.start)) {
			s.Current = &glucose.Reading{Time: at.UTC(), Value: c.curve(at.Sub(h.start)), Trend: glucose.Flat}
			return s
		}
	}
	return s
}

func (h *home) Graph(ctx context.Context, id string) (glucose.Snapshot, error) {
	all, err := h.Current(ctx)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	for _, s := range all {
		if s.Person.ID == id {
			return s, nil
		}
	}
	return glucose.Snapshot{}, &glucose.Fault{Kind: glucose.ShareRevoked, Message: "revoked"}
}

// said lists the messages on the desktop since the last call, as tag and title.
func (h *home) told() (out []string) {
	synctest.Wait()
	for _, m := range h.desk.Sent() {
		out = append(out, m.Title)
	}
	return out
}

func (h *home) toldOf(part string) (out []string) {
	return slices.DeleteFunc(h.told(), func(s string) bool { return !strings.Contains(s, part) })
}

func (h *home) row(id string) tray.Person {
	rows := h.view().People
	i := slices.IndexFunc(rows, func(p tray.Person) bool { return p.ID == id })
	require.GreaterOrEqual(h.t, i, 0, "no row for %s", id)
	return rows[i]
}

// waiting lists the alarms that wait for an answer.
func (h *home) waiting() string {
	var out []string
	for _, s := range h.view().Standing {
		if s.Label != "" {
			out = append(out, s.Label)
		}
	}
	return strings.Join(out, ", ")
}

func (h *home) command(r Request) Reply {
	reply := make(chan Reply, 1)
	r.Reply = reply
	h.ask <- r
	return <-reply
}

// shelf is a store without a file that knows several people.
type shelf struct {
	*memory
	mu       sync.Mutex
	names    map[string]string
	readings map[string][]glucose.Reading
	alarms   map[string][]alarm.Record
}

func (s *shelf) Append(_ context.Context, p glucose.Person, r []glucose.Reading) ([]glucose.Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil {
		s.names = map[string]string{}
	}
	s.names[p.ID] = p.Name
	s.readings[p.ID] = append(s.readings[p.ID], r...)
	return r, nil
}

func (s *shelf) LogAlarm(_ context.Context, id string, r alarm.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.alarms[id], func(o alarm.Record) bool { return o.ID == r.ID && r.ID != "" }); i >= 0 {
		s.alarms[id][i] = r
		return nil
	}
	s.alarms[id] = append(s.alarms[id], r)
	return nil
}

func (s *shelf) recall(context.Context) (out []Memory, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.names)) {
		out = append(out, Memory{
			Person: glucose.Person{ID: id, Name: s.names[id]}, Readings: slices.Clone(s.readings[id]), Alarms: slices.Clone(s.alarms[id]),
		})
	}
	return out, nil
}

func TestEachIsJudgedByTheirOwnSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[people.anna]\nname = \"Annie\"\n[people.anna.alarms.low]\nlimit = 85\nsound = \"urgent\"\n")
		h.children[0].curve, h.children[1].curve = steadily(80), steadily(80)
		h.run()
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"LOW 80 → Annie, steady"}, h.told(), "80 is low for Anna alone, and says who")
		require.Equal(t, []notify.Sound{notify.SoundUrgent}, h.desk.Played())
		require.Equal(t, "Low", h.row("a1").Alarm)
		require.Empty(t, h.row("b1").Alarm)
		require.Len(t, h.kept.alarms["b1"], 0)
		e := h.said()[0]
		require.Equal(t, &StatusPerson{"a1", "Annie"}, e.Person)
		h.end()
	})
}

// Quiet hours of one person hold nobody else's alarm back.
func TestQuietHoursOfOnePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[people.anna.quiet.all]\nfrom = \"00:00\"\nto = \"24:00\"\n")
		h.children[0].curve, h.children[1].curve = steadily(280), steadily(290)
		h.run()
		time.Sleep(time.Hour)
		require.Equal(t, []string{"HIGH 290 → Ben Smith, steady"}, h.told())
		require.Equal(t, glucose.MgDL(280), h.row("a1").Reading.Value)
		h.end()
	})
}

// Both low at once: two messages, each answered for its own person, also
// after another one is looked at.
func TestMessagesOfTwoPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[0].curve, h.children[1].curve = steadily(62), steadily(64)
		h.run()
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"LOW 62 → Anna Smith, steady", "LOW 64 → Ben Smith, steady"}, h.told())
		require.Equal(t, "Low, Low", h.waiting())
		tags := map[string]string{}
		for _, m := range h.desk.Sent() {
			tags[m.Tag] = m.Title
		}
		require.Len(t, tags, 2, "neither takes the other's place")
		h.actions <- tray.Action{Kind: tray.Follow, Key: "b1"}
		for tag, title := range tags {
			if strings.Contains(title, "Anna") {
				h.desk.Inject(notify.Event{Tag: tag, Button: "snooze 30m0s low"})
			}
		}
		v := h.view()
		require.Equal(t, "b1", v.PersonID)
		require.Len(t, v.Snoozes, 1)
		require.Equal(t, "a1", v.Snoozes[0].Person)
		require.Equal(t, []tray.Standing{{Person: "a1", Name: "Anna Smith", Treatable: true}, {Person: "b1", Name: "Ben Smith", Label: "Low", Treatable: true}}, v.Standing)
		h.actions <- tray.Action{Kind: tray.Treated, Person: "b1"}
		time.Sleep(14 * time.Minute)
		require.Len(t, h.told(), 2)
		time.Sleep(3 * time.Minute)
		require.Len(t, h.toldOf("Ben"), 2, "treated and not risen")
		require.Len(t, h.toldOf("Anna"), 1, "still snoozed")
		time.Sleep(16 * time.Minute)
		require.Len(t, h.toldOf("Anna"), 2)
		h.end()
	})
}

// The network is everybody's: one message. A phone that is off as well is
// said as soon as the network is back.
func TestCommonFaultIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.fault = func(since time.Duration) *glucose.Fault {
			if within(30*time.Minute, 80*time.Minute)(since) {
				return &glucose.Fault{Kind: glucose.Offline, Message: "This computer has no network.", Hint: "Check it."}
			}
			return nil
		}
		h.children[1].silent = within(40*time.Minute, 3*time.Hour)
		h.run()
		time.Sleep(79 * time.Minute)
		told := h.told()
		require.Len(t, told, 2, "soft, then loud; not once for each child: %q", told)
		for _, title := range told {
			require.Contains(t, title, "NO DATA")
			require.Contains(t, title, "everyone")
		}
		require.NotContains(t, h.desk.Sent()[0].Body, "110", "no value of one of them")
		faults := 0
		for _, e := range h.events {
			if f, ok := e.(FaultEvent); ok && f.Fault != nil {
				faults++
				require.Nil(t, f.Person)
			}
		}
		require.Equal(t, 1, faults)
		require.Equal(t, "No data", h.waiting(), "once")
		require.Equal(t, "Everyone", h.view().Standing[0].Name)

		time.Sleep(3 * time.Minute)
		told = h.told()
		require.Len(t, told, 3)
		require.Contains(t, told[2], "Ben Smith")
		require.Contains(t, told[2], "phone")
		require.Equal(t, glucose.UploadDelayed, ParseStoredFault(h.kept.meta[MetaFaultOf("b1")]).Kind)
		require.Nil(t, ParseStoredFault(h.kept.meta[MetaFault]), "Anna is fine")
		h.end()
	})
}

func TestRefusedSignInIsSaidOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.WrongPassword, Message: "Refused.", Hint: "Sign in again."}
			}
			return nil
		}
		h.run()
		time.Sleep(28 * time.Minute)
		require.Equal(t, []string{"SIGN-IN refused: no readings"}, h.told())
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "seen needs_you"})
		require.Empty(t, h.waiting(), "answered for everybody")
		h.end()
	})
}

// The answer to what concerns everybody is everybody's: the other child does
// not begin where this one was answered.
func TestAnswerToACommonFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.Maintenance, Message: "Maintenance."}
			}
			return nil
		}
		h.run()
		time.Sleep(32 * time.Minute)
		require.Len(t, h.told(), 1)
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "snooze 1h0m0s no_data"})
		h.actions <- tray.Action{Kind: tray.Follow, Key: "b1"}
		time.Sleep(55 * time.Minute)
		require.Len(t, h.told(), 1, "snoozed for everybody")
		time.Sleep(10 * time.Minute)
		require.Len(t, h.told(), 2, "and once more afterwards")
		h.actions <- tray.Action{Kind: tray.Unsnooze, Person: "a1", Key: "no_data"}
		h.actions <- tray.Action{Kind: tray.SnoozeAlarm, Person: "a1", Key: "no_data", For: time.Hour} // from the menu
		require.Len(t, h.view().Snoozes, 2)
		time.Sleep(55 * time.Minute)
		require.Len(t, h.told(), 2)
		require.Contains(t, h.command(Request{Command: "snooze", Kind: "no_data", For: 30 * time.Minute}).Text, "of everybody")
		h.end()
	})
}

// A phone that is off is named with its owner while the other's is fine, also
// when it is the one whose sensor the schedule followed.
func TestPhoneOfOneOfThem(t *testing.T) {
	for i, name := range []string{"Anna Smith", "Ben Smith"} {
		synctest.Test(t, func(t *testing.T) {
			h := newHome(t, "person = \"a1\"\n")
			h.children[i].silent = func(since time.Duration) bool { return since > 10*time.Minute }
			h.run()
			time.Sleep(10*time.Minute + 21*time.Minute)
			told := h.told()
			require.Len(t, told, 1)
			require.Contains(t, told[0], name)
			require.Contains(t, told[0], "phone")
			time.Sleep(8 * time.Hour)
			for _, title := range h.told() {
				require.Contains(t, title, name, "the other's data came all the time")
			}
			other := h.children[1-i].id
			for j, r := range h.kept.readings[other][1:] {
				require.LessOrEqual(t, r.Time.Sub(h.kept.readings[other][j].Time), 2*time.Minute, "asked as seldom as for a phone that is off, at %s", r.Time)
			}
			hour := 0
			for _, at := range h.requests {
				if time.Since(at) < time.Hour {
					hour++
				}
			}
			require.LessOrEqual(t, hour, 66)
			h.end()
		})
	}
}

// A 15-minute feed on the screen does not keep the minutes of the other away.
func TestSlowFeedBesideAFastOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.children[0].step = 15 * time.Minute
		h.children[1].curve = func(since time.Duration) glucose.MgDL {
			if since > 4*time.Hour+3*time.Minute {
				return 50
			}
			return 110
		}
		h.run()
		time.Sleep(4*time.Hour + 6*time.Minute)
		require.Len(t, h.toldOf("URGENT LOW 50 → Ben"), 1, "within three minutes, not fifteen")
		require.Len(t, h.told(), 1)
		require.Equal(t, "a1", h.view().PersonID)
		require.False(t, h.view().Stale)
		h.end()
	})
}

func TestLeavingAndComingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[1].curve = steadily(60)
		h.children[1].away = within(10*time.Minute, 5*time.Hour)
		h.run()
		time.Sleep(9 * time.Minute)
		require.Len(t, h.toldOf("LOW 60 → Ben"), 1)
		time.Sleep(2 * time.Minute)
		require.Len(t, h.view().People, 2, "a list may be short once")
		h.end() // the program is restarted just then
		h.run()
		require.Len(t, h.view().People, 2, "and does not forget whom it watches over")
		h.desk.FailNext(notify.ErrHangs)
		time.Sleep(15 * time.Minute)
		require.Equal(t, []string{"Ben Smith no longer shares with this account"}, h.toldOf("no longer"), "told once, also when the desktop hangs")
		require.Len(t, h.view().People, 1)
		require.Empty(t, h.waiting())
		_, shown := h.desk.Shown("low b1")
		require.False(t, shown, "no message stays that nobody can answer")
		time.Sleep(4 * time.Hour)
		require.Empty(t, h.toldOf("NO DATA"), "he is gone, not lost")
		require.Len(t, h.toldOf("no longer"), 1)
		before := len(h.toldOf("LOW 60 → Ben"))
		time.Sleep(time.Hour)
		require.Greater(t, len(h.toldOf("LOW 60 → Ben")), before, "back, and watched over again")
		require.Len(t, h.view().People, 2)
		h.end()
	})
}

func TestTheOneShownLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"b1\"\n")
		h.children[1].away = func(since time.Duration) bool { return since > 10*time.Minute }
		h.run()
		time.Sleep(40 * time.Minute)
		require.Equal(t, "a1", h.view().PersonID)
		require.Equal(t, glucose.MgDL(110), h.view().Reading.Value)
		require.False(t, h.view().Stale)
		require.Nil(t, h.view().Fault)
		require.Equal(t, []string{"Ben Smith no longer shares with this account"}, h.told())
		h.end()
	})
}

// Whoever is left out is not silenced in secret: the menu says so, and the
// messages that stand are taken away.
func TestNotFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		change := make(chan settings.Settings)
		h.opt.WatchSettings = func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
			for {
				select {
				case s := <-change:
					f(s, nil)
				case <-ctx.Done():
					return nil
				}
			}
		}
		h.opt.LogLevel = &slog.LevelVar{}
		h.children[0].curve = steadily(60)
		h.run()
		time.Sleep(2 * time.Minute)
		_, shown := h.desk.Shown("low")
		require.True(t, shown)
		out := parsed(t, "person = \"a1\"\n[people.anna]\nfollow = false\n")
		change <- out
		time.Sleep(time.Second)
		_, shown = h.desk.Shown("low")
		require.False(t, shown)
		require.True(t, h.row("a1").NotFollowed)
		require.Equal(t, "b1", h.view().PersonID, "the icon is for those who are followed")
		h.actions <- tray.Action{Kind: tray.Follow, Key: "a1"}
		require.Equal(t, "b1", h.view().PersonID)
		time.Sleep(3 * time.Hour)
		require.Len(t, h.told(), 1)
		require.Equal(t, glucose.MgDL(60), h.row("a1").Reading.Value, "but the value is there")
		back := parsed(t, "")
		back.Level = slog.LevelDebug
		change <- back
		time.Sleep(2 * time.Minute)
		require.Equal(t, slog.LevelDebug, h.opt.LogLevel.Level(), "also without a restart")
		require.Len(t, h.toldOf("LOW 60"), 2, "followed again")
		h.end()
	})
}

func TestSectionThatFitsNobodyIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[people.carl]\nfollow = false\n")
		h.run()
		require.Contains(t, h.view().Undelivered, "[people.carl] fit nobody")
		h.end()
	})
}

func TestWhomTheIconShows(t *testing.T) {
	on := func(h *home) string {
		if v := h.view(); v.OnIcon != nil {
			return v.OnIcon.PersonID
		}
		return h.view().PersonID
	}
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n[display]\nicon_person = \"worst\"\n[people.ben.limits]\nhigh = 150\n")
		h.children[1].curve = func(since time.Duration) glucose.MgDL {
			if since > 10*time.Minute {
				return 160
			}
			return 120
		}
		h.children[0].curve = func(since time.Duration) glucose.MgDL {
			if since > 20*time.Minute {
				return 65
			}
			return 110
		}
		h.run()
		require.Equal(t, "a1", on(h), "all is well: the one chosen")
		time.Sleep(12 * time.Minute)
		require.Equal(t, "b1", on(h), "high by his own limit")
		require.Equal(t, "a1", h.view().PersonID, "the menu stays")
		time.Sleep(12 * time.Minute)
		require.Equal(t, "a1", on(h), "a low is worse")
		h.end()
	})
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[display]\nicon_person = \"turns\"\n")
		h.children[1].curve = func(since time.Duration) glucose.MgDL {
			if since > 10*time.Minute {
				return 60
			}
			return 120
		}
		h.run()
		time.Sleep(2*time.Minute + time.Second)
		var turns []string
		for range 4 {
			turns = append(turns, on(h))
			time.Sleep(10 * time.Second)
		}
		require.Equal(t, []string{"a1", "b1", "a1", "b1"}, turns)
		time.Sleep(10 * time.Minute)
		for range 4 {
			require.Equal(t, "b1", on(h), "an alarm keeps the icon until it is answered")
			time.Sleep(10 * time.Second)
		}
		h.end()
	})
}

func TestSnoozeOfOnePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[people.ben]\nname = \"Benny\"\n[people.carl]\nid = \"c1\"\nfollow = false\n")
		h.children = append(h.children, child{id: "c1", name: "Carl Smith", curve: steadily(60)})
		h.children[1].curve = func(since time.Duration) glucose.MgDL {
			if since > 10*time.Minute {
				return 60
			}
			return 110
		}
		h.run()
		r := h.command(Request{Command: "snooze", Kind: "high", For: time.Hour})
		require.Equal(t, "say for whom: --person Anna Smith, --person Benny or --person all", r.Error)
		r = h.command(Request{Command: "snooze", Kind: "high", For: time.Hour, Person: "benny"})
		require.Contains(t, r.Text, "High of Benny is snoozed until")
		r = h.command(Request{Command: "snooze", Kind: "high", For: time.Hour, Person: "anna"})
		require.Contains(t, r.Text, "High of Anna Smith")
		r = h.command(Request{Command: "snoozes"})
		require.Contains(t, r.Text, "Anna Smith: High until")
		require.Contains(t, r.Text, "Benny: High until")
		require.Contains(t, h.command(Request{Command: "unsnooze", Kind: "high"}).Text, "High of everybody is no longer")
		require.Empty(t, h.view().Snoozes)
		require.Contains(t, h.command(Request{Command: "snooze", Kind: "low", For: time.Hour, Person: "dora"}).Error, "nobody called")
		require.Contains(t, h.command(Request{Command: "snooze", Kind: "low", For: time.Hour, Person: "carl"}).Error, "is not followed")
		time.Sleep(12 * time.Minute)
		require.Contains(t, h.command(Request{Command: "snooze", Kind: "low", For: time.Hour}).Text, "Low of Benny", "the one that rings")
		require.Contains(t, h.command(Request{Command: "snooze", Kind: "no_data", For: time.Hour, Person: "all"}).Text, "No data of everybody")
		require.Len(t, h.view().Snoozes, 3)
		h.end()
	})
}

// The state of a program that followed one person only is taken over.
func TestStateOfBeforeIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[0].curve = steadily(60)
		h.run()
		time.Sleep(2 * time.Minute)
		h.actions <- tray.Action{Kind: tray.SnoozeAlarm, Person: "a1", Key: "low", For: time.Hour}
		synctest.Wait()
		h.end()
		var old struct {
			Alarms map[string]alarm.State `json:"alarms"`
		}
		_, err := h.opt.State.Load(&old)
		require.NoError(t, err)
		require.NoError(t, h.opt.State.Save(old)) // as it was written before
		sent := len(h.told())
		h.run()
		require.Len(t, h.view().Snoozes, 1, "before any answer")
		time.Sleep(20 * time.Minute)
		require.Len(t, h.told(), sent)
		require.Len(t, h.view().People, 2)
		h.end()
	})
}
