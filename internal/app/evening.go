package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/notify"
)

// The evening, by the wall clock, in which the menu tells whether alarms would
// be heard, and how often that is found out.
const (
	eveningFrom  = 20
	eveningTo    = 2
	bedtimeEvery = 10 * time.Minute
)

// watchBedtime keeps the bedtime line up to date. It asks from a worker: sound
// and power services may take seconds to answer.
func (a *App) watchBedtime(ctx context.Context) {
	for {
		sentence := ""
		if h := a.opt.Clock.Now().Local().Hour(); h >= eveningFrom || h < eveningTo {
			snoozes := make(chan []notify.Snooze, 1)
			a.bring(ctx, func(now time.Time) { snoozes <- a.snoozes(now) })
			select {
			case s := <-snoozes:
				sentence = a.opt.Bedtime(ctx, s).Sentence
			case <-ctx.Done():
				return
			}
		}
		a.bring(ctx, func(time.Time) { a.state.bedtime = sentence })
		timer := a.opt.Clock.NewTimer(bedtimeEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C():
		}
	}
}

func (a *App) snoozes(now time.Time) (out []notify.Snooze) {
	for _, p := range a.state.followed() {
		if p.engine == nil {
			continue
		}
		for _, s := range p.engine.Snoozes(now) {
			label := s.Kind.Label()
			if a.state.several() {
				label = lang.F("%s: %s", p.name(), label)
			}
			out = append(out, notify.Snooze{Label: label, Until: s.Until.In(a.state.zone)})
		}
	}
	return out
}

// wakefulness keeps the computer awake while an alarm waits for an answer. The
// lock is taken and given back by workers, since the desktop may be slow; each
// carries out the wish as it is when its turn comes.
type wakefulness struct {
	wanted atomic.Bool
	mu     sync.Mutex // guards give
	give   func()     // nil when the lock is not held
}

func (w *wakefulness) hold(a *App, on bool) {
	if a.opt.StayAwake == nil || on == w.wanted.Load() {
		return
	}
	w.wanted.Store(on)
	a.start(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.wanted.Load() {
			w.release()
			return
		}
		if w.give != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), shutdownBound)
		defer cancel()
		release, err := a.opt.StayAwake(ctx, lang.T("a glucose alarm waits for an answer"))
		if err != nil {
			a.log.Debug("the computer may fall asleep while an alarm waits", "err", err)
			return
		}
		w.give = release
	})
}

func (w *wakefulness) release() {
	if w.give != nil {
		w.give()
		w.give = nil
	}
}

// end gives the lock back for good.
func (w *wakefulness) end() {
	w.wanted.Store(false)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.release()
}
