package poll

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestChanges(t *testing.T) {
	type d = time.Duration
	wall := time.Date(2026, 3, 29, 0, 59, 58, 0, time.UTC)
	none := []Wake(nil)
	resumed := []Wake{{Kind: Resumed}}
	step := func(by d) []Wake { return []Wake{{Kind: ClockStepped, Jump: by}} }
	for _, c := range []struct {
		name               string
		wall, mono, asleep d
		knows, told        bool
		want               []Wake
	}{
		{"a beat", 5 * time.Second, 5 * time.Second, 0, true, false, none},
		{"a late beat under load", 12 * time.Second, 12 * time.Second, 0, true, false, none},
		{"slewed by NTP", 5*time.Second + 3*time.Millisecond, 5 * time.Second, 0, true, false, none},
		{"two seconds ahead", 7 * time.Second, 5 * time.Second, 0, true, false, none},
		{"just over", 7*time.Second + 1, 5 * time.Second, 0, true, false, step(2*time.Second + 1)},
		{"set forward", time.Hour, 5 * time.Second, 0, true, false, step(time.Hour - 5*time.Second)},
		{"set back", -time.Hour, 5 * time.Second, 0, true, false, step(-time.Hour - 5*time.Second)},
		{"slept", time.Hour, 5 * time.Second, time.Hour - 5*time.Second, true, false, resumed},
		{"slept, and was set back meanwhile", 30 * time.Minute, 5 * time.Second, time.Hour - 5*time.Second, true, false,
			append(resumed, step(-30*time.Minute)...)},
		{"told of a sleep", time.Hour, 5 * time.Second, time.Hour - 5*time.Second, true, true, resumed},
		{"told of a sleep too short to see", 5 * time.Second, 5 * time.Second, 0, true, true, resumed},
		{"stopped and continued", time.Minute, time.Minute, 0, true, false, resumed},
		{"sleep not counted: ahead", time.Hour, 5 * time.Second, 0, false, false, resumed},
		{"sleep not counted: back", -time.Hour, 5 * time.Second, 0, false, false, step(-time.Hour - 5*time.Second)},
		{"monotonic clock goes on in sleep", time.Hour, time.Hour, 0, false, false, resumed},
	} {
		last := instant{wall, time.Minute, time.Hour, c.knows}
		now := instant{wall.Add(c.wall), time.Minute + c.mono, time.Hour + c.asleep, c.knows}
		assert.Equal(t, c.want, changes(last, now, c.told), c.name)
	}
}

func TestNetworkWatch(t *testing.T) {
	for _, c := range []struct {
		name string
		seen []string
		want []bool
	}{
		{"back from none", []string{"", "", "eth0 10.0.0.2/24", "eth0 10.0.0.2/24"}, []bool{false, false, true, false}},
		{"another network", []string{"wlan0 10.0.0.2/24", "wlan0 192.168.1.7/24"}, []bool{false, true}},
		{"lost", []string{"wlan0 10.0.0.2/24", "", ""}, []bool{false, false, false}},
		{"there all the time", []string{"wlan0 10.0.0.2/24", "wlan0 10.0.0.2/24"}, []bool{false, false}},
	} {
		var n networkWatch
		for i, a := range c.seen {
			assert.Equal(t, c.want[i], n.back(a), "%s, look %d", c.name, i)
		}
	}
}

// watch runs a Watcher in a bubble over a world that the test changes.
func watch(t *testing.T, during func(w *Watcher, set *fakeWorld, got *[]Wake)) {
	synctest.Test(t, func(t *testing.T) {
		set := &fakeWorld{name: "Europe/Berlin", resumes: make(chan struct{})}
		var got []Wake
		w := NewWatcher(WatchOptions{Report: func(x Wake) { got = append(got, x) }})
		begin := time.Now()
		w.read = func() instant {
			set.mu.Lock()
			defer set.mu.Unlock()
			return instant{time.Now().Round(0).Add(set.step + set.slept), time.Since(begin), set.slept, true}
		}
		w.zone = func() (string, *time.Location) {
			set.mu.Lock()
			defer set.mu.Unlock()
			return set.name, set.loc
		}
		w.addresses = func() string {
			set.mu.Lock()
			defer set.mu.Unlock()
			set.looks++
			return set.addresses
		}
		w.sleeps = func(ctx context.Context, _ *slog.Logger) <-chan struct{} { return set.resumes }
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.Run(ctx) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Empty(t, got, "nothing has happened")
		during(w, set, &got)
		cancel()
		close(set.resumes)
		assert.NoError(t, <-done)
	})
}

type fakeWorld struct {
	mu          sync.Mutex
	step, slept time.Duration
	name        string
	loc         *time.Location
	addresses   string
	looks       int
	resumes     chan struct{}
}

// change orders what a test sets before what the Watcher then reads.
func (f *fakeWorld) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func TestWatcher(t *testing.T) {
	beat := func() { time.Sleep(heartbeat); synctest.Wait() }
	watch(t, func(w *Watcher, set *fakeWorld, got *[]Wake) {
		set.change(func() { set.step = -time.Hour })
		beat()
		assert.Equal(t, []Wake{{Kind: ClockStepped, Jump: -time.Hour}}, *got)
		beat()
		assert.Len(t, *got, 1, "once")
	})
	watch(t, func(w *Watcher, set *fakeWorld, got *[]Wake) {
		set.change(func() { set.slept = 8 * time.Hour })
		set.resumes <- struct{}{}
		synctest.Wait()
		assert.Equal(t, []Wake{{Kind: Resumed}}, *got, "at once when told")
		beat()
		assert.Len(t, *got, 1, "and not again by the clocks")
	})
	watch(t, func(w *Watcher, set *fakeWorld, got *[]Wake) {
		set.change(func() { set.name, set.loc = "America/New_York", time.FixedZone("EDT", -4*3600) })
		beat()
		assert.Equal(t, []Wake{{Kind: ZoneMoved, Zone: set.loc}}, *got)
		set.change(func() { set.name, set.loc = "", nil })
		beat()
		assert.Len(t, *got, 1, "a file that is just being replaced is no zone")
	})
	watch(t, func(w *Watcher, set *fakeWorld, got *[]Wake) {
		assert.Zero(t, set.looks, "addresses are nobody's business while online")
		w.SetOffline(true)
		time.Sleep(3 * networkEvery)
		set.change(func() { set.addresses = "wlan0 10.0.0.2/24" })
		time.Sleep(networkEvery)
		synctest.Wait()
		assert.Equal(t, []Wake{{Kind: NetworkBack}}, *got)
	})
}
