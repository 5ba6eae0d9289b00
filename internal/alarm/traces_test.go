package alarm

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// person is one person's trace.
type person struct {
	id       string
	readings []glucose.Reading
}

// readTraces reads every *.csv.gz of a folder: columns id,time,mgdl.
func readTraces(t testing.TB, dir string) (out []person) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.csv.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, paths, "no *.csv.gz in %s", dir)
	index := map[string]int{}
	for _, path := range paths {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		rows := csv.NewReader(z)
		rows.ReuseRecord = true
		_, err = rows.Read()
		require.NoError(t, err)
		for {
			row, err := rows.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			at, err := time.Parse(time.RFC3339, row[1])
			require.NoError(t, err)
			v, err := strconv.Atoi(row[2])
			require.NoError(t, err)
			i, known := index[row[0]]
			if !known {
				i = len(out)
				index[row[0]] = i
				out = append(out, person{id: strings.Clone(row[0])})
			}
			out[i].readings = append(out[i].readings, glucose.Reading{Time: at, Value: glucose.MgDL(v)})
		}
	}
	return out
}

// lowSide are the messages on the low side, as the judge of the reference
// takes them.
func lowSideMessages(p person) (out []string) {
	for _, d := range lowSideOf(p) {
		out = append(out, fmt.Sprintf("%s,%s,%s", p.id, d.Reading.Time.Format(time.RFC3339), d.Level))
	}
	return out
}

func lowSideOf(p person) []Decision {
	return slices.DeleteFunc(Replay(DefaultConfig(), p.readings, true), func(d Decision) bool {
		return !d.Say || d.Kind.trait().side != lowSide
	})
}

// beyondTheReference are the messages in which the engine differs from the
// reference on the committed traces, and why. All that is said ahead of a low,
// and every first message of one, is the same.
var beyondTheReference = []struct {
	sign, line, why string
}{
	{"+", "az5,2024-01-25T03:09:00Z,urgent", "after 15 minutes at 54 or more an urgent low is over, though the low is not: the next one is said at once"},
	{"+", "brP13,2023-06-03T05:22:00Z,low", "a low that is rising is held back for an hour at most"},
	{"+", "brP13,2023-06-03T06:24:00Z,low", "and for another hour at most"},
	{"+", "brP13,2023-06-04T03:53:00Z,low", "as above"},
	{"+", "phc2s04,2022-11-04T12:31:25Z,urgent", "a second urgent low in the same low"},
	{"-", "phc2s04,2022-11-04T12:56:26Z,low", "the half hour to the next message runs from that one"},
	{"+", "phc2s04,2022-11-04T13:01:25Z,urgent", "a third urgent low in the same low"},
}

// The engine says what a reference program said about real days, but for the
// rules of ours that go further.
func TestAsTheReference(t *testing.T) {
	messages, err := os.ReadFile("testdata/low/reference.csv")
	require.NoError(t, err)
	want := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(messages)), "\n")[1:] {
		want[line] = true
	}
	require.Len(t, want, 64)
	for _, d := range beyondTheReference {
		require.Equal(t, d.sign == "-", want[d.line], d.line)
		want[d.line] = d.sign == "+"
	}
	got := map[string]bool{}
	for _, id := range []string{"az5", "brP13", "phc2s04"} {
		p := person{id, readTrace(t, "testdata/low/"+id+".csv")}
		for _, line := range lowSideMessages(p) {
			got[line] = true
			require.True(t, want[line], "not said by the reference: %s", line)
		}
	}
	for line, said := range want {
		require.Equal(t, said, got[line], "%s", line)
	}
}
