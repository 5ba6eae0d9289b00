package poll

import (
	"math/rand/v2"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// A policy is how to go on after a fault.
type policy int

const (
	// retryLocal: nothing left this computer, so asking often costs nobody
	// anything.
	retryLocal policy = iota
	// retryServer: the service is in trouble; growing distances, scattered so
	// that all its followers do not return at the same moment.
	retryServer
	// retryRefused: the service sent us away. A client that keeps on asking
	// renews its lock.
	retryRefused
	// retryShare: somebody has to accept an invitation or put on a sensor,
	// perhaps right now with this program before their eyes.
	retryShare
	// retryHourly: the user must act, elsewhere and unseen by us.
	retryHourly
	// retryNever: the user must act here, and acting refreshes.
	retryNever
)

func policyOf(k glucose.FaultKind) policy {
	switch k {
	case glucose.Offline:
		return retryLocal
	case glucose.Throttled, glucose.Locked, glucose.Blocked:
		return retryRefused
	case glucose.NotShared, glucose.ShareRevoked, glucose.NoSensor, glucose.WarmingUp,
		glucose.SensorEnded, glucose.UploadDelayed, glucose.ClockFault:
		return retryShare
	case glucose.Terms, glucose.VerifyEmail, glucose.TooOld, glucose.Closed:
		return retryHourly
	case glucose.WrongPassword, glucose.SignedOut:
		return retryNever
	}
	return retryServer
}

var (
	localWaits   = []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute}
	serverWaits  = []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute}
	refusedWaits = []time.Duration{5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute}
)

const (
	shareSoon  = 10 * time.Minute // as long somebody may be waiting before the screen
	shareQuick = time.Minute
	shareSlow  = 5 * time.Minute
)

// trouble is the run of faults since the last success.
type trouble struct {
	Policy policy
	Count  int       // faults of this policy in a row, the present one included
	Since  time.Time // the first of them
}

// next returns when to ask again and from when on asking is allowed at all,
// also for the user. idle means not before the user acts. asked tells that the
// request was not the schedule's own: an impatient user does not make the
// waits longer, unless the service refuses.
func (t *trouble) next(f *glucose.Fault, at time.Time, rnd *rand.Rand, asked bool) (due, hold time.Time, idle bool) {
	if p := policyOf(f.Kind); t.Count == 0 || t.Policy != p {
		*t = trouble{Policy: p, Since: at}
	}
	if !asked || t.Count == 0 || t.Policy == retryRefused {
		t.Count++
	}
	hold = f.Until.Round(0)
	switch t.Policy {
	case retryLocal:
		due = at.Add(step(localWaits, t.Count))
	case retryServer:
		due = at.Add(scatter(step(serverWaits, t.Count), rnd))
	case retryRefused:
		switch {
		case hold.IsZero():
			due = at.Add(step(refusedWaits, t.Count))
		case t.Count > 1:
			// The service named a time and then refused again: its word
			// alone is not enough.
			due = at.Add(step(refusedWaits, t.Count-1))
		default:
			due = hold
		}
		if f.Kind != glucose.Blocked {
			hold = later(hold, due)
		}
	case retryShare:
		wait := shareQuick
		if at.Sub(t.Since) >= shareSoon {
			wait = shareSlow
		}
		due = at.Add(scatter(wait, rnd))
	case retryHourly:
		due = at.Add(time.Hour + time.Duration(rnd.Int64N(int64(5*time.Minute))))
	case retryNever:
		return time.Time{}, hold, true
	}
	if late := f.SignIn.Sub(due); late > 0 && late <= due.Sub(at)/4 {
		due = f.SignIn.Round(0) // a little earlier it would be in vain, and the next time a whole step away
	}
	return later(due, hold), hold, false
}

func step(waits []time.Duration, n int) time.Duration { return waits[min(n, len(waits))-1] }

// scatter lengthens or shortens d by at most a tenth.
func scatter(d time.Duration, rnd *rand.Rand) time.Duration {
	return d + time.Duration((rnd.Float64()*0.2-0.1)*float64(d))
}
