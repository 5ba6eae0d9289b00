package app

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// Merged and Alarms are how the page reads the store.
func (m *memory) Merged(_ context.Context, id string, from, to time.Time) (out []glucose.Reading, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.readings {
		if id == "p1" && !r.Time.Before(from) && r.Time.Before(to) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b glucose.Reading) int { return a.Time.Compare(b.Time) })
	return glucose.Merge(out), nil
}

func (m *memory) Alarms(_ context.Context, _ string, from, to time.Time) (out []alarm.Record, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.alarms {
		if !r.Time.Before(from) && r.Time.Before(to) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b alarm.Record) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

func (m *memory) People(context.Context) ([]glucose.Person, error) {
	return []glucose.Person{{ID: "p1", Name: "Robin"}, {ID: "p9", Name: "Robin of a former account"}}, nil
}

// withPage gives the world a page, whose listener nobody opens.
func (w *world) withPage() *Page {
	p := NewPage(PageOptions{Clock: w.opt.Clock, Paths: w.opt.Paths, Store: w.store})
	w.t.Cleanup(p.Close)
	w.opt.Page = p
	return p
}

func TestPageShowsWhatTheMenuShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.withPage()
		w.silent = func(since time.Duration) bool { return since > 30*time.Minute }
		w.run()
		time.Sleep(20 * time.Minute)
		v, s := w.view(), p.State()
		require.Equal(t, v.Reading.Number(v.Unit), s.Reading.Text)
		require.Equal(t, "→", s.Reading.Arrow)
		require.Equal(t, &page.Person{ID: "p1", Name: "Robin"}, s.Person)
		require.Equal(t, &page.Delta{Text: "±0", Minutes: 5}, s.Delta)
		require.True(t, s.SignedIn)
		require.Contains(t, s.Spoken, "110 milligrams per decilitre, steady, in range")
		require.Equal(t, page.AlarmLimits{UrgentLow: 54, Low: 70, High: 250}, s.AlarmLimits)

		time.Sleep(20 * time.Minute)
		synctest.Wait()
		s = p.State()
		require.True(t, s.Reading.Stale)
		require.Empty(t, s.Reading.Arrow, "an arrow beside an old number would be believed")
		require.Empty(t, s.People[0].Text)
		require.Nil(t, s.Delta)
		require.Equal(t, "upload_delayed", s.Fault.Kind)
		require.Equal(t, "none", s.Fault.Action)
		require.Contains(t, s.Spoken, "no current value")
		w.end()
	})
}

// TestPageGrowsOldByItself: a loop that hangs must not keep a value current.
func TestPageGrowsOldByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPage(PageOptions{Clock: SystemClock{}})
		now := time.Now()
		p.show(tray.View{
			Now: now, Unit: glucose.MgPerDL, Reading: &glucose.Reading{Time: now, Value: 100}, StaleAt: now.Add(10 * time.Minute),
			People: []tray.Person{{ID: "1", Reading: &glucose.Reading{Time: now, Value: 100}, Chosen: true}},
		}, glance{})
		time.Sleep(10*time.Minute - time.Nanosecond)
		require.False(t, p.State().Reading.Stale)
		time.Sleep(time.Nanosecond)
		s := p.State()
		require.True(t, s.Reading.Stale)
		require.Equal(t, int64(600), *s.AgeSeconds)
	})
}

