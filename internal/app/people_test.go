package app

import (
	"context"
	"log/slog"
	"strings"
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
		require.Equal(t, []tray.Standing{{Person: "a1", Name: "Anna Smith", Treatable: true}, {Person: "b1", Name: "Ben Smith", Kind: "low", Label: "Low", Treatable: true}}, v.Standing)
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

func TestNobodyIsWatchedAfterSigningOutAndARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.children[0].curve = steadily(50)
		h.run()
		time.Sleep(2 * time.Minute)
		h.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) {
			return nil, &glucose.Fault{Kind: glucose.SignedOut, Message: "Nobody is signed in."}
		}
		h.end()
		h.run()
		time.Sleep(time.Minute)
		require.Empty(t, h.view().People)
		h.end()
		n := len(h.toldOf("LOW"))
		h.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) { // a slow keyring
			<-ctx.Done()
			return nil, ctx.Err()
		}
		h.run()
		require.Empty(t, h.view().People, "whoever signed out is not watched over")
		time.Sleep(time.Hour)
		require.Len(t, h.toldOf("LOW"), n)
		h.end()
	})
}

// The list of who shares is that of the account, and not what is known of it
// while it does not answer.
func TestOfflineAfterASignInForgetsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		h.run()
		time.Sleep(5 * time.Minute)
		h.mu.Lock()
		h.fault = func(time.Duration) *glucose.Fault { return &glucose.Fault{Kind: glucose.Offline, Message: "offline"} }
		h.mu.Unlock()
		h.command(Request{Command: "reload"})
		time.Sleep(5 * time.Minute)
		require.Len(t, h.view().People, 2)
		h.end()
		h.run()
		require.Len(t, h.view().People, 2)
		h.end()
	})
}

// Whom a section is about may be known late: a name may be missing at first,
// or change. What it says holds from then on.
func TestSettingsOfSomebodyWhoIsNamedLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "[people.ben.alarms.low]\nlimit = 90\n[people.anna]\nfollow = false\n")
		h.children[0].name, h.children[1].name = "", ""
		h.children[0].curve, h.children[1].curve = steadily(60), steadily(80)
		h.run()
		time.Sleep(2 * time.Minute)
		require.Len(t, h.toldOf("LOW 60"), 1)
		require.Empty(t, h.toldOf("LOW 80"))
		h.mu.Lock()
		h.children[0].name, h.children[1].name = "Anna Smith", "Ben Smith"
		h.mu.Unlock()
		time.Sleep(2 * time.Minute)
		require.Len(t, h.toldOf("LOW 80 → Ben"), 1)
		_, shown := h.desk.Shown("low")
		require.False(t, shown, "Anna is left out")
		h.end()
	})
}

// Somebody of a former account who has the same first name takes nobody's
// settings away, also before the service has answered.
func TestNamesakeOfAFormerAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"b1\"\n[people.ben.limits]\nlow = 90\n")
		h.run()
		time.Sleep(2 * time.Minute)
		require.Equal(t, glucose.MgDL(90), h.view().Limits.Low)
		h.end()
		h.kept.names["imported:Ben"] = "Ben"
		h.opt.Connect = func(ctx context.Context, _ string) (poll.Source, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		h.run()
		require.Equal(t, "b1", h.view().PersonID)
		require.Equal(t, glucose.MgDL(90), h.view().Limits.Low)
		h.end()
	})
}

// An urgent low of somebody whose sensor reads just after that of the one in the
// icon is told as soon, on whatever feed, and not a whole step later.
func TestUrgentLowOfTheOtherInItsSecond(t *testing.T) {
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			h := newHome(t, "person = \"a1\"\n")
			const low = 4*time.Hour + 20*time.Second
			h.children[0].step, h.children[1].step, h.children[1].second = step, step, 20*time.Second
			h.children[1].curve = func(since time.Duration) glucose.MgDL {
				if since >= low {
					return 48
				}
				return 120
			}
			h.run()
			time.Sleep(low + 10*time.Minute)
			said := h.said()
			require.NotEmpty(t, said, "%s", step)
			require.Equal(t, "urgent_low", said[0].Kind)
			require.Equal(t, "b1", said[0].Person.ID)
			// On a feed of a minute all are asked for each minute, in Anna's second.
			longest := 30 * time.Second
			if step == time.Minute {
				longest = time.Minute
			}
			require.LessOrEqual(t, said[0].Time.Sub(h.start.Add(low+delay)), longest, "%s", step)
			h.end()
		})
	}
}
