package report_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"flag"
	"html"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
	"github.com/llutray/llutray/internal/report"
	"github.com/llutray/llutray/internal/stats"
)

var update = flag.Bool("update", false, "write testdata/report.html anew; print and look at it before committing")

// fortnight is a real person's: 14 days, every 15 minutes.
func fortnight(t testing.TB) report.Data {
	f, err := os.Open("../alarm/testdata/traces/hupa-libre15.csv.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	rows, err := csv.NewReader(z).ReadAll()
	require.NoError(t, err)
	d := report.Data{Unit: glucose.MmolPerL, Version: "1.2.3", Made: time.Date(2018, 6, 28, 8, 5, 0, 0, time.UTC)}
	for _, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339, row[1])
		require.NoError(t, err)
		v, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		d.Readings = append(d.Readings, glucose.Reading{Time: at, Value: glucose.MgDL(v), Origin: glucose.Imported})
	}
	d.Window = stats.Window{From: time.Date(2018, 6, 13, 17, 19, 0, 0, time.UTC), To: time.Date(2018, 6, 27, 17, 19, 0, 0, time.UTC)}
	return d
}

func write(t testing.TB, d report.Data) string {
	var b bytes.Buffer
	require.NoError(t, report.Write(&b, d))
	return b.String()
}

func TestGolden(t *testing.T) {
	got := write(t, fortnight(t))
	if *update {
		require.NoError(t, os.WriteFile("testdata/report.html", []byte(got), 0o644))
	}
	want, err := os.ReadFile("testdata/report.html")
	require.NoError(t, err)
	require.True(t, string(want) == got, "the report differs: print it, look at it, then go test -update ./internal/report")
}

// The file says all by itself, and nothing to anybody.
func TestSelfContained(t *testing.T) {
	got := write(t, fortnight(t))
	for _, not := range []string{"<script", "<link", "<img", "style=\"", "src=", "href=", "url(", "@import", "NaN", "%!"} {
		require.False(t, strings.Contains(got, not), not)
	}
	for _, address := range regexp.MustCompile(`https?://[^"]*`).FindAllString(got, -1) {
		require.Equal(t, "http://www.w3.org/2000/svg", address, "the name of a vocabulary; nobody asks there")
	}
}

// A page that serves the report allows exactly this style.
func TestStyleHash(t *testing.T) {
	m := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(write(t, fortnight(t)))
	require.Len(t, m, 2)
	sum := sha256.Sum256([]byte(m[1]))
	require.Equal(t, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", report.StyleHash())
}

func TestContents(t *testing.T) {
	got := write(t, fortnight(t))
	for _, want := range []string{
		"13 June to 27 June 2018", "28 June 2018, 08:05", "Not a medical device", "98 % of 14 days", "10.2 mmol/L", ">7.7 %<",
		"41.1 %", "Time in range", "54 %", "below 1 %", `role="img"`, "Wed 13 Jun",
	} {
		require.True(t, strings.Contains(got, want), want)
	}
	require.False(t, strings.Contains(got, `role="note"`), "nothing to warn of")
	require.Equal(t, 15, strings.Count(got, `class="day-row"`))
	for _, table := range regexp.MustCompile(`(?s)<table.*?</table>`).FindAllString(got, -1) {
		require.Contains(t, table, "<caption>")
		require.Contains(t, table, `scope="col"`)
		require.Contains(t, table, `scope="row"`)
	}
}

func TestNameOnlyIfAsked(t *testing.T) {
	d := fortnight(t)
	require.NotContains(t, write(t, d), "<strong>")
	d.Name = `Ann <b>`
	require.Contains(t, write(t, d), "<strong>Ann &lt;b&gt;</strong>")
}

func TestTooLittleDataIsSaid(t *testing.T) {
	d := fortnight(t)
	d.Window.From = d.Window.To.AddDate(0, 0, -30)
	got := write(t, d)
	require.Contains(t, got, "46 % of 30 days", "the wear of the whole period")
	d.Window.From = d.Window.To.AddDate(0, 0, -7)
	got = write(t, d)
	require.Contains(t, got, "too little data for a report")
	require.Contains(t, got, ">not shown<", "GMI")
	require.Contains(t, got, "less than the week before", "two weeks are enough to compare")
	d.Readings = d.Readings[len(d.Readings)-2:]
	got = write(t, d)
	require.Contains(t, got, "less than an hour of readings")
	require.NotContains(t, got, "In range")
	d.Readings = nil
	got = write(t, d)
	require.Contains(t, got, "There are no readings in this time.")
	require.NotContains(t, got, "<table")
}

// TestOtherLanguage: no word of English is left in the report.
func TestOtherLanguage(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	d := fortnight(t)
	d.Name = "Quentin"
	short := d
	short.Window.From = d.Window.To.AddDate(0, 0, -7)
	none := d
	none.Readings = nil
	for _, d := range []report.Data{d, short, none} {
		got := write(t, d)
		require.Contains(t, got, `<html lang="de">`, "whose numbers they are")
		got = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`).ReplaceAllString(got, " ")
		require.Empty(t, langtest.Bare(html.UnescapeString(got), d.Name))
		figures, _, _ := strings.Cut(got, langtest.Masked("An episode ends with"))
		require.NotRegexp(t, `\d\.\d`, strings.ReplaceAll(figures, "1.2.3", ""), "a point in a number")
	}
}

func BenchmarkReport(b *testing.B) {
	d := fortnight(b)
	for b.Loop() {
		if err := report.Write(discard{}, d); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