func TestPageBeforeAnythingIsKnown(t *testing.T) {
	p := NewPage(PageOptions{Clock: SystemClock{}, Store: newMemory()})
	s := p.State()
	require.Nil(t, s.Person)
	require.Nil(t, s.Reading)
	require.Equal(t, "no value yet", s.Spoken)
	readings, err := p.Readings(t.Context(), time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Empty(t, readings)
}

func TestPageAnswersAlarms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.withPage()
		w.curve = func(since time.Duration) glucose.MgDL {
			if since < 20*time.Minute {
				return 100
			}
			return 65
		}
		w.run()
		time.Sleep(21*time.Minute + 30*time.Second)
		synctest.Wait()
		require.Equal(t, &page.Alarm{Who: "p1", Kind: "low", Label: "Low", Treatable: true}, p.State().Alarm)

		text, err := p.Do(t.Context(), page.Action{Kind: "snooze", Key: "low", Minutes: 30})
		require.NoError(t, err)
		require.Contains(t, text, "Low is snoozed until")
		synctest.Wait()
		require.Equal(t, "low", p.State().Snoozes[0].Kind)
		require.Equal(t, time.Now().Add(30*time.Minute).UTC(), p.State().Snoozes[0].Until)
		_, err = p.Do(t.Context(), page.Action{Kind: "snooze", Key: "low", Minutes: 6000})
		require.Error(t, err, "the rules of the alarms hold here too")
		_, err = p.Do(t.Context(), page.Action{Kind: "unsnooze", Key: "low"})
		require.NoError(t, err)
		synctest.Wait()
		require.Empty(t, p.State().Snoozes)

		_, err = p.Do(t.Context(), page.Action{Kind: "seen", Key: "low"})
		require.NoError(t, err)
		synctest.Wait()
		require.Nil(t, p.State().Alarm)
		entries, err := p.Log(t.Context(), w.start, time.Now().Add(time.Second))
		require.NoError(t, err)
		i := slices.IndexFunc(entries, func(e page.LogEntry) bool { return e.Said })
		require.Equal(t, "seen", entries[i].Answer)
		require.Equal(t, "65", entries[i].Value)
		require.Equal(t, "Low", entries[i].Label)
		require.NotNil(t, entries[i].AnsweredAt)

		text, err = p.Do(t.Context(), page.Action{Kind: "test_alarm"})
		require.NoError(t, err)
		require.Contains(t, text, "handed to the desktop")
		w.desk.FailNext(errors.New("nothing shows messages here"))
		_, err = p.Do(t.Context(), page.Action{Kind: "test_alarm"})
		require.ErrorContains(t, err, "nothing shows messages")
		w.end()
	})
}

func TestPageRefusesWhatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.withPage()
		w.run()
		for _, a := range []page.Action{
			{Kind: "follow", Key: "nobody"}, {Kind: "autostart", On: true}, {Kind: "open_settings"}, {Kind: "seen", Key: "rubbish"},
			{Kind: "quit"}, {Kind: ""}, {Kind: "unsnooze", Key: "rubbish"},
		} {
			_, err := p.Do(t.Context(), a)
			var problem *page.Problem
			require.ErrorAs(t, err, &problem, "%v", a)
			require.NotEmpty(t, problem.Message)
		}
		text, err := p.Do(t.Context(), page.Action{Kind: "follow", Key: "p1"})
		require.NoError(t, err)
		require.Equal(t, "Following Robin.", text)
		_, err = p.Do(t.Context(), page.Action{Kind: "refresh"})
		require.NoError(t, err)
		w.end()
	})
}

// TestPageWaitsForABusyLoop, but not for ever.
func TestPageWaitsForABusyLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.withPage()
		New(w.opt) // and nobody runs it
		began := time.Now()
		_, err := p.Do(t.Context(), page.Action{Kind: "refresh"})
		require.ErrorContains(t, err, "busy")
		require.Equal(t, loopPatience, time.Since(began))
	})
}

// TestPageIsAskedFor by a second start, and by a click in the menu.
func TestPageIsAskedFor(t *testing.T) {
	opened := make(chan string, 2)
	p := NewPage(PageOptions{Clock: SystemClock{}, Browse: func(a string) error { opened <- a; return nil }})
	defer p.Close()
	a := New(Options{Page: p})
	a.showPage()
	a.workers.Wait()
	require.Regexp(t, `/open\?code=[\w-]{43}$`, <-opened)
	a.act(t.Context(), time.Now(), tray.Action{Kind: tray.OpenPage, Key: "signin"})
	a.workers.Wait()
	require.Regexp(t, `&view=signin$`, <-opened)

	// Without a browser a click says what else there is; a second start has
	// its own message.
	p.opt.Browse = nil
	a.showPage()
	a.workers.Wait()
	require.Empty(t, a.deliver)
	a.act(t.Context(), time.Now(), tray.Action{Kind: tray.OpenPage})
	a.workers.Wait()
	require.Contains(t, (<-a.deliver).message.Body, "llutray page --print")
}

// TestSecondStartWithoutAPage says where to look all the same.
func TestSecondStartWithoutAPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.withPage()
		var asked int
		p.opt.Browse = func(string) error { asked++; return nil }
		p.server.Close() // its listener would hold the bubble up
		w.run()
		reply := make(chan Reply, 1)
		w.ask <- Request{Command: "show", Reply: reply}
		require.Contains(t, (<-reply).Text, "already running")
		synctest.Wait()
		_, shown := w.desk.Shown("show")
		require.True(t, shown)
		require.Zero(t, asked, "a page that is closed is not opened")
		w.ask <- Request{Command: "page", Kind: PrintPage, Reply: reply}
		require.Equal(t, page.ErrClosed.Error(), (<-reply).Error)
		w.end()
	})
}

