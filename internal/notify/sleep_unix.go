//go:build !windows && !darwin

package notify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"github.com/llutray/llutray/internal/lang"
)

// Inhibit keeps the computer from going to sleep by itself until release is
// called, once or more often. why is shown to whoever asks what keeps it
// awake: no name and no value belongs there. A closed lid may still send it
// to sleep. release is never nil.
func Inhibit(ctx context.Context, why string) (release func(), err error) {
	bound, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	nothing := func() {}
	l, err := dial(bound, systemAddress(), quiet)
	if err != nil {
		if ctx.Err() != nil {
			return nothing, ctx.Err()
		}
		return nothing, ErrNoInhibitor
	}
	replies := l.start(bound, loginName, loginPath, loginManager+".Inhibit", "idle:sleep", "llutray", line(why, maxTitle), "block")
	var reply *dbus.Call
	select {
	case reply = <-replies:
		l.close() // the lock lives as long as its file, not the connection
	case <-bound.Done():
		l.close()
		reply = <-replies // at the latest the closing ends it; the lock may have come
		if f := lockOf(reply); f != nil {
			_ = f.Close()
		}
		if ctx.Err() != nil {
			return nothing, ctx.Err()
		}
		return nothing, lang.E("the login service does not answer: set the computer not to sleep by itself")
	}
	f := lockOf(reply)
	if f == nil {
		var answer dbus.Error
		if errors.As(reply.Err, &answer) && answer.Name == busName+".Error.ServiceUnknown" {
			return nothing, ErrNoInhibitor
		}
		if errors.As(reply.Err, &answer) {
			return nothing, fmt.Errorf("%w (%s)", ErrMaySleep, line(answer.Name, maxTitle))
		}
		return nothing, ErrMaySleep
	}
	var once sync.Once
	return func() { once.Do(func() { _ = f.Close() }) }, nil
}

func quiet(*link, context.Context) error { return nil }

// lockOf takes the file out of logind's reply, nil if there is none.
func lockOf(reply *dbus.Call) *os.File {
	var fd dbus.UnixFD
	if reply.Err != nil || reply.Store(&fd) != nil || fd < 0 {
		return nil
	}
	// A sound player that inherited it would keep the computer awake.
	unix.CloseOnExec(int(fd))
	return os.NewFile(uintptr(fd), "sleep inhibitor")
}

// WillSleep tells after how long without use the computer goes to sleep by
// itself, 0 for never, as far as the login service and the desktop say. Where
// neither has a word in it, nothing is known.
func WillSleep(ctx context.Context) (known bool, after time.Duration, text string) {
	bound, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	battery := false
	if l, err := dial(bound, systemAddress(), quiet); err == nil {
		action, _ := l.property(bound, loginName, loginPath, loginManager, "IdleAction")
		wait, _ := l.property(bound, loginName, loginPath, loginManager, "IdleActionUSec")
		after = idleAction(action, wait)
		battery = powerState(bound, l).OnBattery
		l.close()
	}
	known = after > 0
	// On other desktops the same settings may be installed and mean nothing.
	if gnomeRules(os.Getenv("XDG_CURRENT_DESKTOP")) {
		if d, ok := gnomeSleep(ctx, battery); ok {
			known = true
			if d > 0 && (after == 0 || d < after) {
				after = d
			}
		}
	}
	if !known {
		return false, 0, lang.T(sleepUntold)
	}
	return true, after, sleepText(after)
}

// idleAction reads what logind does by itself, 0 for nothing that would keep
// an alarm back.
func idleAction(action, wait any) time.Duration {
	does, _ := action.(string)
	after, _ := wait.(uint64) // us
	switch does {
	case "suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate", "sleep", "poweroff", "reboot", "halt", "kexec":
	default: // "ignore", "lock", "factory-reset" is not for idleness
		return 0
	}
	if after == 0 || after > math.MaxInt64/1000 { // "infinity" is the highest of all
		return 0
	}
	return time.Duration(after) * time.Microsecond
}

// gnomeRules reports whether GNOME's power settings rule this desktop.
func gnomeRules(current string) bool {
	for name := range strings.SplitSeq(current, ":") {
		if name == "GNOME" || name == "Unity" || name == "Budgie" {
			return true
		}
	}
	return false
}

// gnomeSleep asks GNOME's settings, 0 for never.
func gnomeSleep(ctx context.Context, battery bool) (time.Duration, bool) {
	const schema = "org.gnome.settings-daemon.plugins.power"
	source := "ac"
	if battery {
		source = "battery"
	}
	does, err := ask(ctx, "gsettings", "get", schema, "sleep-inactive-"+source+"-type")
	if err != nil {
		return 0, false
	}
	wait, err := ask(ctx, "gsettings", "get", schema, "sleep-inactive-"+source+"-timeout")
	if err != nil {
		return 0, false
	}
	return parseGnomeSleep(does, wait)
}

// parseGnomeSleep reads "'suspend'" and "1200", older ones with their type
// before: "int32 1200".
func parseGnomeSleep(does, wait string) (time.Duration, bool) {
	switch strings.Trim(strings.TrimSpace(does), "'") {
	case "nothing", "blank", "interactive", "logout":
		return 0, true
	case "suspend", "hibernate", "shutdown":
	default:
		return 0, false
	}
	fields := strings.Fields(wait)
	if len(fields) == 0 {
		return 0, false
	}
	seconds, err := strconv.ParseInt(fields[len(fields)-1], 10, 32)
	if err != nil || seconds < 0 {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true
}

// Of UPower, the service that knows the batteries.
const (
	powerName    = "org.freedesktop.UPower"
	powerPath    = "/org/freedesktop/UPower"
	powerDisplay = "/org/freedesktop/UPower/devices/DisplayDevice" // all batteries as one
	powerDevice  = powerName + ".Device"
)

// PowerState tells where the computer's power comes from.
func PowerState(ctx context.Context) Power {
	bound, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	l, err := dial(bound, systemAddress(), quiet)
	if err != nil {
		return Power{Percent: -1}
	}
	defer l.close()
	return powerState(bound, l)
}

func powerState(ctx context.Context, l *link) Power {
	p := Power{Percent: -1}
	on, err := l.startedProperty(ctx, powerName, powerPath, powerName, "OnBattery")
	if err != nil {
		return p
	}
	if p.OnBattery, p.Known = on.(bool); !p.OnBattery {
		return p
	}
	if v, err := l.property(ctx, powerName, powerDisplay, powerDevice, "Percentage"); err == nil {
		if percent, ok := v.(float64); ok && percent >= 0 && percent <= 100 {
			p.Percent = int(percent)
		}
	}
	if v, err := l.property(ctx, powerName, powerDisplay, powerDevice, "TimeToEmpty"); err == nil {
		const week = 7 * 24 * 60 * 60 // s; more is nonsense from a battery just unplugged
		if seconds, ok := v.(int64); ok && seconds > 0 && seconds < week {
			p.Left = time.Duration(seconds) * time.Second
		}
	}
	return p
}
