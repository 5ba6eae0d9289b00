package history

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/llutray/llutray/internal/lang"
)

// The schema is a list of steps: step n brings a file of version n-1 to
// version n, and a new file takes them all. A step that was released is never
// edited.
//
//go:embed schema/*.sql
var schemaFiles embed.FS

// steps are the texts of the schema's steps, in order.
var steps = func() (all []string) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql") // sorted
	if err != nil {
		panic(err) // a bad pattern
	}
	for _, name := range names {
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			panic(err) // listed, hence there
		}
		all = append(all, string(text))
	}
	return all
}()

// alarmsVersion is the step that brought the alarm log.
const alarmsVersion = 2

// sourcesVersion is the step that brought where a reading came from.
const sourcesVersion = 3

// applicationID marks our files among all of SQLite's: "llut" in ASCII.
const applicationID = 0x6c6c7574

// fileVersion reads how far a file's schema is, and refuses files that are
// not for us to touch.
func fileVersion(ctx context.Context, q querier) (int, error) {
	var id, version, tables int
	for _, read := range []struct {
		query string
		into  *int
	}{
		{"PRAGMA application_id", &id},
		{"PRAGMA user_version", &version},
		{"SELECT count(*) FROM sqlite_schema", &tables},
	} {
		if err := q.QueryRowContext(ctx, read.query).Scan(read.into); err != nil {
			return 0, err
		}
	}
	switch {
	case id != applicationID && (tables > 0 || id != 0):
		return 0, errForeign
	case version > len(steps):
		return 0, lang.E("it was written by a newer llutray (version %d of the file, and this one knows %d): install the newer llutray again", version, len(steps))
	}
	return version, nil
}

// migrate takes the steps that are missing. Each is a transaction of its own:
// either it happened and the version says so, or it did not.
func migrate(ctx context.Context, db *sql.DB) error {
	for {
		done, err := migrateStep(ctx, db)
		if done || err != nil {
			return err
		}
	}
}

func migrateStep(ctx context.Context, db *sql.DB) (done bool, err error) {
	// Without a lock first: almost always there is nothing to do, and a
	// second process that writes must not hold up the start.
	if v, err := fileVersion(ctx, db); err != nil || v == len(steps) {
		return true, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	// Again, since another process may have taken the step in between.
	v, err := fileVersion(ctx, tx)
	if err != nil || v == len(steps) {
		return true, err
	}
	for _, statement := range []string{
		steps[v],
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
		fmt.Sprintf("PRAGMA user_version = %d", v+1),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return false, err
		}
	}
	return false, tx.Commit()
}
