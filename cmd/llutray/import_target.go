package main

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/imports"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// target is where an import adds: the history, or in a dry run a passing file
// beside it.
type target struct {
	path      string
	store     *history.Store // nil until there is something to add to or to look at
	rehearsal *history.Store // nil unless it is a dry run
	dir       string         // of the rehearsal
	shared    bool           // with the running program
}

// newTarget opens the history, but makes none before there is something to
// add. In a dry run what the history lacks goes into a passing file, which
// tells what the import itself would give twice.
func newTarget(paths settings.Paths, dry bool) (t *target, err error) {
	t = &target{path: paths.History, shared: isRunning(paths)}
	switch t.store, err = history.OpenReadOnly(t.path); {
	case errors.Is(err, history.ErrNoHistory):
		t.store = nil
	case err != nil:
		return nil, err
	case !dry:
		if err := t.store.Close(); err != nil {
			return nil, err
		}
		if t.store, err = history.OpenToAdd(t.path, t.shared); err != nil {
			return nil, err
		}
	}
	if !dry {
		return t, nil
	}
	if t.dir, err = os.MkdirTemp("", "llutray-dry-run-"); err == nil {
		t.rehearsal, err = history.OpenToAdd(filepath.Join(t.dir, "history.db"), false)
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

func (t *target) close() (err error) {
	for _, s := range []*history.Store{t.store, t.rehearsal} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	if t.dir != "" {
		err = errors.Join(err, os.RemoveAll(t.dir))
	}
	return err
}

// add stores a batch, or finds out what storing it would add.
func (t *target) add(ctx context.Context, p glucose.Person, batch []glucose.Reading) (added []glucose.Reading, err error) {
	if t.rehearsal != nil {
		if t.store != nil {
			if batch, err = t.store.Missing(ctx, p.ID, batch); err != nil {
				return nil, err
			}
		}
		return t.rehearsal.Import(ctx, p, batch)
	}
	if t.store == nil {
		if t.store, err = history.OpenToAdd(t.path, t.shared); err != nil {
			return nil, err
		}
	}
	return t.store.Import(ctx, p, batch)
}

// isRunning reports whether llutray follows somebody at the moment.
func isRunning(paths settings.Paths) bool {
	lock := flock.New(paths.Lock)
	held, err := lock.TryLock()
	if err == nil && held {
		_ = lock.Unlock()
	}
	return err == nil && !held
}

// whose returns how to find the person of an entry.
func (t *target) whose(ctx context.Context, who string) (func(imports.Entry) (glucose.Person, error), error) {
	var people []glucose.Person
	if t.store != nil {
		var err error
		if people, err = t.store.People(ctx); err != nil {
			return nil, err
		}
	}
	var named glucose.Person
	var names []string
	for _, p := range people {
		if who != "" && (p.ID == who || strings.EqualFold(p.Name, who)) {
			named = p
		}
		names = append(names, p.Name)
	}
	known := strings.Join(names, ", ")
	switch {
	case who != "" && named.ID == "" && len(people) > 0:
		return nil, usage(lang.E("nobody called %q is known; there is: %s", who, known))
	case who != "" && named.ID == "":
		named = history.NewImported(who)
	case who == "" && len(people) == 1:
		named = people[0]
	}
	var first *string // person of the file that --person stands for
	return func(e imports.Entry) (glucose.Person, error) {
		switch {
		case who != "" && first == nil:
			first = &e.Person
		case who != "" && *first != e.Person:
			return glucose.Person{}, usage(lang.E("the file holds several people: leave --person out, and each gets their own"))
		}
		if who != "" || e.Person == "" && named.ID != "" {
			return named, nil
		}
		for _, p := range people {
			if e.Person == p.ID {
				return p, nil
			}
		}
		if e.Person != "" {
			return glucose.Person{ID: strings.Clone(e.Person), Name: strings.Clone(e.Person)}, nil
		}
		if len(people) == 0 {
			return glucose.Person{}, usage(lang.E("whose readings are these? Nobody is followed yet. Say --person NAME, with the name as LibreLinkUp shows it, or sign in first with llutray login"))
		}
		return glucose.Person{}, usage(lang.E("whose readings are these? Say --person NAME; there is: %s", known))
	}, nil
}

// batchSize is how many readings are stored at once: few enough that the
// running program waits for a moment only.
const batchSize = 2000

// batches gathers entries by person and stores them.
type batches struct {
	ctx     context.Context
	target  *target
	whose   func(imports.Entry) (glucose.Person, error)
	waiting map[string][]glucose.Reading
	people  map[string]glucose.Person // by the file's name for them
	tallies map[string]*tally
	held    int // readings waiting
	read    int
}

// tally is what an import gave to one person.
type tally struct {
	name        string
	read, added int
	first, last time.Time // of what was added
}

func newBatches(ctx context.Context, t *target, whose func(imports.Entry) (glucose.Person, error)) *batches {
	return &batches{
		ctx: ctx, target: t, whose: whose,
		waiting: map[string][]glucose.Reading{}, people: map[string]glucose.Person{}, tallies: map[string]*tally{},
	}
}

// add takes in an entry; flushed says that a batch was stored.
func (b *batches) add(e imports.Entry) (flushed bool, err error) {
	p, err := b.whose(e)
	if err != nil {
		return false, err
	}
	b.people[p.ID] = p
	b.waiting[p.ID] = append(b.waiting[p.ID], e.Reading)
	b.read++
	if b.held++; b.held < batchSize {
		return false, nil
	}
	return true, b.flush()
}

func (b *batches) flush() error {
	for _, id := range slices.Sorted(maps.Keys(b.waiting)) {
		readings := b.waiting[id]
		added, err := b.target.add(b.ctx, b.people[id], readings)
		if err != nil {
			return err
		}
		t := b.tallies[id]
		if t == nil {
			t = &tally{name: cmp.Or(b.people[id].Name, id)}
			b.tallies[id] = t
		}
		t.read += len(readings)
		t.added += len(added)
		for _, r := range added {
			if t.first.IsZero() || r.Time.Before(t.first) {
				t.first = r.Time
			}
			if r.Time.After(t.last) {
				t.last = r.Time
			}
		}
		b.waiting[id] = readings[:0]
	}
	b.held = 0
	return b.ctx.Err()
}
