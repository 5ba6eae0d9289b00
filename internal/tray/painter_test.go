package tray

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// recorder is a backend and desktop that write down every call.
type recorder struct {
	mu     sync.Mutex
	calls  []string
	rows   map[string]*recordedEntry // by the label they were made with
	done   chan struct{}
	came   chan bool
	gone   chan struct{}
	broken bool // setIcon panics, as the library does without its bus
}

func newRecorder() *recorder {
	return &recorder{rows: map[string]*recordedEntry{}, done: make(chan struct{}), came: make(chan bool), gone: make(chan struct{})}
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

// take returns the calls since the last take.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.calls
	r.calls = nil
	return c
}

func (r *recorder) reset()             { r.note("reset") }
func (r *recorder) run(onReady func()) { onReady(); <-r.done }
func (r *recorder) quit()              { close(r.done) }
func (r *recorder) setIcon(data []byte) {
	r.mu.Lock()
	broken := r.broken
	r.mu.Unlock()
	if broken {
		panic("dbus: connection closed by user")
	}
	r.note("icon")
}
func (r *recorder) setTitle(s string)       { r.note("title %s", s) }
func (r *recorder) setTooltip(s string)     { r.note("tooltip %s", s) }
func (r *recorder) addSeparator(entry)      { r.note("separator") }
func (r *recorder) hosts() <-chan bool      { return r.came }
func (r *recorder) introduce()              {}
func (r *recorder) lost() <-chan struct{}   { return r.gone }
func (r *recorder) setLabel(s string) error { r.note("label %s", s); return nil }
func (r *recorder) close()                  {}
func (r *recorder) add(_ entry, label string, _ bool) entry {
	r.note("add %s", label)
	e := &recordedEntry{r, label, make(chan struct{})}
	r.mu.Lock()
	r.rows[label] = e
	r.mu.Unlock()
	return e
}

func (r *recorder) row(label string) *recordedEntry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows[label]
}

type recordedEntry struct {
	r     *recorder
	label string
	click chan struct{}
}

func (e *recordedEntry) SetTitle(s string)        { e.r.note("relabel %s", s) }
func (e *recordedEntry) Enable()                  { e.r.note("enable") }
func (e *recordedEntry) Disable()                 { e.r.note("disable") }
func (e *recordedEntry) Check()                   { e.r.note("check") }
func (e *recordedEntry) Uncheck()                 { e.r.note("uncheck") }
func (e *recordedEntry) Show()                    { e.r.note("show") }
func (e *recordedEntry) Hide()                    { e.r.note("hide") }
func (e *recordedEntry) clicked() <-chan struct{} { return e.click }

// running starts a tray on a recorder inside a bubble of fake time.
func running(t *testing.T, v View, actions chan Action) (*Tray, *recorder, func() error) {
	t.Helper()
	tr, r := New(Options{Actions: actions}), newRecorder()
	tr.Show(v)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- tr.run(ctx, r, r) }()
	synctest.Wait()
	return tr, r, func() error { cancel(); return <-ended }
}

func TestNothingIsSentWhenNothingChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, r, stop := running(t, base(), nil)
		time.Sleep(2 * labelAfter)
		r.take()
		for range 1000 {
			tr.Show(base())
			synctest.Wait()
		}
		require.Empty(t, r.take())
		require.NoError(t, stop())
	})
}

func TestOnlyWhatChangedIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, r, stop := running(t, base(), nil)
		time.Sleep(2 * labelAfter)
		r.take()

		// A minute passes: the age is another, the picture is not.
		older := with(func(v *View) { v.Now = v.Now.Add(time.Minute); v.Trace = nil })
		tr.Show(older)
		synctest.Wait()
		require.Equal(t, []string{
			"tooltip 6.3 mmol/L ↗ · +0.3 in 5 min · 3 min ago",
			"relabel 6.3 mmol/L ↗ · +0.3 in 5 min · 3 min ago",
			"hide", // the sparkline, which this view has none of
		}, withoutRecent(r.take()))

		tr.Show(base())
		synctest.Wait()
		r.take()
		tr.Show(with(func(v *View) { v.Settings.Autostart = true; alarm(v, "Low") }))
		synctest.Wait()
		require.Equal(t, []string{"relabel Alarm: Low – I have seen it", "show", "check"}, r.take())
		require.NoError(t, stop())
	})
}

