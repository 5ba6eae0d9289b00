package history

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Import stores readings of a file, all as imported ones, and returns those
// that were new. A reading is known already when one of any origin is stored
// for the same person and second: what the program has exported itself adds
// nothing. Either all are stored or none.
//
// A shared file is left alone afterwards for as long as that took. Who waits
// for it tries again at growing distances, and would otherwise find it taken
// for seconds, however short each import is.
func (s *Store) Import(ctx context.Context, p glucose.Person, readings []glucose.Reading) (added []glucose.Reading, err error) {
	begun := time.Now()
	err = s.write(ctx, func(tx *sql.Tx) error {
		person, err := savePerson(ctx, tx, p)
		if err != nil {
			return err
		}
		insert, err := tx.PrepareContext(ctx, `INSERT INTO readings (person, origin, time, mgdl, trend, scale)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (`+sameSecond+")")
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }()
		for _, r := range readings {
			if !r.Plausible() {
				continue
			}
			r = asStored(r)
			r.Origin = glucose.Imported
			if ok, err := insertReading(ctx, insert, person, r); err != nil {
				return err
			} else if ok {
				added = append(added, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.shared {
		select {
		case <-time.After(time.Since(begun)):
		case <-ctx.Done(): // it is stored all the same
		}
	}
	return added, nil
}

// sameSecond finds a reading of person ?1 at time ?3, of any origin; the
// origins are listed so that each is one step down the primary key.
const sameSecond = "SELECT 1 FROM readings WHERE person = ?1 AND origin IN (0, 1, 2) AND time = ?3"

// Missing returns those readings that Import would find new, apart from a
// second that occurs twice among them. It writes nothing.
func (s *Store) Missing(ctx context.Context, personID string, readings []glucose.Reading) (missing []glucose.Reading, err error) {
	find, err := s.db.PrepareContext(ctx, `SELECT EXISTS (SELECT 1 FROM readings
		WHERE person = (SELECT person FROM people WHERE id = ?) AND origin IN (0, 1, 2) AND time = ?)`)
	if err != nil {
		return nil, s.readError(err)
	}
	defer func() { _ = find.Close() }()
	for _, r := range readings {
		if !r.Plausible() {
			continue
		}
		var known bool
		if err := find.QueryRowContext(ctx, personID, asStored(r).Time.Unix()).Scan(&known); err != nil {
			return nil, s.readError(err)
		}
		if !known {
			missing = append(missing, r)
		}
	}
	return missing, nil
}

// importedID begins the id of somebody whose readings came from a file before
// the service has told of them.
const importedID = "imported:"

// NewImported is a person known by name only. Once the service tells of
// somebody of the same name, the readings are theirs.
func NewImported(name string) glucose.Person {
	return glucose.Person{ID: importedID + name, Name: name}
}

// IsImported reports whether somebody is known from a file alone.
func IsImported(p glucose.Person) bool { return strings.HasPrefix(p.ID, importedID) }

// adopt gives what was imported under a name to the person of that name whom
// the service tells of for the first time.
func adopt(ctx context.Context, tx *sql.Tx, p glucose.Person) error {
	if p.Name == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE people SET id = ?1 WHERE id = ?2 COLLATE NOCASE AND NOT EXISTS (SELECT 1 FROM people WHERE id = ?1)`,
		p.ID, NewImported(p.Name).ID)
	return err
}
