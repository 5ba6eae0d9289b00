package poll

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// WakeKind is a change in the world around the program.
type WakeKind int

// The kinds of changes.
const (
	Resumed      WakeKind = iota + 1 // the computer slept or the program was stopped
	ClockStepped                     // the wall clock was set; Jump tells by how much
	ZoneMoved                        // the computer's time zone is another one; Zone tells which
	NetworkBack                      // addresses have changed since the network was lost
)

// String returns the name used in logs.
func (k WakeKind) String() string {
	switch k {
	case Resumed:
		return "resumed"
	case ClockStepped:
		return "clock stepped"
	case ZoneMoved:
		return "zone moved"
	case NetworkBack:
		return "network back"
	}
	return "unknown"
}

// Wake is one change.
type Wake struct {
	Kind WakeKind
	Jump time.Duration  // ClockStepped: forward when positive
	Zone *time.Location // ZoneMoved: the new zone; the process's time.Local stays the old one
}

const (
	heartbeat = 5 * time.Second
	// stalled is how much later than due a heartbeat must be to mean sleep
	// where the monotonic clock goes on during it. A machine under load is
	// seconds late at most.
	stalled = 30 * time.Second
	// networkEvery is how often addresses are looked at while offline.
	networkEvery = 2 * time.Second
)

// WatchOptions are what a Watcher needs.
type WatchOptions struct {
	// Report is called from the Watcher's goroutine.
	Report func(Wake)
	// ZoneFile is the system's zone; "" is /etc/localtime. It is not looked
	// at when the environment variable TZ overrides it.
	ZoneFile string
	Log      *slog.Logger // nil: none
}

// Watcher notices what the program sleeps through.
type Watcher struct {
	o       WatchOptions
	offline atomic.Bool

	// The world, for tests.
	read      func() instant
	zone      func() (string, *time.Location)
	addresses func() string
	sleeps    func(context.Context, *slog.Logger) <-chan struct{}
}

// NewWatcher returns a Watcher that does nothing before Run.
func NewWatcher(o WatchOptions) *Watcher {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ZoneFile == "" {
		o.ZoneFile = "/etc/localtime"
	}
	return &Watcher{
		o: o, read: readClocks, addresses: addresses, sleeps: resumes,
		zone: func() (string, *time.Location) { return systemZone(o.ZoneFile) },
	}
}

// SetOffline tells that requests fail for want of a network; only then are
// its addresses watched.
func (w *Watcher) SetOffline(offline bool) { w.offline.Store(offline) }

// Run watches until ctx ends and then returns nil.
func (w *Watcher) Run(ctx context.Context) error {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	network := time.NewTicker(networkEvery)
	defer network.Stop()
	resumed := w.sleeps(ctx, w.o.Log)
	last := w.read()
	zone, _ := w.zone()
	var net networkWatch
	beat := func(told bool) {
		now := w.read()
		for _, c := range changes(last, now, told) {
			w.o.Report(c)
		}
		last = now
		if name, loc := w.zone(); name != zone && loc != nil {
			zone = name
			w.o.Report(Wake{Kind: ZoneMoved, Zone: loc})
		}
	}
	for {
		select {
		case <-ctx.Done():
			if resumed != nil {
				for range resumed { // until its goroutine has ended
				}
			}
			return nil
		case <-ticker.C:
			beat(false)
		case _, ok := <-resumed:
			if !ok {
				resumed = nil // the heartbeat alone, then
				continue
			}
			beat(true)
		case <-network.C:
			if !w.offline.Load() {
				net = networkWatch{}
			} else if net.back(w.addresses()) {
				w.o.Report(Wake{Kind: NetworkBack})
			}
		}
	}
}

// An instant is one look at the clocks. Asleep is the time spent in sleep
// since some fixed moment, and known only on some systems.
type instant struct {
	Wall   time.Time     // without a monotonic part
	Mono   time.Duration // as the runtime's timers count
	Asleep time.Duration
	Knows  bool // Asleep is measured
}

// changes tells what happened between two heartbeats. told means that the
// system has said it resumed.
//
// On Linux and macOS the monotonic clock stands still in sleep, so both a
// sleep and a clock set forward show as the wall clock running ahead. Linux
// and macOS also count the sleep itself, which tells the two apart. Where it
// is not counted, running ahead is reported as Resumed, the likelier of the
// two, which has a request sent at once either way; delays that no longer fit
// are then unlearned by themselves. Running back is always a step.
func changes(last, now instant, told bool) (out []Wake) {
	mono := now.Mono - last.Mono
	ahead := now.Wall.Sub(last.Wall) - mono
	slept := mono > heartbeat+stalled // a stopped process, or a clock that counts sleep
	if now.Knows && last.Knows {
		asleep := now.Asleep - last.Asleep
		slept = slept || asleep > stepSeen
		ahead -= asleep
	} else if ahead > stepSeen {
		slept, ahead = true, 0
	}
	if slept || told {
		out = append(out, Wake{Kind: Resumed})
	}
	if ahead.Abs() > stepSeen {
		out = append(out, Wake{Kind: ClockStepped, Jump: ahead})
	}
	return out
}

// networkWatch compares addresses from look to look.
type networkWatch struct {
	looked bool
	last   string
}

// back reports whether there are addresses now that were not there at the
// look before.
func (n *networkWatch) back(now string) bool {
	back := n.looked && now != "" && now != n.last
	n.looked, n.last = true, now
	return back
}

// addresses lists those of the interfaces that are up and lead somewhere; ""
// when there are none.
func addresses() string {
	all, err := net.Interfaces()
	if err != nil {
		return ""
	}
	var out []string
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagRunning == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLinkLocalUnicast() {
				out = append(out, i.Name+" "+a.String())
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// started is what monotonic readings are counted from.
var started = time.Now()

func readClocks() instant {
	now := time.Now()
	i := instant{Wall: now.Round(0), Mono: now.Sub(started)}
	i.Asleep, i.Knows = asleep()
	return i
}
