package app

import (
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/tray"
)

// TestPageOfSeveral: each alarm says whose it is, and an answer is for that
// person alone.
func TestPageOfSeveral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[people.ben.alarms.low]\nlimit = 71\n")
		p := h.withPage()
		h.children[0].curve = func(since time.Duration) glucose.MgDL {
			if since < 10*time.Minute {
				return 100
			}
			return 65
		}
		h.children[1].curve = func(since time.Duration) glucose.MgDL {
			if since > 20*time.Minute {
				return 50
			}
			return h.children[0].curve(since)
		}
		h.run()
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		s := p.State()
		require.Len(t, s.People, 2)
		require.Len(t, s.Alarms, 2)
		require.Len(t, s.Snoozable, 8, "everything of everybody: there is room")

		// Without a name it is about the person shown, never about both: a low
		// that is called treated is not looked at for a while.
		require.Equal(t, "a1", s.Person.ID)
		require.Empty(t, s.Person.Section)
		_, err := p.Do(t.Context(), page.Action{Kind: "treated"})
		require.NoError(t, err)
		synctest.Wait()
		for _, a := range p.State().Alarms {
			require.Equal(t, a.Who == "b1", a.Treatable, "%v", a)
		}

		text, err := p.Do(t.Context(), page.Action{Kind: "snooze", Person: "b1", Key: "low", Minutes: 30})
		require.NoError(t, err)
		require.Contains(t, text, "Low of Ben")
		synctest.Wait()
		snoozed := slices.DeleteFunc(p.State().Snoozes, func(z page.Snooze) bool { return z.Who != "b1" })
		require.Len(t, snoozed, 1)

		time.Sleep(18 * time.Minute)
		synctest.Wait()
		s = p.State()
		require.Equal(t, page.Alarm{Who: "b1", Name: "Ben Smith", Kind: "urgent_low", Label: "Urgent low"}, *s.Alarm, "the worst")
		require.Equal(t, "a1", s.Alarms[0].Who, "but everybody keeps their place")

		_, err = p.Do(t.Context(), page.Action{Kind: "follow", Key: "b1"})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, &page.Person{ID: "b1", Name: "Ben Smith", Section: "ben"}, p.State().Person)
		require.Equal(t, 71, p.State().AlarmLimits.Low)
		h.end()
	})
}

func TestPageOfSomebodyNotFollowed(t *testing.T) {
	p := NewPage(PageOptions{Clock: SystemClock{}})
	p.show(tray.View{People: []tray.Person{{ID: "b1", Name: "Ben", NotFollowed: true}}}, glance{})
	_, err := p.Do(t.Context(), page.Action{Kind: "follow", Key: "b1"})
	require.ErrorContains(t, err, "Ben is not followed")
}

// TestPageReplaysWithOwnSettings: what somebody has of their own is what a
// slider moves.
func TestPageReplaysWithOwnSettings(t *testing.T) {
	h := newHome(t, "")
	require.NoError(t, h.opt.Paths.Make())
	require.NoError(t, os.WriteFile(h.opt.Paths.Settings, []byte("unit = \"mg/dL\"\n[people.robin.alarms.low]\nlimit = 65\n"), 0o600))
	store := newMemory()
	now := time.Now().Truncate(time.Minute)
	for at := now.Add(-24 * time.Hour); at.Before(now); at = at.Add(time.Minute) {
		v := glucose.MgDL(110)
		if since := now.Sub(at); since < 3*time.Hour && since > 2*time.Hour {
			v = 68
		}
		store.readings = append(store.readings, glucose.Reading{Time: at, Value: v})
	}
	p := NewPage(PageOptions{Clock: SystemClock{}, Paths: h.opt.Paths, Store: store})
	p.show(tray.View{People: []tray.Person{{ID: "p1", Chosen: true}}}, glance{section: "robin"})
	got, err := p.Replay(t.Context(), page.ReplayQuestion{Days: 1, Set: map[string]string{"alarms.low.limit": "70"}})
	require.NoError(t, err)
	require.Equal(t, "With 70 you would have heard 1 more in the last day.", got.Sentence)

	again, err := p.Replay(t.Context(), page.ReplayQuestion{Days: 1, Set: map[string]string{"people.robin.alarms.low.limit": "70"}})
	require.NoError(t, err)
	require.Equal(t, got, again, "also by its own key")

	all, err := p.Settings(t.Context())
	require.NoError(t, err)
	last := all.Sections[len(all.Sections)-1]
	require.Equal(t, "For robin: alarm: low", last.Title)
	require.NotEmpty(t, last.Doc)
	require.Equal(t, "65", last.Keys[0].Value)
}

// What is said of everybody is snoozed for everybody, else it would be said
// again a moment later.
func TestPageSnoozesACommonFaultForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		p := h.withPage()
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.Maintenance, Message: "Maintenance."}
			}
			return nil
		}
		h.run()
		time.Sleep(32 * time.Minute)
		require.Len(t, h.told(), 1)
		a := p.State().Alarm
		require.Equal(t, "Everyone", a.Name)
		text, err := p.Do(t.Context(), page.Action{Kind: "snooze", Person: a.Who, Key: a.Kind, Minutes: 60})
		require.NoError(t, err)
		require.Contains(t, text, "of everybody")
		time.Sleep(50 * time.Minute)
		require.Len(t, h.told(), 1, "snoozed for everybody")
		h.end()
	})
}
