package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/tray"
)

func offline() *glucose.Fault {
	return &glucose.Fault{Kind: glucose.Offline, Message: "This computer has no network.", Hint: "Check it."}
}

// toldAt are the times since the beginning at which messages came.
func (h *home) toldAt() (out []time.Duration) {
	for _, e := range h.said() {
		out = append(out, e.Time.Sub(h.start))
	}
	return out
}

// An outage ends with an answer about Anna, and the next fault comes before
// one about Ben: nothing of his is said for him by her, whose data is back.
func TestNoDataBetweenTwoFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		answers := 0
		h.fault = func(since time.Duration) *glucose.Fault {
			switch {
			case since < 12*time.Minute || since > 50*time.Minute:
			case since < 29*time.Minute:
				return offline()
			case answers == 0:
				answers++
			default:
				return &glucose.Fault{Kind: glucose.ServerError, Message: "The service has trouble."}
			}
			return nil
		}
		h.children[1].silent = func(since time.Duration) bool { return since > 10*time.Minute }
		h.run()
		time.Sleep(45 * time.Minute)
		require.Len(t, h.told(), 1)
		h.mu.Lock()
		require.Equal(t, 1, answers)
		h.mu.Unlock()
		require.Contains(t, h.told()[0], "Ben Smith")
		require.Equal(t, 30*time.Minute, h.toldAt()[0], "20 minutes after his last value")
		require.Equal(t, "No data", h.waiting(), "and it waits for an answer")
		h.actions <- tray.Action{Kind: tray.Seen, Person: "b1"}
		require.Empty(t, h.waiting())
		h.end()
	})
}

// A phone that was away before the network is told of in time, and what all
// have in common when it is due for the others.
func TestNoDataOfOneBeforeAFaultOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 29*time.Minute {
				return offline()
			}
			return nil
		}
		h.children[1].silent = func(since time.Duration) bool { return since > 10*time.Minute }
		h.run()
		time.Sleep(31 * time.Minute)
		require.Len(t, h.told(), 1)
		require.Contains(t, h.told()[0], "Ben Smith")
		h.actions <- tray.Action{Kind: tray.SnoozeAlarm, Person: "b1", Key: "no_data", For: time.Hour}
		require.Len(t, h.view().Snoozes, 1, "of his alone")
		time.Sleep(40 * time.Minute)
		require.Len(t, h.told(), 3, "Anna's, softly and loudly: %q", h.told())
		require.Contains(t, h.told()[1], "everyone")
		require.Equal(t, []time.Duration{30 * time.Minute, 48 * time.Minute, 68 * time.Minute}, h.toldAt())
		h.end()
	})
}

// Between two faults of all comes one of a single person, and what is due then
// is said of Ben alone: Anna's is due later, and is said too.
func TestNoDataAmongFaultsOfOneAndOfAll(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newHome(t, "person = \"a1\"\n")
			h.fault = func(since time.Duration) *glucose.Fault {
				switch {
				case since < 14*time.Minute:
					return nil
				case since > 29*time.Minute && since < 31*time.Minute:
					return &glucose.Fault{Kind: glucose.ShareRevoked, Message: "Nobody with this ID shares any longer."}
				}
				return offline()
			}
			h.children[1].silent = func(since time.Duration) bool { return since > 10*time.Minute }
			h.run()
			time.Sleep(30*time.Minute + 30*time.Second)
			if restart {
				h.end()
				h.run()
			}
			time.Sleep(6 * time.Minute)
			require.Len(t, h.told(), 2, "restart %t: %q", restart, h.told())
			require.Contains(t, h.told()[0], "Ben Smith")
			require.Equal(t, []time.Duration{30 * time.Minute, 33 * time.Minute}, h.toldAt())
			h.end()
		})
	}
}

// Whoever wants to hear of it soonest decides when it is said.
func TestNoDataOfAllByTheShortestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n[people.anna.alarms.no_data]\nafter = \"1h\"\n[people.ben.alarms.no_data]\nafter = \"15m\"\n")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return offline()
			}
			return nil
		}
		h.run()
		time.Sleep(28 * time.Minute)
		require.Len(t, h.told(), 1)
		require.Contains(t, h.told()[0], "everyone")
		time.Sleep(75 * time.Minute)
		for _, title := range h.told() {
			require.Contains(t, title, "everyone")
		}
		h.end()
	})
}

// After an outage that was told of, the first answer is about one of them.
// Nothing more is said when the other's value comes seconds later.
func TestTheOthersAreWaitedFor(t *testing.T) {
	for _, step := range []time.Duration{time.Minute, 5 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			h := newHome(t, "person = \"a1\"\n")
			h.children[0].step, h.children[1].step = step, step
			h.fault = func(since time.Duration) *glucose.Fault {
				if within(2*time.Hour, 150*time.Minute)(since) {
					return offline()
				}
				return nil
			}
			h.run()
			time.Sleep(4 * time.Hour)
			require.Len(t, h.told(), 1, "%q", h.told())
			require.Contains(t, h.told()[0], "everyone")
			h.end()
		})
	}
}

