package history

import (
	"context"
	"database/sql"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

// LogAlarm keeps an alarm of a person, "" when nobody is followed yet. The
// same alarm again, by its ID and time, updates its delivery and answer.
func (s *Store) LogAlarm(ctx context.Context, personID string, r alarm.Record) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		var person int64
		if personID != "" {
			var err error
			if person, err = savePerson(ctx, tx, glucose.Person{ID: personID}); err != nil {
				return err
			}
		}
		answered := sql.NullInt64{Int64: r.AnsweredAt.Unix(), Valid: !r.AnsweredAt.IsZero()}
		_, err := tx.ExecContext(ctx, `INSERT INTO alarms
			(person, time, id, kind, level, reason, mgdl, scale, delivery, answer, answered)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (person, id, time) WHERE id <> '' DO UPDATE SET
			delivery = excluded.delivery, answer = excluded.answer, answered = excluded.answered`,
			person, r.Time.Unix(), r.ID, string(r.Kind), string(r.Level), string(r.Reason),
			int(r.Value), int(r.Limit), r.Delivery, r.Answer, answered)
		return err
	})
}

// Alarms returns a person's alarms from from (included) to to (excluded),
// oldest first; a zero time leaves that side open.
func (s *Store) Alarms(ctx context.Context, personID string, from, to time.Time) (out []alarm.Record, err error) {
	if s.version < alarmsVersion {
		return nil, nil // read-only, and not yet brought up to date
	}
	rows, err := s.db.QueryContext(ctx, `SELECT time, id, kind, level, reason, mgdl, scale, delivery, answer, answered
		FROM alarms WHERE person = CASE ?1 WHEN '' THEN 0 ELSE (SELECT person FROM people WHERE id = ?1) END
		AND time >= ?2 AND time < ?3 ORDER BY time, alarm`, personID, lowest(from), highest(to))
	if err != nil {
		return nil, s.readError(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r alarm.Record
		var at int64
		var answered sql.NullInt64
		err := rows.Scan(&at, &r.ID, &r.Kind, &r.Level, &r.Reason, &r.Value, &r.Limit, &r.Delivery, &r.Answer, &answered)
		if err != nil {
			return nil, s.readError(err)
		}
		r.Time = time.Unix(at, 0).UTC()
		if answered.Valid {
			r.AnsweredAt = time.Unix(answered.Int64, 0).UTC()
		}
		out = append(out, r)
	}
	return out, s.readError(rows.Err())
}
