package history

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// MergedSeq yields what Merged returns, without ever holding more than a few
// readings: years of them take no more memory than a day. An error ends it;
// the reading beside it is empty.
func (s *Store) MergedSeq(ctx context.Context, personID string, from, to time.Time) iter.Seq2[glucose.Reading, error] {
	return func(yield func(glucose.Reading, error) bool) {
		wideFrom, wideTo := from, to
		if !from.IsZero() {
			wideFrom = from.Add(-mergeMargin)
		}
		if !to.IsZero() {
			wideTo = to.Add(mergeMargin)
		}
		stopped := false
		err := s.runs(ctx, personID, wideFrom, wideTo, func(run func(glucose.Origin) iter.Seq[glucose.Reading]) {
			merged := glucose.Layer(glucose.Layer(run(glucose.Live), run(glucose.Graph)), run(glucose.Imported))
			for r := range merged {
				if r.Time.Before(from) {
					continue
				}
				if !to.IsZero() && !r.Time.Before(to) {
					return
				}
				if stopped = !yield(r, nil); stopped {
					return
				}
			}
		})
		if err != nil && !stopped {
			yield(glucose.Reading{}, err)
		}
	}
}

// runs hands use a way to read one origin after the other or all at once,
// each oldest first, on one connection: of one state of the file.
//
// It goes past database/sql, whose conversion of each column of each row
// takes three times as long as SQLite does to find them.
func (s *Store) runs(ctx context.Context, personID string, from, to time.Time, use func(run func(glucose.Origin) iter.Seq[glucose.Reading])) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return s.readError(err)
	}
	defer func() { _ = conn.Close() }()
	person, err := personKey(ctx, conn, personID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // nobody: nothing is stored of them
	}
	if err != nil {
		return s.readError(err)
	}
	var failed error
	err = conn.Raw(func(driverConn any) error {
		q := driverConn.(driver.QueryerContext) // a fact about the driver we import
		use(func(o glucose.Origin) iter.Seq[glucose.Reading] {
			return func(yield func(glucose.Reading) bool) {
				if err := s.readRun(ctx, q, person, o, lowest(from), highest(to), yield); err != nil {
					failed = errors.Join(failed, err)
				}
			}
		})
		return nil
	})
	return s.readError(errors.Join(err, failed))
}

func personKey(ctx context.Context, conn *sql.Conn, id string) (key int64, err error) {
	err = conn.QueryRowContext(ctx, "SELECT person FROM people WHERE id = ?", id).Scan(&key)
	return key, err
}

// runQuery is a range of the primary key. Source, trend and scale travel with
// the time, in its lowest bits: every column of a row costs a conversion and a
// small piece of memory.
const runQuery = `SELECT time * 512 + %s * 64 + trend * 8 + scale, mgdl FROM readings
	WHERE person = ? AND origin = ? AND time >= ? AND time < ? ORDER BY time`

func (s *Store) readRun(ctx context.Context, q driver.QueryerContext, person int64, o glucose.Origin, from, to int64, yield func(glucose.Reading) bool) (err error) {
	rows, err := q.QueryContext(ctx, fmt.Sprintf(runQuery, s.source()), []driver.NamedValue{
		{Ordinal: 1, Value: person}, {Ordinal: 2, Value: int64(o)}, {Ordinal: 3, Value: from}, {Ordinal: 4, Value: to},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, 2)
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		packed, value := row[0].(int64), row[1].(int64) // the table is STRICT
		r := glucose.Reading{
			Time: time.Unix(packed>>9, 0).UTC(), Value: glucose.MgDL(value),
			Trend: glucose.Trend(packed >> 3 & 7), Limit: glucose.Limit(packed & 7), Origin: o, Source: sourceOf(packed >> 6 & 7),
		}
		if !yield(r) {
			return nil
		}
	}
}