func TestPageIsOpened(t *testing.T) {
	var addresses []string
	p := NewPage(PageOptions{Clock: SystemClock{}, Browse: func(a string) error { addresses = append(addresses, a); return nil }})
	defer p.Close()
	require.NoError(t, p.Open("signin"))
	require.True(t, strings.HasPrefix(addresses[0], "http://127.0.0.1:"))
	require.True(t, strings.HasSuffix(addresses[0], "&view=signin"))
	text, err := p.asked("")
	require.NoError(t, err)
	require.NotContains(t, text, "code", "the address is for the browser alone")
	printed, err := p.asked(PrintPage)
	require.NoError(t, err)
	require.NotContains(t, addresses, printed)
	p.opt.Browse = nil
	require.ErrorIs(t, p.Open(""), ErrNoBrowser)
}

func TestPageSettings(t *testing.T) {
	w := &world{opt: Options{Paths: settings.PathsUnder(t.TempDir())}}
	require.NoError(t, w.opt.Paths.Make())
	p := NewPage(PageOptions{Clock: SystemClock{}, Paths: w.opt.Paths})
	path := w.opt.Paths.Settings
	require.NoError(t, os.WriteFile(path, []byte("# mine\nunit = \"mg/dL\"\n"), 0o600))

	all, err := p.Settings(t.Context())
	require.NoError(t, err)
	require.Empty(t, all.Error)
	keys := map[string]page.Key{}
	for _, s := range all.Sections {
		require.NotEmpty(t, s.Title)
		require.NotContains(t, s.Title, "_", "a word for programs")
		for _, k := range s.Keys {
			keys[k.Key] = k
			require.NotEmpty(t, k.Label)
			require.NotEmpty(t, k.Doc)
			require.Contains(t, []string{"flag", "word", "limit", "duration", "text"}, k.Type)
			require.NotNil(t, k.Options)
		}
	}
	require.Len(t, keys, len(slices.DeleteFunc(settings.Keys(), func(k settings.KeyInfo) bool { return k.ByHand })), "every key is there that is not for the file alone")
	low := keys["alarms.low.limit"]
	require.Equal(t, "limit", low.Type)
	require.Equal(t, []any{"70", "70", 60.0, 100.0, "mg/dL"}, []any{low.Value, low.Default, *low.Min, *low.Max, low.Unit})
	repeat := keys["alarms.low.repeat"]
	require.Equal(t, []any{"duration", "30m", 5.0, 60.0, "min"}, []any{repeat.Type, repeat.Value, *repeat.Min, *repeat.Max, repeat.Unit})
	require.Equal(t, []string{"none", "soft", "low", "urgent"}, keys["alarms.low.sound"].Options)
	require.Equal(t, []string{"usual"}, keys["quiet.night.low"].Options)
	require.Equal(t, "flag", keys["alarms.low.on"].Type)
	require.Equal(t, "text", keys["quiet.night.from"].Type)

	require.NoError(t, p.Set(t.Context(), "unit", "mmol/L"))
	require.NoError(t, p.Set(t.Context(), "alarms.low.limit", "5.6 mmol/L"))
	all, err = p.Settings(t.Context())
	require.NoError(t, err)
	i := slices.IndexFunc(all.Sections, func(s page.Section) bool { return s.Name == "alarms.low" })
	require.Equal(t, "Alarm: low", all.Sections[i].Title)
	limit := all.Sections[i].Keys[1]
	require.Equal(t, []any{"5.6", "3.9", 3.3, 5.6}, []any{limit.Value, limit.Default, *limit.Min, *limit.Max}, "in the user's unit, whatever the file says")
	require.Equal(t, "usual", inUnit("usual", glucose.MmolPerL))
	abroad := lang.Pretend(func(text string) string { return text })
	require.Equal(t, "5.6", inUnit("5.6", glucose.MmolPerL), "the page would read 5,6 as 5")
	abroad()
	text, _ := os.ReadFile(path)
	require.Contains(t, string(text), "# mine", "comments stay")

	err = p.Set(t.Context(), "alarms.low.limit", "1")
	require.EqualError(t, err, "1.0 mmol/L is not allowed: use 60 to 100 mg/dL (3.3 to 5.6 mmol/L)")
	require.ErrorContains(t, p.Set(t.Context(), "alarms.lo.limit", "70"), "did you mean")

	require.NoError(t, os.WriteFile(path, []byte("unit = 3"), 0o600))
	all, err = p.Settings(t.Context())
	require.NoError(t, err)
	require.Contains(t, all.Error, "unit")
	require.Empty(t, all.Sections)
	require.ErrorContains(t, p.Set(t.Context(), "unit", "mg/dL"), path, "a broken file is not touched")
}

