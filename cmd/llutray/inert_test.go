package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

func TestInert(t *testing.T) {
	for in, want := range map[string]string{
		"5.6 mmol/L →\n\tä 👍":       "5.6 mmol/L →\n\tä 👍",
		"\x1b]0;title\a\x1b[2Jx":    "]0;title[2Jx",
		"a\rb\x00\x7f":              "ab",
		"\u009b31mx\u202e6.5\u2066": "31mx6.5",
		"not \xff text":             "not \xff text",
		"":                          "",
	} {
		var out bytes.Buffer
		n, err := inert{&out}.Write([]byte(in))
		require.NoError(t, err)
		require.Equal(t, len(in), n)
		require.Equal(t, want, out.String())
		if in != "not \xff text" {
			require.Equal(t, want, harmless(in))
		}
	}
}

// Whatever a name in the history or an id in a file holds, a terminal sees
// text. The history may be another's, or written by an older version.
func TestHostileNamesOnTheTerminal(t *testing.T) {
	const name = "\x1b]0;owned\a\x1b[31mZo\u009b\u202ee\r\nok"
	dir := t.TempDir()
	path := filepath.Join(dir, "data", "llutray", "history.db")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	store, _, err := history.Open(path)
	require.NoError(t, err)
	now := time.Now()
	_, err = store.Append(context.Background(), glucose.Person{ID: "id\x1b[2J", Name: name},
		[]glucose.Reading{{Time: now.Add(-time.Minute), Value: 100, Trend: glucose.Flat}})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	file := filepath.Join(dir, "foreign.csv")
	require.NoError(t, os.WriteFile(file, []byte("id,time,mgdl\n\x1b[2Jme,"+now.Add(-time.Hour).UTC().Format(time.RFC3339)+",50\n\x1b[2Jme,x,y\n"), 0o600))

	for _, args := range [][]string{
		{"status"}, {"status", "--format", "json"}, {"status", "--format", "waybar"}, {"status", "--person", "nobody"},
		{"history"}, {"history", "--format", "csv"}, {"stats"}, {"stats", file}, {"replay", file}, {"replay", "--format", "csv", file},
		{"import", file}, {"settings", "get", "\x1b[2J"}, {"\x1b[2J"},
	} {
		b := commandOutput(t, dir, args...)
		require.NotEmpty(t, b, args)
		require.False(t, bytes.ContainsFunc(b, control), "%q prints %q", args, b)
	}
}
