package settings_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/settings"
)

type delivered struct {
	settings settings.Settings
	err      error
}

// watching starts a watch and returns what it delivers; the first delivery is
// taken already.
func watching(t *testing.T, path string) <-chan delivered {
	ctx, cancel := context.WithCancel(context.Background())
	out := make(chan delivered, 1000)
	done := make(chan error, 1)
	go func() {
		done <- settings.Watch(ctx, path, func(s settings.Settings, err error) { out <- delivered{s, err} })
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done, "a watch that is ended is no error")
	})
	next(t, out)
	return out
}

func next(t *testing.T, c <-chan delivered) delivered {
	select {
	case d := <-c:
		return d
	case <-time.After(20 * time.Second): // generous: the machine may be busy
		t.Fatal("no change was noticed")
	}
	return delivered{}
}

func save(t *testing.T, path, text string) {
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestWatchDeliversTheFirstStateAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var got []delivered
	require.NoError(t, settings.Watch(ctx, write(t, "unit = \"mg/dL\""), func(s settings.Settings, err error) {
		got = append(got, delivered{s, err})
		cancel()
	}))
	require.Len(t, got, 1)
	require.EqualValues(t, "mg/dL", got[0].settings.Unit)
}

// The ways in which editors save, each noticed.
func TestWatchNotices(t *testing.T) {
	tests := map[string]func(t *testing.T, path string){
		"written in place": func(t *testing.T, path string) { save(t, path, "person = \"new\"") },
		"replaced by a rename": func(t *testing.T, path string) {
			save(t, path+"~new", "person = \"new\"")
			require.NoError(t, os.Rename(path+"~new", path))
		},
		"moved to a backup and written again": func(t *testing.T, path string) {
			require.NoError(t, os.Rename(path, path+"~"))
			save(t, path, "person = \"new\"")
		},
		"set by the program": func(t *testing.T, path string) { require.NoError(t, settings.Set(path, "person", "new")) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, "person = \"old\"")
			out := watching(t, path)
			change(t, path)
			d := next(t, out)
			require.NoError(t, d.err)
			require.Equal(t, "new", d.settings.Person)
		})
	}
}

func TestWatchFileThatComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	out := watching(t, path)
	save(t, path, "person = \"a\"")
	require.Equal(t, "a", next(t, out).settings.Person)
	require.NoError(t, os.Remove(path))
	require.Equal(t, settings.Default(), next(t, out).settings)
	save(t, path, "person = \"b\"")
	require.Equal(t, "b", next(t, out).settings.Person)
}

// The folder is made after the watch began, and removed and made again.
func TestWatchFolderThatComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llutray", "settings.toml")
	out := watching(t, path)
	for _, person := range []string{"a", "b"} {
		require.NoError(t, settings.Set(path, "person", person))
		require.Equal(t, person, next(t, out).settings.Person)
		require.NoError(t, os.RemoveAll(filepath.Dir(path)))
		require.Equal(t, settings.Default(), next(t, out).settings)
	}
}

// A file that is broken is told once, and that it is whole again too, even if
// it is what it was before.
func TestWatchBrokenFile(t *testing.T) {
	path := write(t, "person = \"a\"")
	out := watching(t, path)
	save(t, path, "person = ")
	require.ErrorContains(t, next(t, out).err, "settings.toml:1")
	save(t, path, "person =") // broken in the same way
	save(t, path, "person = \"a\"")
	d := next(t, out)
	require.NoError(t, d.err)
	require.Equal(t, "a", d.settings.Person)
}

// A hundred saves in a moment are read a few times, the last one surely; a
// new comment is no change.
func TestWatchManySaves(t *testing.T) {
	path := write(t, "")
	out := watching(t, path)
	for i := range 100 {
		save(t, path, fmt.Sprintf("person = \"%d\"", i))
	}
	d := next(t, out)
	count := 1
	for d.err != nil || d.settings.Person != "99" {
		d = next(t, out)
		count++
	}
	require.Less(t, count, 50, "not one by one")
	save(t, path, "# a comment\nperson = \"99\"")
	save(t, path+".other", "a neighbour")
	save(t, path, "person = \"end\"")
	require.Equal(t, "end", next(t, out).settings.Person, "nothing was delivered between")
}

func TestWatchThroughALink(t *testing.T) {
	target := write(t, "person = \"a\"")
	link := filepath.Join(t.TempDir(), "settings.toml")
	if err := os.Symlink(target, link); err != nil {
		t.Logf("this system has no links to test: %v", err)
		return
	}
	out := watching(t, link)
	save(t, target, "person = \"b\"")
	require.Equal(t, "b", next(t, out).settings.Person)
	other := write(t, "person = \"c\"")
	require.NoError(t, os.Symlink(other, link+"~"))
	require.NoError(t, os.Rename(link+"~", link))
	require.Equal(t, "c", next(t, out).settings.Person)
	save(t, other, "person = \"d\"")
	require.Equal(t, "d", next(t, out).settings.Person, "the new target is watched")
}
