package history_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

// The questions of docs/history.md are asked of a real file, and each finds
// something; the tables and columns it tells of are those there are.
func TestDocumentedQueries(t *testing.T) {
	text, err := os.ReadFile("../../docs/history.md")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "history.db")
	s, _, err := history.Open(path)
	require.NoError(t, err)
	midnight := time.Now().Truncate(24 * time.Hour)
	var readings []glucose.Reading
	for m := range 3 * 24 * 60 {
		readings = append(readings, glucose.Reading{Time: midnight.Add(-time.Duration(m) * time.Minute), Value: glucose.MgDL(60 + m%200)})
	}
	_, err = s.Append(ctx, john, readings)
	require.NoError(t, err)
	_, err = s.Doubt(ctx, john, midnight, []glucose.Reading{{Time: midnight.Add(3 * time.Hour), Value: 100}})
	require.NoError(t, err)
	require.NoError(t, s.LogAlarm(ctx, john.ID, alarm.Record{ID: "1", Time: midnight, Kind: alarm.Low, Answer: "seen"}))
	require.NoError(t, s.Close())

	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path)+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, queries)
	for _, q := range queries {
		requireAnswer(t, db, q[1])
	}

	// Of each table every column is told.
	told := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|[^|]*\\|(.*)\\|$").FindAllStringSubmatch(string(text), -1) {
		told[row[1]] = row[2]
	}
	tables, err := db.Query("SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.schema = 'main' AND t.name NOT LIKE 'sqlite%'")
	require.NoError(t, err)
	defer tables.Close()
	columns := 0
	for tables.Next() {
		var table, column string
		require.NoError(t, tables.Scan(&table, &column))
		require.Contains(t, told[table], "`"+column+"`", "docs/history.md does not tell of %s.%s", table, column)
		columns++
	}
	require.NoError(t, tables.Err())
	require.Greater(t, columns, 20)

	var version int
	require.NoError(t, db.QueryRow("PRAGMA user_version").Scan(&version))
	require.Contains(t, strings.Join(strings.Fields(string(text)), " "), "at present "+string(rune('0'+version))+".")
}

func requireAnswer(t *testing.T, db *sql.DB, query string) {
	rows, err := db.Query(query)
	require.NoError(t, err, query)
	defer rows.Close()
	require.True(t, rows.Next(), "nothing found by\n%s", query)
	require.NoError(t, rows.Err())
}
