package history_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
)

func TestImport(t *testing.T) {
	s := open(t)
	_, err := s.Append(ctx, john, []glucose.Reading{at(0, 100, glucose.Live), at(5*time.Minute, 101, glucose.Graph)})
	require.NoError(t, err)
	file := []glucose.Reading{
		at(0, 100, glucose.Live), at(5*time.Minute, 101, glucose.Imported), // known as live, and as the service's own
		at(-time.Hour, 90, glucose.Live), at(-time.Hour+300*time.Millisecond, 91, glucose.Live), // one second
		at(-2*time.Hour, 0, glucose.Live),
	}
	missing, err := s.Missing(ctx, john.ID, file)
	require.NoError(t, err)
	require.Equal(t, file[2:4], missing)
	added, err := s.Import(ctx, john, file)
	require.NoError(t, err)
	require.Equal(t, []glucose.Reading{at(-time.Hour, 90, glucose.Imported)}, added)

	again, err := s.Import(ctx, john, file)
	require.NoError(t, err)
	require.Empty(t, again)
	missing, err = s.Missing(ctx, john.ID, file)
	require.NoError(t, err)
	require.Empty(t, missing)
	missing, err = s.Missing(ctx, mary.ID, file)
	require.NoError(t, err)
	require.Len(t, missing, 4, "of somebody else nothing is known")
}

// Readings imported before the first sign-in are those of the person of that
// name whom the service then tells of; never of one who has readings already.
func TestImportedBecomesThePerson(t *testing.T) {
	s := open(t)
	_, err := s.Import(ctx, history.NewImported(strings.ToLower(john.Name)), []glucose.Reading{at(0, 100, glucose.Imported)})
	require.NoError(t, err)
	require.NoError(t, s.SavePerson(ctx, mary, noon))
	require.NoError(t, s.SavePerson(ctx, john, noon))
	people, err := s.People(ctx)
	require.NoError(t, err)
	require.Equal(t, []glucose.Person{john, mary}, people)
	got, err := s.Readings(ctx, john.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Len(t, got, 1)

	_, err = s.Import(ctx, history.NewImported(mary.Name), []glucose.Reading{at(0, 100, glucose.Imported)})
	require.NoError(t, err)
	require.NoError(t, s.SavePerson(ctx, mary, noon))
	got, err = s.Readings(ctx, mary.ID, time.Time{}, time.Time{})
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestMergedSeq(t *testing.T) {
	s := open(t)
	var all []glucose.Reading
	for m := range 5000 {
		all = append(all, at(time.Duration(m)*time.Minute, glucose.MgDL(60+m%200), glucose.Live))
	}
	_, err := s.Append(ctx, john, all)
	require.NoError(t, err)

	var got []glucose.Reading
	for r, err := range s.MergedSeq(ctx, john.ID, time.Time{}, time.Time{}) {
		require.NoError(t, err)
		if got = append(got, r); len(got) == 3 {
			// The store goes on working beside it, also for writing.
			_, err := s.Append(ctx, john, []glucose.Reading{at(-time.Minute, 100, glucose.Live)})
			require.NoError(t, err)
			break
		}
	}
	require.Equal(t, all[:3], got)

	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	n := 0
	var last error
	for _, err := range s.MergedSeq(cancelled, john.ID, time.Time{}, time.Time{}) {
		n++
		last = err
		cancel()
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Less(t, n, len(all))
}

// An import beside the running program touches nothing of a damaged file and
// never moves it away from under the program.
func TestOpenToAddSetsNothingAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	require.NoError(t, os.WriteFile(path, []byte("no database, by all means, but longer than a header of SQLite's is: a hundred bytes, it seems, or more"), 0o600))
	_, err := history.OpenToAdd(path, true)
	require.ErrorContains(t, err, "it is damaged: start llutray")
	aside, err := filepath.Glob(path + ".broken-*")
	require.NoError(t, err)
	require.Empty(t, aside)

	path = filepath.Join(t.TempDir(), "new", "history.db")
	s, err := history.OpenToAdd(path, true)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	requireMode(t, path, 0o600)
}

// While an import runs, the running program gets its readings stored.
func TestImportBesideTheRunningProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	program, _, err := history.Open(path)
	require.NoError(t, err)
	defer program.Close()
	s, err := history.OpenToAdd(path, true)
	require.NoError(t, err)
	defer s.Close()
	const batches, size = 16, 1500

	begun := make(chan int)
	var stored int
	var wg sync.WaitGroup
	wg.Go(func() {
		for minute := range begun {
			if _, err := program.Append(ctx, john, []glucose.Reading{at(time.Duration(minute)*time.Minute, 100, glucose.Live)}); err != nil {
				t.Errorf("the program could not store: %v", err)
			}
			stored++
		}
	})
	for b := range batches {
		select {
		case begun <- b:
		default: // it still waits for the file
		}
		var batch []glucose.Reading
		for i := range size {
			batch = append(batch, at(-time.Duration(b*size+i+1)*time.Minute, 100, glucose.Imported))
		}
		added, err := s.Import(ctx, john, batch)
		require.NoError(t, err)
		require.Len(t, added, size)
	}
	close(begun)
	wg.Wait()
	require.Greater(t, stored, batches/4, "it waits for a batch or two, and not for the import")
	got, err := s.Readings(ctx, john.ID, time.Time{}, noon)
	require.NoError(t, err)
	require.Len(t, got, batches*size)
}
