package main

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/settings"
)

// The real program prints a line when the store changes, and none when it does
// not.
func TestStatusFollows(t *testing.T) {
	dir := t.TempDir()
	for k, v := range isolated(dir) {
		t.Setenv(k, v)
	}
	paths := settings.DefaultPaths()
	require.NoError(t, paths.Make())
	store, _, err := history.Open(paths.History)
	require.NoError(t, err)
	defer store.Close()
	who := glucose.Person{ID: "a", Name: "Anna"}
	add := func(v glucose.MgDL, ago time.Duration) {
		_, err := store.Append(t.Context(), who, []glucose.Reading{{Time: time.Now().Add(-ago), Value: v, Trend: glucose.Flat}})
		require.NoError(t, err)
	}
	add(104, 3*time.Minute)
	require.NoError(t, store.SavePerson(t.Context(), who, time.Now()))

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "status", "--format", "polybar", "--follow")
	cmd.Dir = filepath.Dir(paths.History)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "}5.8 →%{F-}")
	require.NoError(t, store.SetMeta(t.Context(), "other", "x")) // written, and nothing to say
	add(126, time.Minute)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "}7.0 →%{F-}")
	require.NoError(t, interrupt(cmd))
}

// What comes from outside must not become a command of the bar.
func TestBarsEscape(t *testing.T) {
	set := settings.Default()
	now := time.Now()
	st := app.NewStatus(glucose.Person{ID: "a", Name: "An|na <b>%{F#f00} #[fg=red]"},
		[]glucose.Reading{{Time: now, Value: 104, Trend: glucose.Flat}}, set.Unit, set.Ranges(),
		&glucose.Fault{Kind: glucose.Offline, Message: "a | color=red", Hint: "b"}, now)
	text, err := statusText("xbar", st, set)
	require.NoError(t, err)
	require.Regexp(t, `^5\.8 → \| color=#[0-9a-fA-F]{6}\n---\nAn¦na <b>.*\na ¦ color=red b\nMeasured at [0-9:]{5}$`, text)
	for _, format := range []string{"polybar", "tmux", "plain", "i3blocks"} {
		text, err := statusText(format, st, set)
		require.NoError(t, err)
		require.NotContains(t, text, "na <b>", "%s shows no name", format)
	}
	for _, format := range statusFormats {
		text, err := statusText(format, app.NewStatus(glucose.Person{}, nil, set.Unit, set.Ranges(), nil, now), set)
		require.NoError(t, err)
		require.NotEmpty(t, text, format)
	}
}
