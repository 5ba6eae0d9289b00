package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// trace is one person's readings of a file, oldest first.
type trace struct {
	id       string
	readings []glucose.Reading
}

// openTraces reads our own CSV from a file, or from standard input as "-".
func openTraces(stdin io.Reader, path string) ([]trace, error) {
	if path == "-" {
		return readTraces(stdin)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	traces, err := readTraces(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return traces, nil
}

// only keeps the trace of one person, by the id in the file; "" is for all.
func only(traces []trace, who string) ([]trace, error) {
	if who == "" {
		return traces, nil
	}
	for _, t := range traces {
		if t.id == who {
			return []trace{t}, nil
		}
	}
	return nil, usage(lang.E("there is nobody with the id %q in the file", who))
}

// readTraces reads our own CSV: a header with the columns time (RFC 3339) and
// mgdl, and id where there are several people; other columns are passed over,
// but for trend and limit as `history` writes them. Rows need no order.
func readTraces(r io.Reader) ([]trace, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	head, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, lang.E("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	column := func(name string) int {
		return slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
	}
	id, at, value, trend, limit := column("id"), column("time"), column("mgdl"), column("trend"), column("limit")
	if at < 0 || value < 0 {
		return nil, lang.E("line 1: the columns time and mgdl are missing; the header is time,mgdl or id,time,mgdl")
	}
	var out []trace
	index := map[string]int{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := rows.FieldPos(0)
		reading := glucose.Reading{Origin: glucose.Live}
		if reading.Time, err = time.Parse(time.RFC3339, row[at]); err != nil {
			return nil, lang.E("line %d: %q is not a time like 2022-05-21T13:38:50Z", line, row[at])
		}
		v, err := strconv.Atoi(row[value])
		if err != nil {
			return nil, lang.E("line %d: %q is not a whole number of mg/dL", line, row[value])
		}
		reading.Value = glucose.MgDL(v)
		if trend >= 0 {
			reading.Trend = glucose.ParseTrend(row[trend])
		}
		if limit >= 0 {
			switch row[limit] {
			case "low":
				reading.Limit = glucose.LimitLow
			case "high":
				reading.Limit = glucose.LimitHigh
			}
		}
		who := ""
		if id >= 0 {
			who = row[id]
		}
		i, ok := index[who]
		if !ok {
			i = len(out)
			who = strings.Clone(who)
			index[who] = i
			out = append(out, trace{id: who})
		}
		out[i].readings = append(out[i].readings, reading)
	}
	for _, t := range out {
		slices.SortStableFunc(t.readings, func(a, b glucose.Reading) int { return a.Time.Compare(b.Time) })
	}
	return out, nil
}
