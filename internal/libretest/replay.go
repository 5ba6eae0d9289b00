package libretest

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"time"
)

// ReplayOptions says which part of a trace is now.
type ReplayOptions struct {
	ID     string    // whose rows; the first person's if empty
	Moment time.Time // of the trace; its last reading if zero
	Now    time.Time // when Moment is to happen
}

type replay []Reading

// NewReplay reads a trace in CSV, header time,mgdl or id,time,mgdl with times in
// RFC 3339, and moves it in time. There are readings only where the trace has
// some: a gap stays a gap.
func NewReplay(r io.Reader, o ReplayOptions) (Source, error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header of the trace: %w", err)
	}
	idAt, timeAt, mgdlAt := slices.Index(head, "id"), slices.Index(head, "time"), slices.Index(head, "mgdl")
	if timeAt < 0 || mgdlAt < 0 {
		return nil, errors.New("the trace has no columns time and mgdl: the first line must be time,mgdl or id,time,mgdl")
	}
	var trace replay
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the trace: %w", err)
		}
		line, _ := rows.FieldPos(0)
		if idAt >= 0 {
			if o.ID == "" {
				o.ID = row[idAt]
			}
			if row[idAt] != o.ID {
				continue
			}
		}
		t, err := time.Parse(time.RFC3339, row[timeAt])
		if err != nil {
			return nil, fmt.Errorf("line %d of the trace: %q is not a time like 2006-01-02T15:04:05Z", line, row[timeAt])
		}
		mgdl, err := strconv.Atoi(row[mgdlAt])
		if err != nil {
			return nil, fmt.Errorf("line %d of the trace: %q is not a whole number of mg/dL", line, row[mgdlAt])
		}
		trace = append(trace, Reading{Time: t, MgDL: mgdl, High: mgdl > 500, Low: mgdl < 40})
	}
	if len(trace) == 0 {
		return nil, fmt.Errorf("the trace has no readings of %q", o.ID)
	}
	slices.SortStableFunc(trace, func(a, b Reading) int { return a.Time.Compare(b.Time) })
	if o.Moment.IsZero() {
		o.Moment = trace[len(trace)-1].Time
	}
	shift := o.Now.Sub(o.Moment)
	for i := range trace {
		// The service keeps whole seconds.
		trace[i].Time = trace[i].Time.Add(shift).Truncate(time.Second).UTC()
	}
	return trace, nil
}

func (r replay) Readings(after, until time.Time) []Reading {
	from := sort.Search(len(r), func(i int) bool { return r[i].Time.After(after) })
	to := sort.Search(len(r), func(i int) bool { return r[i].Time.After(until) })
	if from >= to {
		return nil
	}
	return slices.Clone(r[from:to])
}

// Nothing is the source of a person whose readings are all pushed by a test.
var Nothing Source = replay(nil)