// withoutRecent leaves out the rows of Recent readings, whose deltas depend
// on the trace.
func withoutRecent(calls []string) (kept []string) {
	for _, c := range calls {
		if len(c) < 11 || c[len("relabel ")+2] != ':' {
			kept = append(kept, c)
		}
	}
	return kept
}

// The title that is there when the item is exported becomes its Id for good.
func TestTitleWaitsUntilTheItemIsExported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r, stop := running(t, base(), nil)
		for _, c := range r.take() {
			require.NotContains(t, c, "title")
		}
		time.Sleep(resendAfter)
		synctest.Wait()
		require.Equal(t, []string{"icon", "title 6.3 mmol/L, rising", "tooltip 6.3 mmol/L ↗ · +0.3 in 5 min · 2 min ago"}, r.take())
		require.NoError(t, stop())
	})
}

func TestLabelIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, r, stop := running(t, base(), nil)
		require.Contains(t, r.take(), "label 6.3 ↗")
		time.Sleep(2 * time.Second)
		r.take()
		time.Sleep(labelAfter - 2*time.Second)
		synctest.Wait()
		require.Equal(t, []string{"label 6.3 ↗"}, r.take(), "once hosts have read the item")
		r.came <- true
		time.Sleep(labelAfter - time.Millisecond)
		require.Empty(t, r.take())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.Equal(t, []string{"label 6.3 ↗"}, r.take(), "for a new host")
		require.True(t, tr.Hosted())
		time.Sleep(labelEvery)
		synctest.Wait()
		require.Equal(t, []string{"label 6.3 ↗"}, r.take(), "every minute")

		tr.Show(with(func(v *View) { v.Settings.Label = false }))
		synctest.Wait()
		require.Contains(t, r.take(), "label ", "switched off")
		time.Sleep(3 * labelEvery)
		require.Empty(t, r.take(), "stays off")
		require.NoError(t, stop())
	})
}

func TestClicksBecomeActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actions := make(chan Action, 200)
		tr, r, stop := running(t, base(), actions)
		click := func(label string) {
			synctest.Wait()
			select {
			case r.row(label).click <- struct{}{}:
			default:
				t.Errorf("nobody waits for a click on %q", label)
			}
			synctest.Wait()
		}
		for range 100 {
			click("Refresh now")
		}
		click("6.3 mmol/L ↗ · +0.3 in 5 min · 2 min ago") // tells something, does nothing
		click("Snooze low for 1 hour")
		click("Start with the desktop")
		tr.Show(with(func(v *View) { v.Settings.Autostart = true }))
		click("Start with the desktop")
		synctest.Wait()
		for range 100 {
			require.Equal(t, Action{Kind: Refresh}, <-actions)
		}
		require.Equal(t, Action{Kind: SnoozeAlarm, Key: "low", For: time.Hour}, <-actions)
		require.Equal(t, Action{Kind: SetAutostart, On: true}, <-actions)
		require.Equal(t, Action{Kind: SetAutostart, On: false}, <-actions)
		require.Empty(t, actions)
		require.NoError(t, stop())
	})
}

// A program that does not take its actions must not block the menu.
func TestFullActionsDoNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actions := make(chan Action, 1)
		_, r, stop := running(t, base(), actions)
		for range 10 {
			r.row("Refresh now").click <- struct{}{}
		}
		synctest.Wait()
		require.Len(t, actions, 1)
		require.NoError(t, stop())
	})
}

func TestLatestViewWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, r, stop := running(t, base(), nil)
		time.Sleep(2 * resendAfter)
		r.take()
		var shown sync.WaitGroup
		for i := range 50 {
			shown.Go(func() { tr.Show(with(reading(glucose.MgDL(100+i), glucose.Flat))) })
		}
		shown.Wait()
		tr.Show(with(reading(200, glucose.Flat)))
		synctest.Wait()
		calls := r.take()
		require.Equal(t, "11.1 mmol/L, high, steady", lastTitle(calls))
		require.NoError(t, stop())
	})
}

func lastTitle(calls []string) (title string) {
	for _, c := range calls {
		if len(c) > 6 && c[:6] == "title " {
			title = c[6:]
		}
	}
	return title
}

func TestTrayLost(t *testing.T) {
	t.Run("the bus goes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			tr, r := New(Options{}), newRecorder()
			ended := make(chan error, 1)
			go func() { ended <- tr.run(t.Context(), r, r) }()
			synctest.Wait()
			close(r.gone)
			require.ErrorIs(t, <-ended, ErrLost)
		})
	})
	t.Run("the library panics", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			tr, r := New(Options{}), newRecorder()
			ended := make(chan error, 1)
			go func() { ended <- tr.run(t.Context(), r, r) }()
			synctest.Wait()
			r.mu.Lock()
			r.broken = true
			r.mu.Unlock()
			tr.Show(base())
			require.ErrorIs(t, <-ended, ErrLost)
		})
	})
}

func TestTrayThatNeverAppears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []bool
		tr, r := New(Options{HostChanged: func(h bool) { told = append(told, h) }}), &silent{newRecorder()}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- tr.run(ctx, r, r) }()
		time.Sleep(readyWithin)
		synctest.Wait()
		require.Equal(t, []bool{false}, told)
		cancel()
		time.Sleep(quitWithin)
		require.NoError(t, <-ended)
	})
}

// silent never calls onReady.
type silent struct{ *recorder }

func (s *silent) run(func()) { <-s.done }

func TestRunAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, New(Options{}).run(ctx, nil, nil))
}

// Two people need a longer menu than one, which must answer to clicks as the
// first did, and keep its rows as long as there are two.
func TestMenuWithMoreRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actions := make(chan Action, 1)
		tr, r, stop := running(t, base(), actions)
		time.Sleep(2 * labelAfter)
		r.take()
		two := with(func(v *View) {
			v.People = []Person{{ID: "a1", Name: "Anna", Chosen: true}, {ID: "b1", Name: "Ben"}}
		})
		tr.Show(two)
		synctest.Wait()
		calls := r.take()
		require.Contains(t, calls, "reset")
		require.Contains(t, calls, "add Ben · no reading yet")
		r.row("Ben · no reading yet").click <- struct{}{}
		synctest.Wait()
		require.Equal(t, Action{Kind: Follow, Key: "b1"}, <-actions)

		two.People[1].Alarm = "Low"
		tr.Show(two)
		synctest.Wait()
		require.NotContains(t, r.take(), "reset", "there is room")

		tr.Show(base())
		synctest.Wait()
		require.Contains(t, r.take(), "reset")
		require.NoError(t, stop())
	})
}

func TestEscape(t *testing.T) {
	want := map[string]string{"linux": "a__b & c", "windows": "a_b && c", "darwin": "a_b & c"}[runtime.GOOS]
	if want == "" {
		want = "a__b & c"
	}
	require.Equal(t, want, escape("a_b & c"))
}

// A panel that comes back reads the whole tree at once and loses the rows of
// submenus, unless the library is made to begin anew.
func TestSecondHostGetsANewMenu(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		ctx, cancel := context.WithCancel(t.Context())
		tr := New(Options{Actions: make(chan Action, 8)})
		ended := make(chan error)
		go func() { ended <- tr.run(ctx, r, r) }()
		r.came <- true
		synctest.Wait()
		require.NotContains(t, r.take(), "reset", "the first host reads level by level")
		r.came <- false
		r.came <- true
		synctest.Wait()
		calls := r.take()
		require.Contains(t, calls, "reset")
		require.Contains(t, calls, "add Quit")
		cancel()
		require.NoError(t, <-ended)
	})
}
