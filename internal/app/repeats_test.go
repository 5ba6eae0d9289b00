package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// full is a store on a disk without room.
type full struct{ *memory }

func (full) Append(context.Context, glucose.Person, []glucose.Reading) ([]glucose.Reading, error) {
	return nil, errors.New("the disk is full (attempt 17)")
}

type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }

func (l *logged) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(l.b.String()), "\n")
}

// A day in which the network is away for hours, the disk is full all day and
// no message can be shown is told in a page, not in thousands of lines.
func TestLogTellsAStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		w := newWorld(t)
		w.opt.Log = NewLogger(&log, slog.LevelInfo)
		w.opt.Store = full{w.store}
		w.curve = func(time.Duration) glucose.MgDL { return 62 }
		w.desk.FailAll(errors.New("nobody takes messages"))
		w.fault = func(since time.Duration) *glucose.Fault {
			if within(2*time.Hour, 9*time.Hour)(since) {
				return &glucose.Fault{Kind: glucose.Offline, Err: errors.New("connections: connecting: network is unreachable")}
			}
			return nil
		}
		w.run()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		w.end()

		lines := log.lines()
		require.Less(t, len(lines), 200, strings.Join(lines, "\n"))
		count := func(part string) (n int) {
			for _, l := range lines {
				if strings.Contains(l, part) {
					n++
				}
			}
			return n
		}
		require.Equal(t, 1, count("request failed"))
		require.Equal(t, 1, count("network is unreachable"), "with its cause")
		require.Equal(t, 1, count("request answered graph=false")+count("failed_before="), "and one when it works again")
		require.GreaterOrEqual(t, count("could not be stored"), 15)
		require.LessOrEqual(t, count("could not be stored"), 26, "once an hour")
		require.GreaterOrEqual(t, count("repeated=5"), 10, "with how often")
	})
}

func TestRepeats(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelInfo).With("part", "x")
	now := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	say := func(level slog.Level, after time.Duration, message string, attrs ...any) {
		r := slog.NewRecord(now.Add(after), level, message, 0)
		r.Add(attrs...)
		require.NoError(t, log.Handler().Handle(t.Context(), r))
	}
	say(slog.LevelError, 0, "full", "err", errors.New("at 10.0.0.1:5000"))
	say(slog.LevelError, time.Minute, "full", "err", errors.New("at 10.0.0.1:5001"))
	say(slog.LevelError, 2*time.Minute, "full", "err", errors.New("of another kind"))
	say(slog.LevelError, time.Hour, "full", "err", errors.New("at 10.0.0.1:5002"))
	say(slog.LevelError, -24*time.Hour, "full", "err", errors.New("at 10.0.0.1:5003"))
	say(slog.LevelInfo, 0, "raised")
	say(slog.LevelInfo, 0, "raised")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 6, out.String())
	require.Contains(t, lines[2], "repeated=1")
	require.Contains(t, lines[5], "part=x")
	for i := range 2 * mostLines {
		say(slog.LevelError, 0, strings.Repeat("x", i))
	}
}
