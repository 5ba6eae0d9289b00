package app

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
)

// mouth is a voice that writes down what it said.
type mouth struct {
	mu    sync.Mutex
	said  []string
	times []time.Time
	take  time.Duration
}

func (m *mouth) say(ctx context.Context, text string) error {
	m.mu.Lock()
	m.said, m.times = append(m.said, text), append(m.times, time.Now())
	m.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-time.After(m.take):
	}
	return ctx.Err()
}

func (m *mouth) heard() []string {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.said)
}

func speaking(t *testing.T, s settings.Speech) (*world, *mouth) {
	w, m := newWorld(t), &mouth{}
	w.opt.Settings.Speech, w.opt.Speak = s, m.say
	return w, m
}

func TestAlarmIsSaidAfterItsSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := speaking(t, settings.Speech{Alarms: true})
		var sounded time.Time
		w.opt.Play = func(context.Context, notify.Sound) error {
			time.Sleep(3 * time.Second)
			sounded = time.Now()
			return nil
		}
		w.curve = func(time.Duration) glucose.MgDL { return 50 }
		w.run()
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"Urgent low. Robin. 50, steady."}, m.heard())
		require.Equal(t, sounded, m.times[0])
		w.end()
	})
}

// A voice that hangs holds up neither the messages nor the sounds after it.
func TestHangingVoiceHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := speaking(t, settings.Speech{Alarms: true, Value: 5 * time.Minute})
		silent := newWorld(t)
		m.take = 1000 * time.Hour
		for _, world := range []*world{w, silent} {
			world.curve = func(time.Duration) glucose.MgDL { return 45 }
			world.run()
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		require.Len(t, m.heard(), 1)
		require.Greater(t, len(w.desk.Played()), 10)
		require.Equal(t, silent.desk.Played(), w.desk.Played())
		require.Equal(t, len(silent.desk.Sent()), len(w.desk.Sent()))
		w.end()
		silent.end()
	})
}

// Whoever relies on the voice sees that there is none, until there is one.
func TestMissingVoiceIsVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := speaking(t, settings.Speech{Value: 5 * time.Minute})
		w.opt.Settings.Quiet = nil
		var missing atomic.Bool
		missing.Store(true)
		w.opt.Speak = func(ctx context.Context, text string) error {
			if missing.Load() {
				return notify.ErrNoVoice
			}
			return m.say(ctx, text)
		}
		w.run()
		time.Sleep(time.Minute)
		require.Contains(t, w.view().Undelivered, "Nothing could be said aloud: nothing here can speak")
		missing.Store(false)
		time.Sleep(6 * time.Minute)
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

func TestSilentSettingsSayNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := speaking(t, settings.Speech{})
		w.curve = func(time.Duration) glucose.MgDL { return 50 }
		w.run()
		time.Sleep(time.Hour)
		require.Empty(t, m.heard())
		w.end()
	})
}

// Nothing that a message may not tell is said: with a locked or shared screen
// somebody else is in the room.
func TestSpeechKeepsToThePrivacy(t *testing.T) {
	type choice struct {
		locked, shared bool
		set            func(*settings.Settings)
		want           string
	}
	for name, c := range map[string]choice{
		"open":                {want: "Urgent low. Robin. 50, steady."},
		"locked":              {locked: true, want: "Glucose alarm."},
		"shared":              {shared: true, want: "Glucose alarm."},
		"locked, allowed":     {locked: true, set: func(s *settings.Settings) { s.Locked = settings.TextFull }, want: "Urgent low. Robin. 50, steady."},
		"shared, allowed":     {shared: true, set: func(s *settings.Settings) { s.Shared = settings.TextFull }, want: "Urgent low. Robin. 50, steady."},
		"always content-free": {set: func(s *settings.Settings) { s.Text = settings.TextContentFree }, want: "Glucose alarm."},
		"without a name":      {set: func(s *settings.Settings) { s.Display.ShowName = false }, want: "Urgent low. 50, steady."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, m := speaking(t, settings.Speech{Alarms: true, Value: 5 * time.Minute})
				w.opt.Settings.Quiet = nil
				if c.set != nil {
					c.set(&w.opt.Settings)
				}
				locked := make(chan bool)
				w.opt.Locked = locked
				w.opt.Shared = func(context.Context) (bool, bool) { return c.shared, true }
				w.curve = func(since time.Duration) glucose.MgDL {
					if since > 10*time.Minute {
						return 50
					}
					return 110
				}
				w.run()
				locked <- c.locked
				synctest.Wait()
				time.Sleep(30 * time.Second)
				before := len(m.heard())
				time.Sleep(12 * time.Minute)
				said := m.heard()[before:]
				alarms := slices.DeleteFunc(slices.Clone(said), func(s string) bool { return !strings.Contains(s, "low.") && !strings.Contains(s, "Glucose") })
				require.NotEmpty(t, alarms)
				require.Equal(t, c.want, alarms[len(alarms)-1])
				if c.want == "Glucose alarm." {
					for _, s := range said {
						require.NotRegexp(t, `\d|Robin`, s)
					}
				}
				w.end()
			})
		})
	}
}

func TestValueIsSaidEachQuarter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := speaking(t, settings.Speech{Value: 15 * time.Minute})
		w.opt.Settings.Quiet = nil
		w.run()
		time.Sleep(2 * time.Hour)
		require.InDelta(t, 9, len(m.heard()), 1)
		for _, s := range m.heard() {
			require.Regexp(t, `^\d+, steady\.$`, s)
		}
		w.end()
	})
}

// An old number is never said, and none at night.
func TestWhenNoValueIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, m := speaking(t, settings.Speech{Value: 5 * time.Minute})
		w.opt.Settings.Quiet = nil
		w.silent = func(since time.Duration) bool { return since > 10*time.Minute }
		w.run()
		time.Sleep(30 * time.Minute)
		before := len(m.heard())
		time.Sleep(5 * time.Hour)
		require.Len(t, m.heard(), before)
		w.end()
	})
	synctest.Test(t, func(t *testing.T) {
		w, m := speaking(t, settings.Speech{Value: 5 * time.Minute})
		w.opt.Settings.Quiet = []settings.Quiet{{Name: "night", On: true, From: 0, To: 24*60 - 1, Days: settings.Default().Quiet[0].Days, Hold: true}}
		w.run()
		time.Sleep(time.Hour)
		require.Empty(t, m.heard())
		w.end()
	})
}

// A password-free change of the way there: the client is made anew.
func TestAnotherProxyReconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		connects := 0
		var tell func(settings.Settings, error)
		ready := make(chan struct{})
		w.opt.WatchSettings = func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
			tell = f
			close(ready)
			<-ctx.Done()
			return nil
		}
		w.opt.Connect = func(context.Context, string) (poll.Source, error) { connects++; return w, nil }
		w.run()
		<-ready
		changed := w.opt.Settings
		changed.Display.Look = settings.LookLarge
		tell(changed, nil)
		synctest.Wait()
		require.Equal(t, 1, connects)
		require.Equal(t, settings.LookLarge, w.view().Settings.Icon)
		changed.Proxy = settings.ProxyNone
		tell(changed, nil)
		synctest.Wait()
		require.Equal(t, 2, connects)
		require.NotNil(t, w.view().Reading, "what is known stays")
		w.end()
	})
}
