package libretest

import (
	"math"
	"time"
)

// scene is the story the demo tells, in minutes after its start and mg/dL: a
// fall that begins at once, a low, an urgent low, the recovery with too much
// sugar, a high. At sixty times the speed it is over in five minutes.
var scene = []point{
	{-60, 158}, {-12, 149}, {0, 132}, {10, 116}, {30, 95}, {46, 77}, {54, 66}, {63, 54}, {68, 50}, {75, 49.5}, {81, 54},
	{94, 72}, {112, 100}, {135, 128}, {165, 172}, {190, 212}, {210, 224}, {235, 214}, {280, 172}, {330, 138}, {400, 122},
}

const (
	sceneIn   = time.Hour // before the start: from the ordinary day into the scene
	sceneOut  = 5 * time.Hour
	sceneLast = 380 * time.Minute
)

// NewDemo returns a curve made to be looked at, around the instant start. The day
// before has a night in range, a rise after breakfast and a high after lunch. The
// value moves in the first minute, is below 70 about 52 minutes in, below 54 for
// a quarter of an hour around minute 72, back in range after 95, and above 200
// around minute 200. From then on the days are those of NewSimulator.
func NewDemo(start time.Time, seed uint64, zone *time.Location) Glucose {
	b := newBody(seed, zone)
	ordinary := b.plan
	first := start.Add(-60 * time.Hour)
	b.plan = func(midnight time.Time) day {
		if midnight.Before(first) || midnight.After(start) {
			return ordinary(midnight)
		}
		return showDay(midnight)
	}
	return func(t time.Time) float64 {
		since := t.Sub(start)
		rest := *b
		// Calmer around the start, so that the day before is the one described.
		rest.calm = 0.3 + 0.7*ease(math.Abs((since-sceneOut).Hours())/60-0.5)
		if since <= -sceneIn || since >= sceneLast {
			return rest.at(t)
		}
		// The scene keeps only the sensor's flutter: the story must not depend
		// on the seed.
		told := through(scene, since.Minutes()) + 0.5*b.flutter(t)
		share := ease(1+since.Minutes()/sceneIn.Minutes()) *
			(1 - ease((since-sceneOut).Minutes()/(sceneLast-sceneOut).Minutes()))
		return share*told + (1-share)*rest.at(t)
	}
}

// showDay is the day before the demo: everything a day can have but a low, which
// the scene brings.
func showDay(midnight time.Time) day {
	return day{
		dawn: clockTime(midnight, 390),
		meals: []meal{
			{clockTime(midnight, 450), 62, 65 * time.Minute, 18},
			{clockTime(midnight, 765), 126, 84 * time.Minute, 10},
			{clockTime(midnight, 1145), 56, 75 * time.Minute, 20},
		},
	}
}

type point struct{ x, y float64 }

// through is a smooth curve through the points that keeps each stretch between
// its two ends (Fritsch and Carlson 1980): a low drawn to 50 must not swing
// below. Points are in order of x.
func through(points []point, x float64) float64 {
	i := 1
	for i < len(points)-1 && x > points[i].x {
		i++
	}
	a, b := points[i-1], points[i]
	width := b.x - a.x
	u := min(max((x-a.x)/width, 0), 1)
	u2, u3 := u*u, u*u*u
	return (2*u3-3*u2+1)*a.y + (u3-2*u2+u)*width*tangent(points, i-1) +
		(3*u2-2*u3)*b.y + (u3-u2)*width*tangent(points, i)
}

// tangent is the slope at points[i]: the harmonic mean of its neighbours', or
// zero where they turn.
func tangent(points []point, i int) float64 {
	slope := func(i int) float64 { return (points[i+1].y - points[i].y) / (points[i+1].x - points[i].x) }
	if i == 0 {
		return slope(0)
	}
	if i == len(points)-1 {
		return slope(i - 1)
	}
	before, after := slope(i-1), slope(i)
	if before*after <= 0 {
		return 0
	}
	return 2 * before * after / (before + after)
}
