package history

import (
	"context"
	"database/sql"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// doubtedVersion is the step that brought a place for doubted readings.
const doubtedVersion = 4

// later is what a service has told of person ?1 for times after ?2, and
// anyLater whether there is any of the person of id ?1. The origins are listed
// so that each is one step down the primary key. What was imported is never
// taken for the present, and stays.
const (
	later    = " FROM readings WHERE person = ?1 AND origin IN (0, 1) AND time > ?2"
	anyLater = "SELECT EXISTS (SELECT 1 FROM readings WHERE person = (SELECT person FROM people WHERE id = ?1) AND origin IN (0, 1) AND time > ?2)"
)

// Doubt takes what a service told of a person after a moment out of the
// readings: clocks that have been set back since had dated it, and it would
// stand in the place of the true readings of those seconds. unstored is more
// of the kind that was shown and could not be stored before. It returns how
// many it was of.
//
// It is kept, see Doubted, but is no reading any more: nothing that reads,
// adds or imports readings meets it. Either all is moved or none, and again
// changes nothing. Where nothing is to be moved nothing is written.
func (s *Store) Doubt(ctx context.Context, p glucose.Person, after time.Time, unstored []glucose.Reading) (moved int, err error) {
	if len(unstored) == 0 {
		// Without a lock first: this is asked with each answer.
		var some bool
		err := s.db.QueryRowContext(ctx, anyLater, p.ID, after.Unix()).Scan(&some)
		if err != nil || !some {
			return 0, s.readError(err)
		}
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		person, err := savePerson(ctx, tx, p)
		if err != nil {
			return err
		}
		const row = "INSERT INTO doubted (person, origin, time, mgdl, trend, scale, source) "
		if _, err := tx.ExecContext(ctx, row+"SELECT person, origin, time, mgdl, trend, scale, source"+later+" ON CONFLICT DO NOTHING", person, after.Unix()); err != nil {
			return err
		}
		gone, err := tx.ExecContext(ctx, "DELETE"+later, person, after.Unix())
		if err != nil {
			return err
		}
		n, err := gone.RowsAffected()
		if err != nil {
			return err
		}
		insert, err := tx.PrepareContext(ctx, row+"VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }()
		moved = int(n)
		for _, r := range unstored {
			if !r.Plausible() {
				continue
			}
			if ok, err := insertReading(ctx, insert, person, asStored(r)); err != nil {
				return err
			} else if ok {
				moved++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return moved, nil
}

// Doubted returns what Doubt has taken out of a person's readings, dated from
// from (included) to to (excluded), oldest first; a zero time leaves that side
// open. Those of one second that differ are all there.
func (s *Store) Doubted(ctx context.Context, personID string, from, to time.Time) (out []glucose.Reading, err error) {
	if s.version < doubtedVersion {
		return nil, nil
	}
	rows, err := s.db.QueryContext(ctx, `SELECT time, origin, mgdl, trend, scale, source FROM people p JOIN doubted USING (person)
		WHERE p.id = ? AND time >= ? AND time < ? ORDER BY time, origin`, personID, lowest(from), highest(to))
	if err != nil {
		return nil, s.readError(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, s.readError(err)
		}
		out = append(out, r)
	}
	return out, s.readError(rows.Err())
}
