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
	back   chan struct{} // has the bus come back; nil when it never does
	broken bool          // setIcon panics, as the library does without its bus
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

func (r *recorder) flush()                           {}
func (r *recorder) restart(_ []byte, tooltip string) { r.note("restart %s", tooltip) }
func (r *recorder) again(ctx context.Context) (desktop, error) {
	if r.back == nil {
		return nil, ErrLost
	}
	select {
	case <-r.back:
		r.mu.Lock()
		r.gone, r.broken = make(chan struct{}), false
		r.mu.Unlock()
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
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

func (e *recordedEntry) SetTitle(s string) { e.r.note("relabel %s", s) }
func (e *recordedEntry) Enable()           { e.r.note("enable") }
func (e *recordedEntry) Disable()          { e.r.note("disable") }
func (e *recordedEntry) Check()            { e.r.note("check") }
func (e *recordedEntry) Uncheck()          { e.r.note("uncheck") }
func (e *recordedEntry) Show()             { e.r.note("show") }
func (e *recordedEntry) Hide()             { e.r.note("hide") }

func (e *recordedEntry) listen(ctx context.Context, clicked func()) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-e.click:
				clicked()
			}
		}
	}()
}

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

// A change that reaches a host while it is still reading is lost on it.
func TestANewHostIsToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, r, stop := running(t, with(func(v *View) { v.Settings.Label = false }), nil)
		all := []string{"icon", "title 6.3 mmol/L, rising", "tooltip 6.3 mmol/L ↗ · +0.3 in 5 min · 2 min ago"}
		time.Sleep(surelyAfter - time.Millisecond)
		r.take()
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.Equal(t, all, r.take())
		time.Sleep(time.Hour)
		require.Empty(t, r.take(), "once")
		r.came <- true
		time.Sleep(surelyAfter)
		synctest.Wait()
		require.Equal(t, all, r.take(), "and a new one")
		require.NoError(t, stop())
	})
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
		time.Sleep(surelyAfter)
		synctest.Wait()
		r.take()
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

// A bus that comes back is shown everything anew, and clicks there count.
func TestTrayComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []bool
		actions := make(chan Action, 4)
		tr, r := New(Options{Actions: actions, HostChanged: func(h bool) { told = append(told, h) }}), newRecorder()
		r.back = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- tr.run(ctx, r, r) }()
		r.came <- true
		time.Sleep(labelAfter)
		for range 2 {
			r.take()
			close(r.gone)
			time.Sleep(time.Hour)
			tr.Show(with(reading(200, glucose.Flat)))
			synctest.Wait()
			require.Empty(t, r.take(), "there is nobody to show it to")
			require.False(t, tr.Hosted())
			r.back <- struct{}{}
			synctest.Wait()
			calls := r.take()
			require.Equal(t, "restart "+Tooltip(tr.current()), calls[0])
			require.Contains(t, calls, "tooltip "+Tooltip(tr.current()))
			require.Empty(t, lastTitle(calls), "the first title is the item's name")
			r.came <- true
			time.Sleep(resendAfter)
			synctest.Wait()
			require.Equal(t, "11.1 mmol/L, high, steady", lastTitle(r.take()))
			r.row("Quit").click <- struct{}{}
			require.Equal(t, Quit, (<-actions).Kind)
		}
		require.Equal(t, []bool{true, false, true, false, true}, told)
		close(r.gone)
		synctest.Wait()
		cancel()
		require.NoError(t, <-ended, "it ends in order while it waits")
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

func TestEscape(t *testing.T) {
	want := map[string]string{"linux": "a__b & c", "windows": "a_b && c", "darwin": "a_b & c"}[runtime.GOOS]
	if want == "" {
		want = "a__b & c"
	}
	require.Equal(t, want, escape("a_b & c"))
}