// What was told of one of them before a fault of all is not told of the other.
func TestNoDataOfTheOtherInAFaultOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 31*time.Minute {
				return offline()
			}
			return nil
		}
		h.children[0].silent = func(since time.Duration) bool { return since > 10*time.Minute }
		h.children[1].silent = func(since time.Duration) bool { return since > 13*time.Minute }
		h.run()
		time.Sleep(40 * time.Minute)
		require.Len(t, h.told(), 2, "%q", h.told())
		require.Contains(t, h.told()[0], "Anna Smith")
		require.Contains(t, h.told()[1], "everyone")
		require.Equal(t, []time.Duration{30 * time.Minute, 33 * time.Minute}, h.toldAt())
		h.end()
	})
}

// Where the user must act and was told so, nobody's missing data is said softly
// beside it, also of a phone that was away before.
func TestRefusedSignInCoversNoDataOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 22*time.Minute {
				return &glucose.Fault{Kind: glucose.WrongPassword, Message: "Refused.", Hint: "Sign in again."}
			}
			return nil
		}
		h.children[1].silent = func(since time.Duration) bool { return since > 5*time.Minute }
		h.run()
		time.Sleep(44 * time.Minute) // from then on it is loud, and the other is not
		require.Len(t, h.told(), 1, "%q", h.told())
		require.Contains(t, h.told()[0], "SIGN-IN")
		h.end()
	})
}

// What the user must do is told, although whose alarms would tell it are
// another carer's.
func TestNeedsYouWhileOneIsHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "person = \"a1\"\n")
		h.fault = func(since time.Duration) *glucose.Fault {
			if since > 10*time.Minute {
				return &glucose.Fault{Kind: glucose.WrongPassword, Message: "Refused.", Hint: "Sign in again."}
			}
			return nil
		}
		h.run()
		time.Sleep(5 * time.Minute)
		require.Empty(t, h.command(Request{Command: "off", For: 2 * time.Hour, Person: "Anna"}).Error)
		require.Empty(t, h.command(Request{Command: "snooze", Kind: "no_data", For: 2 * time.Hour, Person: "Ben"}).Error)
		time.Sleep(10 * time.Minute)
		require.Len(t, h.toldOf("SIGN-IN"), 1)
		h.end()
	})
}

// Whom the first answer after a fault was about is not waited for.
func TestNobodyElseIsWaitedFor(t *testing.T) {
	for _, people := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			h := newHome(t, "person = \"a1\"\n")
			h.children = h.children[:people]
			h.fault = func(since time.Duration) *glucose.Fault {
				if within(14*time.Minute, 29*time.Minute+40*time.Second)(since) {
					return offline()
				}
				return nil
			}
			h.children[0].silent = func(since time.Duration) bool { return since > 10*time.Minute }
			h.run()
			time.Sleep(29*time.Minute + 45*time.Second)
			h.report(poll.Wake{Kind: poll.NetworkBack})
			time.Sleep(5 * time.Minute)
			require.Len(t, h.told(), 1)
			require.Equal(t, []time.Duration{30 * time.Minute}, h.toldAt())
			h.end()
		})
	}
}

// A message of one account's people is answered for them alone, also when the
// network has gone since, and with it the data of everybody.
func TestAnswerIsForThoseOfTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouses(t, twoAccounts)
		h.mum.children = append(h.mum.children, child{id: "d1", name: "Dora", curve: steadily(100)})
		fault := func(mums bool) func(time.Duration) *glucose.Fault {
			return func(since time.Duration) *glucose.Fault {
				switch {
				case since > 40*time.Minute && since < 45*time.Minute:
					return offline()
				case mums && since > 10*time.Minute:
					return &glucose.Fault{Kind: glucose.Maintenance, Message: "Maintenance."}
				}
				return nil
			}
		}
		h.anna.fault, h.mum.fault = fault(false), fault(true)
		h.anna.children[0].silent = func(at time.Duration) bool { return at > 45*time.Minute }
		h.run()
		time.Sleep(44*time.Minute + 30*time.Second)
		require.Equal(t, []string{"NO DATA for 20 min, Ben Smith and Dora: LibreLinkUp"}, h.told())
		notAnna := func() {
			t.Helper()
			for _, z := range h.view().Snoozes {
				require.NotEqual(t, "a1", z.Person, "nothing was said of Anna")
			}
		}
		require.Empty(t, h.command(Request{Command: "snooze", Kind: "no_data", Person: "Dora", For: 30 * time.Minute}).Error)
		notAnna()
		h.desk.Inject(notify.Event{Tag: h.desk.Sent()[0].Tag, Button: "snooze 1h0m0s no_data"})
		time.Sleep(30 * time.Minute)
		notAnna()
		require.NotEmpty(t, h.toldOf("Anna"), "her phone is away since, and that is told in time")
		h.end()
	})
}

// The first answer after the start may be about a value that is nearly too old
// or has long been. Its time goes by its own age, but for two minutes in which
// the phone may come.
func TestNoDataOfAValueThatWasOldAtTheStart(t *testing.T) {
	for age, want := range map[time.Duration]time.Duration{
		12 * time.Minute: 8 * time.Minute, 19 * time.Minute: 2 * time.Minute, 25 * time.Minute: 2 * time.Minute, 3 * time.Hour: 2 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.silent = func(since time.Duration) bool { return since > -age }
			w.run()
			time.Sleep(want + time.Second)
			told := w.alarms()
			require.Len(t, told, 1, "%s", age)
			require.Equal(t, "no_data", told[0].Kind)
			require.Equal(t, want, told[0].Time.Sub(w.start), "%s", age)
			w.end()
		})
	}
}
