package poll

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkFreshness puts the mean delay from publication to display beside
// that of pollers with a fixed interval. The optimum for delays even from 4 to
// 20 s at 66 requests an hour is 0.22 of the 60-second poller's.
func BenchmarkFreshness(b *testing.B) {
	const length = 48 * time.Hour
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name  string
		delay func(time.Duration) time.Duration
	}{
		{"delay=4..20s", uniform(rnd, 4, 20)},
		{"delay=4..6s", uniform(rnd, 4, 6)},
		{"delay=8s", uniform(rnd, 8, 8)},
		{"delay=drifting", func(t time.Duration) time.Duration {
			// Four seconds of scatter around a middle that goes from 6 to
			// 30 s and back in twelve hours.
			return seconds(18 - 12*math.Cos(t.Hours()*2*math.Pi/12) - 2 + 4*rnd.Float64())
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ours, minute, five time.Duration
			var requests, most int
			for n := range b.N {
				feed := makeFeed(rnd, time.Minute, length, c.delay)
				sent := run(feed, length, uint64(n))
				requests += len(sent)
				most = max(most, busiest(sent))
				ours += lateness(feed, sent, time.Hour)
				phase := time.Duration(rnd.Int64N(int64(time.Minute)))
				for phase := range time.Duration(12) {
					minute += lateness(feed, fixed(time.Minute, length, phase*5*time.Second), time.Hour) / 12
				}
				five += lateness(feed, fixed(5*time.Minute, length, phase), time.Hour)
			}
			n := float64(b.N)
			b.ReportMetric(ours.Seconds()/n, "s-late")
			b.ReportMetric(minute.Seconds()/n, "s-late-60s-poller")
			b.ReportMetric(five.Seconds()/n, "s-late-300s-poller")
			b.ReportMetric(ours.Seconds()/minute.Seconds(), "of-60s-poller")
			b.ReportMetric(float64(requests)/n/length.Hours(), "requests/h")
			b.ReportMetric(float64(most), "most/h")
			b.ReportMetric(0, "ns/op")
		})
	}
}
