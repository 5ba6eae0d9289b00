//go:build linux

package costtest

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

// hours is how long the program follows, and speed how many times faster than
// life. LLUTRAY_COST_HOURS asks for more.
const speed = 120

func hours() float64 {
	if h, err := strconv.ParseFloat(os.Getenv("LLUTRAY_COST_HOURS"), 64); err == nil && h > 0 {
		return h
	}
	return 1
}

// past gives a program a history of so many days, one reading a minute.
func past(b testing.TB, dir string, days int, now time.Time) {
	path := filepath.Join(dir, "data_home", "llutray", "history.db")
	must(b, os.MkdirAll(filepath.Dir(path), 0o700))
	store, _, err := history.Open(path)
	must(b, err)
	defer func() { must(b, store.Close()) }()
	readings := make([]glucose.Reading, 0, days*24*60)
	for at := now.AddDate(0, 0, -days); at.Before(now.Add(-time.Minute)); at = at.Add(time.Minute) {
		value := 120 + 50*math.Sin(at.Sub(now).Hours())
		readings = append(readings, glucose.Reading{Time: at.UTC().Truncate(time.Second), Value: glucose.MgDL(value), Trend: glucose.Flat})
	}
	_, err = store.Append(context.Background(), glucose.Person{ID: personID, Name: "Robin Example"}, readings)
	must(b, err)
}

// BenchmarkHour runs an hour's worth of updates through the real program on a
// real bus, without a past and with long ones, side by side with the floor:
// once standing still, and once with as many new icons.
func BenchmarkHour(b *testing.B) {
	bin := build(b)
	type contestant struct {
		name    string
		days    int // of history; -1 for the floor
		prog    *program
		service *service
		before  usage
		sent    int
		asked   [3]int64
		updates int
	}
	all := []*contestant{{name: "floor, still", days: -1}, {name: "floor, same pace", days: -1}, {name: "llutray"}, {name: "llutray, 90 days", days: 90}, {name: "llutray, 5 years", days: 5 * 365}}
	for b.Loop() {
		span := time.Duration(hours() * float64(time.Hour))
		dirs := map[string]string{}
		for _, c := range all {
			dirs[c.name] = b.TempDir()
			if c.days > 0 {
				past(b, dirs[c.name], c.days, time.Now())
			}
		}
		start := time.Now()
		clock := app.FastClockSince(start, speed)
		for _, c := range all {
			d := newDesk(b)
			switch {
			case c.days < 0 && c.name == "floor, still":
				c.prog = d.run(dirs[c.name], nil, bin.floor)
			case c.days < 0:
				c.prog = d.run(dirs[c.name], nil, bin.floor, "-every", (time.Minute / speed).String())
			default:
				c.service = newService(b, clock.Now)
				c.prog = d.run(dirs[c.name], c.service.env(), bin.fast, "fast", "--speed", strconv.Itoa(speed), "--start", strconv.FormatInt(start.UnixNano(), 10))
				d.awaitTitle("/", 20*time.Second)
			}
		}
		time.Sleep(4 * time.Second) // what a start does more than once is over
		for _, c := range all {
			c.before, c.sent = c.prog.usage(), c.prog.bytesOf(c.prog.cmd.Process.Pid)
			if s := c.service; s != nil {
				c.asked = [3]int64{s.requests.Load(), s.in.Load(), s.out.Load()}
			}
			c.prog.mu.Lock()
			c.updates = len(c.prog.titles)
			c.prog.mu.Unlock()
		}
		time.Sleep(span / speed)
		fmt.Printf("\n%-18s %9s %9s %7s %9s %9s %7s %9s %9s\n", fmt.Sprintf("%.3g h at %dx", hours(), speed), "resident", "anonymous", "floors", "CPU s/h", "wakes/h", "threads", "bus B/min", "texts")
		var floor usage
		for _, c := range all {
			u := c.prog.usage()
			if c.name == "floor, same pace" {
				floor = u
			}
			ratio := "-"
			if floor.resident > 0 {
				ratio = fmt.Sprintf("%.2f", float64(u.resident)/float64(floor.resident))
			}
			c.prog.mu.Lock()
			titles := len(c.prog.titles) - c.updates
			c.prog.mu.Unlock()
			fmt.Printf("%-18s %6.1f MB %6.1f MB %7s %9.2f %9.0f %7d %9.0f %9d\n", c.name, mb(u.resident), mb(u.anonymous), ratio,
				(u.cpu-c.before.cpu).Seconds()/hours(), float64(u.wakeups-c.before.wakeups)/hours(), u.threads,
				float64(c.prog.bytesOf(c.prog.cmd.Process.Pid)-c.sent)/hours()/60, titles)
			if s := c.service; s != nil && c.days == 90 {
				b.ReportMetric(float64(s.requests.Load()-c.asked[0])/hours(), "requests/h")
				b.ReportMetric(float64(s.in.Load()-c.asked[1])/hours()/1000, "kB-sent/h")
				b.ReportMetric(float64(s.out.Load()-c.asked[2])/hours()/1000, "kB-got/h")
				b.ReportMetric(c.prog.after(s).Seconds()*1000, "ms-answer-to-tray")
				b.ReportMetric(float64(u.resident)/float64(floor.resident), "x-floor")
				b.ReportMetric((u.cpu-c.before.cpu).Seconds()/hours(), "cpu-s/h")
			}
		}
		for _, c := range all {
			c.prog.end()
		}
	}
	b.ReportMetric(0, "ns/op")
}

