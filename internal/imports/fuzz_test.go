package imports_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/imports"
)

// FuzzRead holds whatever a file is: every entry is a measurement that is not
// in the future, every rejected row has a place, and both are counted.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		libre("L,,16-10-2022 22:20,0,101,", `L,,26-10-2025 02:30,6,,,"a note"`, "L,,26-10-2025 02:00,1,,HI"),
		german + "\n" + `Libre 2,AB,24-02-2021 12:00,0,"5,6",`,
		dexcom + "\n2,2021-02-24T12:00:01,EGV,,,,G6,Low,,,,0.5,,",
		"\ufeffid;time;mgdl;limit\na;2021-02-24T12:00:00Z;40;low",
		"\xff\xfet\x00i\x00m\x00e\x00,\x00m\x00g\x00d\x00l\x00",
	} {
		f.Add([]byte(text), "")
		f.Add([]byte(text), "mdy")
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte, order string) {
		if order != "dmy" && order != "mdy" {
			order = ""
		}
		entries, rejected := 0, 0
		sum, err := imports.Read(bytes.NewReader(data), imports.Options{Zone: berlin, Dates: imports.Order(order), Now: now},
			func(e imports.Entry) error {
				entries++
				require.True(t, e.Reading.Plausible(), "%+v", e)
				require.Equal(t, glucose.Imported, e.Reading.Origin)
				require.False(t, e.Reading.Time.After(now.Add(5*time.Minute)))
				return nil
			},
			func(r imports.Rejected) {
				rejected++
				require.Positive(t, r.Line)
				require.NotEmpty(t, r.Reason)
				require.LessOrEqual(t, r.Line, bytes.Count(data, []byte("\n"))+1)
			})
		if err == nil {
			require.Equal(t, sum.Entries, entries)
			require.Equal(t, sum.Rejected, rejected)
		}
	})
}
