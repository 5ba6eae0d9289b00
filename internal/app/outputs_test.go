package app

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/poll"
)

// A broker or a site that fails is told of in the menu and on the page once
// that lasts, and no longer when it is over; the check is told at once.
func TestTroubleElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		page := w.withPage()
		var broken atomic.Bool
		w.opt.Troubles = func() []Trouble {
			mqtt := Trouble{Of: "MQTT"}
			if broken.Load() {
				mqtt.Text = "the broker cannot be reached"
			}
			return []Trouble{mqtt, {Of: "Nightscout upload"}}
		}
		w.run()
		ask := func(command string) string {
			reply := make(chan Reply, 1)
			w.ask <- Request{Command: command, Reply: reply}
			r := <-reply
			require.Empty(t, r.Error)
			return r.Text
		}
		time.Sleep(time.Hour)
		require.Equal(t, "MQTT\t\nNightscout upload\t", ask("outputs"))
		require.Empty(t, w.view().Undelivered)
		for range 3 { // restarted now and then
			broken.Store(true)
			time.Sleep(lasts - 2*time.Minute)
			require.Equal(t, "MQTT\tthe broker cannot be reached\nNightscout upload\t", ask("outputs"))
			require.Empty(t, w.view().Undelivered)
			require.Empty(t, ask("trouble"))
			broken.Store(false)
			time.Sleep(2 * time.Minute)
		}
		broken.Store(true)
		time.Sleep(lasts + 2*time.Minute)
		require.Equal(t, "MQTT: the broker cannot be reached", w.view().Undelivered)
		require.Equal(t, "MQTT: the broker cannot be reached", ask("trouble"))
		require.Equal(t, "MQTT: the broker cannot be reached", page.State().Trouble)
		require.Empty(t, w.desk.Sent(), "no message for it")
		broken.Store(false)
		time.Sleep(2 * time.Minute)
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

// Secrets that were changed are taken over while the program runs.
func TestNewSecrets(t *testing.T) {
	for _, follow := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.opt.Settings.Outputs.Nightscout.Follow = follow
			var renewed, connected atomic.Int32
			w.opt.Renew = func() { renewed.Add(1) }
			connect := w.opt.Connect
			w.opt.Connect = func(ctx context.Context, account string) (poll.Source, error) {
				connected.Add(1)
				return connect(ctx, account)
			}
			w.run()
			reply := make(chan Reply, 1)
			w.ask <- Request{Command: "secrets", Reply: reply}
			require.Equal(t, "It is in force.", (<-reply).Text)
			synctest.Wait()
			require.EqualValues(t, 1, renewed.Load())
			require.Equal(t, follow, connected.Load() == 2, "the site that is followed has one, too")
			w.end()
		})
	}
}

// fullState is a state file that can't be written.
type fullState struct{ full atomic.Bool }

func (*fullState) Load(any) (string, error) { return "", nil }

func (f *fullState) Save(any) error {
	if f.full.Load() {
		return errors.New("the disk is full")
	}
	return nil
}

// Snoozes that would be forgotten with the next start are told of.
func TestStateThatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, f := newWorld(t), &fullState{}
		f.full.Store(true)
		w.opt.State = f
		w.run()
		time.Sleep(2 * time.Minute)
		require.Equal(t, "Snoozes and what was said cannot be kept for the next start: the disk is full", w.view().Undelivered)
		f.full.Store(false)
		time.Sleep(2 * time.Minute)
		require.Empty(t, w.view().Undelivered)
		w.end()
	})
}

func TestOutputIsNamedInTheLanguage(t *testing.T) {
	lang.Use("de")
	defer lang.Use(lang.English)
	s := state{failing: []failing{{Trouble: Trouble{Of: "Nightscout upload", Text: "x"}}}}
	require.Equal(t, "Hochladen zu Nightscout: x", s.failingOutput(time.Now()))
}
