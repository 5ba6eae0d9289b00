package poll

import (
	"context"
	"log/slog"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// asleep is the time spent in suspend since boot: CLOCK_BOOTTIME counts it,
// CLOCK_MONOTONIC does not. Neither is moved by setting the wall clock.
func asleep() (time.Duration, bool) {
	var boot, mono unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return 0, false
	}
	return time.Duration(boot.Nano() - mono.Nano()), true
}

const login1 = "org.freedesktop.login1"

// resumes sends when logind says that the system has resumed, up to a
// heartbeat before it would be noticed otherwise. The channel is closed when
// there is no logind, it goes away, or ctx ends. The connection is our own:
// the tray library closes the shared one.
func resumes(ctx context.Context, log *slog.Logger) <-chan struct{} {
	out := make(chan struct{}, 1)
	go func() {
		defer close(out)
		conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
		if err != nil {
			log.Debug("no system bus; sleep is noticed by the clocks alone", "err", err)
			return
		}
		defer func() { _ = conn.Close() }()
		signals := make(chan *dbus.Signal, 8)
		conn.Signal(signals)
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(login1),
			dbus.WithMatchInterface(login1+".Manager"), dbus.WithMatchMember("PrepareForSleep"))
		if err != nil {
			log.Debug("sleep is noticed by the clocks alone", "err", err)
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case sig, ok := <-signals:
				if !ok {
					return
				}
				if !resumeSignal(sig) {
					continue
				}
				select {
				case out <- struct{}{}:
				default: // one is waiting to be heard
				}
			}
		}
	}()
	return out
}

// resumeSignal: PrepareForSleep(true) comes before the sleep, false after it.
func resumeSignal(sig *dbus.Signal) bool {
	if sig.Name != login1+".Manager.PrepareForSleep" || len(sig.Body) != 1 {
		return false
	}
	before, ok := sig.Body[0].(bool)
	return ok && !before
}
