package alarm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

// everyDecision calls f with a decision of each kind in each of its states
// that a text is made of.
func everyDecision(f func(Decision)) {
	faults := []*glucose.Fault{nil}
	for _, k := range []glucose.FaultKind{glucose.Terms, glucose.VerifyEmail, glucose.TooOld, glucose.Closed, glucose.WrongPassword, glucose.Offline, glucose.UploadDelayed} {
		faults = append(faults, &glucose.Fault{Kind: k})
	}
	sensor := func(age time.Duration) *glucose.Sensor {
		return &glucose.Sensor{Activated: noon.Add(-age), WarmUp: time.Hour, Life: 14 * day}
	}
	sensors := []*glucose.Sensor{nil, sensor(time.Minute), sensor(13 * day), sensor(15 * day), {Activated: noon.Add(-13 * day), Life: 14 * day}, {Activated: noon.Add(-15 * day), Life: 14 * day}}
	readings := []*glucose.Reading{nil, {Time: noon.Add(-26 * time.Hour), Value: 61}, {Time: noon, Value: 100, Trend: glucose.Flat}, {Time: noon, Limit: glucose.LimitHigh, Trend: glucose.RisingFast}}
	for _, k := range Kinds() {
		for _, fault := range faults {
			for _, s := range sensors {
				for _, r := range readings {
					for n := range 8 {
						d := Decision{Time: noon, Kind: k, Fault: fault, Sensor: s, Reading: r, Repeat: n % 3, Trough: 90, Above: n%2 > 0, Final: n == 3, Limit: 70}
						if n > 0 {
							d.Since, d.Raised = noon.Add(-50*time.Hour), noon.Add(-time.Hour)
						}
						if n > 3 {
							d.Escalation, d.Treated = EscalateSecond, noon.Add(-20*time.Minute)
						}
						f(d)
					}
				}
			}
		}
	}
}

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	clean := func(text string) {
		if bare := langtest.Bare(text, "Ann"); len(bare) > 0 {
			t.Fatalf("%q: %q", text, bare)
		}
	}
	everyDecision(func(d Decision) {
		for _, who := range []string{"", "Ann"} {
			for _, p := range []Privacy{Full, ContentFree} {
				title, body := Text(d, who, glucose.MmolPerL, p)
				clean(title + " " + body)
			}
		}
	})
	for _, k := range Kinds() {
		clean(k.Label())
	}
	for _, r := range []Reason{First, Worse, Repeat, Still, Cleared, Undelivered, RelayedOn, Held, Snoozed, Quiet, Covered, Rising, Falling, TooSoon, Stale, OffDuty, Expired, Future} {
		clean(r.Words())
	}
	for _, l := range []Link{LinkUnknown, LinkComputer, LinkNetwork, LinkService, LinkSignIn, LinkPhone, LinkSensor} {
		clean(l.Words())
	}
	clean(Passing{Above: true, Limit: 100}.Words(glucose.MmolPerL))
	clean(Passing{Limit: 100}.Words(glucose.MmolPerL))
	for n := range 4 {
		for answered := range n + 1 {
			s := Summary{Alarms: n, Answered: answered, Unheard: n / 2, Below: time.Minute, Above: time.Hour, Gaps: make([]Gap, n)}
			clean(s.Sentence(glucose.MmolPerL))
			s.Lowest = &glucose.Reading{Value: 70}
			s.Highest = s.Lowest
			clean(s.Sentence(glucose.MmolPerL))
		}
	}
}

// The log holds what is said in no language, and is read in all.
func TestLogIsOfNoLanguage(t *testing.T) {
	answers := []Answer{{Kind: Seen}, {Kind: Treated}, {Kind: TakeBack}, {Kind: SnoozeFor, For: 90 * time.Minute}, {Kind: SnoozeFor, For: time.Hour}, {Kind: SnoozeFor, For: 15 * time.Minute}}
	var english []string
	for _, a := range answers {
		require.Equal(t, a.Words(), Record{Answer: a.Words()}.AnswerWords())
		english = append(english, a.Words())
	}
	defer lang.Pretend(langtest.Masked)()
	for i, a := range answers {
		require.Equal(t, english[i], a.Words())
		require.Empty(t, langtest.Bare(Record{Answer: a.Words()}.AnswerWords()))
	}
	require.Equal(t, "something of old", Record{Answer: "something of old"}.AnswerWords())
}

// A kind is found by its name in the language and in English.
func TestKindsAreTyped(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	for _, k := range Kinds() {
		for _, name := range []string{string(k), k.trait().label, k.Label()} {
			got, err := ParseKind(name)
			require.NoError(t, err)
			require.Equal(t, k, got)
		}
	}
}
