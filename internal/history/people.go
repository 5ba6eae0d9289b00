package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// SavePerson notes that somebody was chosen to be followed at that time.
func (s *Store) SavePerson(ctx context.Context, p glucose.Person, followed time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		person, err := savePerson(ctx, tx, p)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE people SET followed = ? WHERE person = ?", followed.Unix(), person)
		return err
	})
}

// savePerson makes a person known, or keeps their present name, and returns
// their key. Without a change nothing is written.
func savePerson(ctx context.Context, tx *sql.Tx, p glucose.Person) (key int64, err error) {
	if err := adopt(ctx, tx, p); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO people (id, name) VALUES (?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE excluded.name NOT IN ('', name)`, p.ID, p.Name)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, "SELECT person FROM people WHERE id = ?", p.ID).Scan(&key)
	return key, err
}

// People returns everybody known, the one followed last first.
func (s *Store) People(ctx context.Context) (people []glucose.Person, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, name FROM people ORDER BY followed DESC, person")
	if err != nil {
		return nil, s.readError(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p glucose.Person
		if err := rows.Scan(&p.ID, &p.Name); err != nil {
			return nil, s.readError(err)
		}
		people = append(people, p)
	}
	return people, s.readError(rows.Err())
}

// DeletePerson removes somebody with all their readings, doubted ones too, and
// alarms, and overwrites what is removed: it is gone from the disk too.
func (s *Store) DeletePerson(ctx context.Context, personID string) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return s.writeError(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, "PRAGMA secure_delete = ON"); err != nil {
		return s.writeError(err)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return s.writeError(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	for _, table := range []string{"readings", "doubted", "alarms", "people"} {
		_, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE person = (SELECT person FROM people WHERE id = ?)", personID)
		if err != nil {
			return s.writeError(err)
		}
	}
	if err := tx.Commit(); err != nil {
		return s.writeError(err)
	}
	// The log still holds the old pages until it is emptied into the file. A
	// reader in another process may keep it from that for a moment; then the
	// next start does it.
	_, err = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return s.writeError(err)
}

// SetMeta remembers a value under a key.
func (s *Store) SetMeta(ctx context.Context, key, value string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES (?, ?)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`, key, value)
		return err
	})
}

// Meta returns the value under a key; ok is false when there is none.
func (s *Store) Meta(ctx context.Context, key string) (value string, ok bool, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return value, err == nil, s.readError(err)
}

func (s *Store) readError(err error) error { return s.explain(false, err) }

func (s *Store) writeError(err error) error { return s.explain(true, err) }

// explain tells a person what is wrong with the file and what to do.
func (s *Store) explain(writing bool, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	trouble := lang.F("the history %s cannot be read", s.path)
	if writing {
		trouble = lang.F("the history %s cannot be written", s.path)
	}
	var hint string
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		hint = lang.T("the disk is full; make room")
	case sqlite3.SQLITE_READONLY:
		hint = lang.T("the file is read-only; give yourself the right to write")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		hint = lang.T("the file is damaged; start llutray again and it is set aside")
		_ = os.WriteFile(s.path+suspectSuffix, nil, 0o600) // failing that, this error is met again
	case sqlite3.SQLITE_BUSY:
		hint = lang.T("another program holds it; close that")
	case sqlite3.SQLITE_IOERR:
		hint = lang.T("the disk does not work as it should")
	default:
		return fmt.Errorf("%s (%w)", trouble, err)
	}
	return fmt.Errorf("%s: %s (%w)", trouble, hint, err)
}
