package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// sameGraphPoint is the distance in seconds within which two graph points are
// one: the service moves the seconds of its history between answers, and its
// points are at least 5 minutes apart.
const sameGraphPoint = 30

// mergeMargin is how far around a window Merged looks for readings that stand
// for a moment inside it: more than glucose.Merge ever takes as near.
const mergeMargin = 15 * time.Minute

// columns of a reading, as scan takes them; with source as the file has it.
const columns = "time, origin, mgdl, trend, scale, %s AS source"

// source is the column that tells the source of a reading, or what stands for
// it in a file that was not brought up to date yet.
func (s *Store) source() string {
	if s.version < sourcesVersion {
		return "0"
	}
	return "source"
}

// sources are the numbers of the sources in the file, for ever.
var sources = []glucose.Source{glucose.LibreLinkUp, glucose.Nightscout}

// sourceOf is the source of a number, by a newer program's the first.
func sourceOf(n int64) glucose.Source {
	if n < 0 || n >= int64(len(sources)) {
		return glucose.LibreLinkUp
	}
	return sources[n]
}

// Append stores readings of a person, who need not be known before, and
// returns those that were new, as they are stored: in UTC and whole seconds.
// Either all are stored or none.
//
// A reading is known already when one of the same person, origin and second
// is stored, and a graph point also when another lies within 30 seconds; the
// stored one stays as it was shown. Whether a graph point fills a gap is not
// decided here but by Merged: the live reading may come later. What is no
// measurement is left out.
func (s *Store) Append(ctx context.Context, p glucose.Person, readings []glucose.Reading) (added []glucose.Reading, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		person, err := savePerson(ctx, tx, p)
		if err != nil {
			return err
		}
		added, err = appendTo(ctx, tx, person, readings)
		return err
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

func appendTo(ctx context.Context, tx *sql.Tx, person int64, readings []glucose.Reading) (added []glucose.Reading, err error) {
	const row = "INSERT INTO readings (person, origin, time, mgdl, trend, scale, source) "
	exact, err := tx.PrepareContext(ctx, row+"VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
	if err != nil {
		return nil, err
	}
	defer func() { _ = exact.Close() }()
	apart, err := tx.PrepareContext(ctx, row+fmt.Sprintf(`SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (
		SELECT 1 FROM readings WHERE person = ?1 AND origin = ?2 AND time BETWEEN ?3 - %d AND ?3 + %[1]d)`, sameGraphPoint))
	if err != nil {
		return nil, err
	}
	defer func() { _ = apart.Close() }()
	for _, r := range readings {
		if !r.Plausible() {
			continue
		}
		insert := exact
		if r.Origin == glucose.Graph {
			insert = apart
		}
		r = asStored(r)
		if ok, err := insertReading(ctx, insert, person, r); err != nil {
			return nil, err
		} else if ok {
			added = append(added, r)
		}
	}
	return added, nil
}

// asStored is the reading in UTC and whole seconds.
func asStored(r glucose.Reading) glucose.Reading {
	r.Time = r.Time.Truncate(time.Second).UTC()
	return r
}

func insertReading(ctx context.Context, insert *sql.Stmt, person int64, r glucose.Reading) (added bool, err error) {
	res, err := insert.ExecContext(ctx, person, int(r.Origin), r.Time.Unix(), int(r.Value), int(r.Trend), int(r.Limit), max(0, slices.Index(sources, r.Source)))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Readings returns every stored reading of a person from from (included) to
// to (excluded), of all origins, oldest first; a zero time leaves that side
// open. Nobody and nothing stored are no error. What Doubt took out is not
// among them.
func (s *Store) Readings(ctx context.Context, personID string, from, to time.Time) (out []glucose.Reading, err error) {
	err = s.runs(ctx, personID, from, to, func(run func(glucose.Origin) iter.Seq[glucose.Reading]) {
		for o := glucose.Live; o <= glucose.Imported; o++ {
			out = slices.AppendSeq(out, run(o))
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b glucose.Reading) int { return a.Time.Compare(b.Time) })
	return out, nil
}

// Merged returns one series for pictures and statistics from the same window:
// live readings, and others only where no live one is near (glucose.Merge).
// Each keeps its origin. MergedSeq needs less memory.
func (s *Store) Merged(ctx context.Context, personID string, from, to time.Time) (out []glucose.Reading, err error) {
	for r, err := range s.MergedSeq(ctx, personID, from, to) {
		if err != nil {
			return nil, err
		}
		if len(out) == foretell && !from.IsZero() && !to.IsZero() {
			// Growing step by step would take three times the memory.
			step := max(time.Minute, r.Time.Sub(out[0].Time)/foretell)
			out = slices.Grow(out, int(to.Sub(r.Time)/step)+1)
		}
		out = append(out, r)
	}
	return out, nil
}

// foretell is how many readings tell how many there will be in a window.
const foretell = 256

// Latest returns a person's newest live reading, or failing that the newest
// of another origin; ok is false when none is stored.
func (s *Store) Latest(ctx context.Context, personID string) (r glucose.Reading, ok bool, err error) {
	// One step down the primary key for each origin.
	newest := func(o glucose.Origin) string {
		return fmt.Sprintf(`SELECT * FROM (SELECT `+columns+` FROM readings
			WHERE person = (SELECT person FROM people WHERE id = ?1) AND origin = %d ORDER BY time DESC LIMIT 1)`, s.source(), o)
	}
	row := s.db.QueryRowContext(ctx, "SELECT * FROM ("+newest(glucose.Live)+" UNION ALL "+newest(glucose.Graph)+" UNION ALL "+newest(glucose.Imported)+
		") ORDER BY origin > 0, time DESC LIMIT 1", personID)
	r, err = scan(row)
	if errors.Is(err, sql.ErrNoRows) {
		return glucose.Reading{}, false, nil
	}
	if err != nil {
		return glucose.Reading{}, false, s.readError(err)
	}
	return r, true, nil
}

func scan(row interface{ Scan(...any) error }) (r glucose.Reading, err error) {
	var at, source int64
	err = row.Scan(&at, &r.Origin, &r.Value, &r.Trend, &r.Limit, &source)
	r.Time, r.Source = time.Unix(at, 0).UTC(), sourceOf(source)
	return r, err
}

// lowest and highest are a window's borders in whole seconds; a stored second
// is inside when its beginning is.
func lowest(t time.Time) int64 {
	if t.IsZero() {
		return -1 << 62
	}
	return ceil(t)
}

func highest(t time.Time) int64 {
	if t.IsZero() {
		return 1 << 62
	}
	return ceil(t)
}

func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// write runs f in a transaction.
func (s *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.writeError(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := f(tx); err != nil {
		return s.writeError(err)
	}
	return s.writeError(tx.Commit())
}