func TestPageReplay(t *testing.T) {
	w := &world{opt: Options{Paths: settings.PathsUnder(t.TempDir())}}
	require.NoError(t, w.opt.Paths.Make())
	store := newMemory()
	now := time.Now().Truncate(time.Minute)
	for at := now.Add(-24 * time.Hour); at.Before(now); at = at.Add(time.Minute) {
		v := glucose.MgDL(110)
		if since := now.Sub(at); since < 3*time.Hour && since > 2*time.Hour {
			v = 73
		}
		store.readings = append(store.readings, glucose.Reading{Time: at, Value: v})
	}
	p := NewPage(PageOptions{Clock: SystemClock{}, Paths: w.opt.Paths, Store: store})
	p.show(tray.View{People: []tray.Person{{ID: "p1", Chosen: true}}}, glance{})
	q := page.ReplayQuestion{Days: 7, Set: map[string]string{"alarms.low.limit": "75 mg/dL"}}
	got, err := p.Replay(t.Context(), q)
	require.NoError(t, err)
	require.Greater(t, got.Then, got.Now)
	require.Equal(t, "With 4.2 you would have heard 1 more last week.", got.Sentence)
	require.Equal(t, "low", got.Rows[0].Kind)
	require.Equal(t, "then", got.List[0].In)
	require.Equal(t, "4.1", got.List[0].Value)
	require.True(t, slices.IsSortedFunc(got.List, func(a, b page.Heard) int { return b.Time.Compare(a.Time) }), "newest first")
	_, err = os.Stat(w.opt.Paths.Settings)
	require.True(t, os.IsNotExist(err), "asking changes nothing")

	q.Set["alarms.low.limit"] = "4.2"
	got, err = p.Replay(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, "With 4.2 you would have heard 1 more last week.", got.Sentence)

	same, err := p.Replay(t.Context(), page.ReplayQuestion{Days: 1})
	require.NoError(t, err)
	require.Equal(t, "With these settings you would have heard just as many in the last day.", same.Sentence)

	_, err = p.Replay(t.Context(), page.ReplayQuestion{Days: 1, Set: map[string]string{"alarms.low.limit": "1"}})
	require.ErrorContains(t, err, "not allowed")
	gone, leave := context.WithCancel(t.Context())
	leave()
	_, err = p.Replay(gone, q)
	require.ErrorIs(t, err, context.Canceled)
}

// TestPagePasswordIsForgotten: a legal step that nobody answers keeps no
// password for long.
func TestPagePasswordIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPage(PageOptions{Clock: SystemClock{}})
		p.wait(&SignIn{})
		time.Sleep(stepPatience)
		synctest.Wait()
		_, err := p.Accept(t.Context())
		require.ErrorContains(t, err, "No sign-in waits")
	})
}

func TestPageShowsNoImportedReadingAsThePresent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.withPage()
		w.store.readings = append(w.store.readings, glucose.Reading{Time: w.start.Add(-time.Minute), Value: 110, Trend: glucose.Flat, Origin: glucose.Imported})
		w.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		w.run()
		s := p.State()
		require.True(t, s.Reading.Stale)
		require.Empty(t, s.Reading.Arrow)
		require.Contains(t, s.Spoken, "no current value")
		require.Empty(t, s.People[0].Text)
		w.end()
	})
}

// TestPageRunsNothing: who gets hold of the page must not get a command run.
func TestPageRunsNothing(t *testing.T) {
	w := newWorld(t)
	p := w.withPage()
	require.NoError(t, w.opt.Paths.Make())
	require.ErrorContains(t, p.Set(t.Context(), "hook.command", "/bin/sh -c id"), "does not change what is run")
	require.NoFileExists(t, w.opt.Paths.Settings)
	all, err := p.Settings(t.Context())
	require.NoError(t, err)
	for _, s := range all.Sections {
		for _, k := range s.Keys {
			require.NotEqual(t, "hook.command", k.Key)
		}
	}
	require.NoError(t, p.Set(t.Context(), "hook.events", "alarm"))
}