// after is how long after an answer of the service the tray says something new,
// as a rule: the median of those answers that had something new in them.
func (p *program) after(s *service) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []time.Duration
	for _, at := range s.answers {
		i, _ := slices.BinarySearchFunc(p.tooltips, at, time.Time.Compare)
		if i < len(p.tooltips) && p.tooltips[i].Sub(at) < 200*time.Millisecond {
			all = append(all, p.tooltips[i].Sub(at))
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func mb(n int64) float64 { return float64(n) / 1e6 }

// BenchmarkStart is from the start of the process as it is shipped, with a
// stored sign-in, to the icon and to the first values in the tray, beside the
// floor's icon. It takes the median of its rounds.
func BenchmarkStart(b *testing.B) {
	bin := build(b)
	took := map[string][]time.Duration{}
	note := func(what string, d time.Duration) { took[what] = append(took[what], d) }
	for b.Loop() {
		d := newDesk(b)
		p := d.run(b.TempDir(), nil, bin.floor)
		note("floor-icon", d.registeredAt(10*time.Second).Sub(p.started))
		p.end()

		service := newService(b, time.Now)
		dir := b.TempDir()
		login(b, bin, dir, service)
		for _, round := range []string{"fresh", "stored"} {
			if round == "stored" {
				past(b, dir, 90, time.Now())
			}
			service.ResetRequests()
			service.first.Store(0)
			d := newDesk(b)
			p := d.run(dir, service.env()[:1], bin.shipped)
			note(round+"-icon", d.registeredAt(10*time.Second).Sub(p.started))
			_, at := d.awaitTitle("/", 20*time.Second)
			note(round+"-value", at.Sub(p.started))
			if round == "fresh" {
				asked := service.Requests()
				if asked[0].Time.After(at) || len(asked) > 1 && asked[1].Time.Before(at) {
					b.Fatalf("not one request before the first value: %v, value at %v", asked, at)
				}
				note("answer-to-tray", at.Sub(time.Unix(0, service.first.Load())))
				if service.SignIns() != 0 {
					b.Fatal("the password was sent")
				}
			}
			p.end()
		}
	}
	for what, all := range took {
		slices.Sort(all)
		b.ReportMetric(all[len(all)/2].Seconds()*1000, "ms-"+what)
	}
	b.ReportMetric(0, "ns/op")
	for what, path := range map[string]string{"MB-binary": bin.shipped, "MB-floor": bin.floor} {
		info, err := os.Stat(path)
		must(b, err)
		b.ReportMetric(mb(info.Size()), what)
	}
}

// login stores a sign-in, so that a start needs no password.
func login(b testing.TB, bin binaries, dir string, s *service) {
	cmd := exec.Command(bin.shipped, "login", "--email", email, "--password-stdin", "--file")
	cmd.Env = append(environment(dir, ""), s.env()[0])
	r, w, err := os.Pipe()
	must(b, err)
	cmd.Stdin = r
	_, err = w.WriteString(password + "\n")
	must(b, err)
	must(b, w.Close())
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, text)
	}
	_ = r.Close()
}
