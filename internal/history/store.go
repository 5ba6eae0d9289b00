// Package history keeps readings and the alarm log in an SQLite file that
// survives a crash, may be read by other processes while it is written, and
// can be queried with any SQLite tool: the steps in schema.go say what is in it.
package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // its init registers the driver
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/llutray/llutray/internal/lang"
)

// ErrNoHistory means that there is no history file: nothing was ever followed.
var ErrNoHistory error = lang.Error("nothing is stored yet: start llutray and sign in first")

// errForeign keeps us from writing into somebody else's database.
var errForeign error = lang.Error("it is the database of another program: move it away, or give llutray another folder")

var errDamaged error = lang.Error("it is damaged: start llutray, which sets it aside and begins a new one")

// suspectSuffix names the empty file that asks the next Open for a full
// check: damage deep in the file is met by a query, and not by a start.
const suspectSuffix = "-suspect"

// Store is an open history file. Its methods may be called from several
// goroutines.
type Store struct {
	db      *sql.DB
	path    string
	version int
	shared  bool // by a process that must not wait long
}

// querier is what a *sql.DB and a *sql.Tx have in common.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Open opens the history file for reading and writing and makes it, and its
// folder, when missing. A damaged file is set aside under a name with the
// date, a new one is begun, and notice says so in a sentence for the user. A
// file of a newer version is refused.
//
// Every commit is synced to the disk (synchronous=FULL). A killed process
// would lose nothing without that, but the power of a desktop fails too; one
// sync a minute costs nothing that can be measured.
func Open(path string) (s *Store, notice string, err error) {
	s, err = openWriter(path)
	if isDamaged(err) {
		aside, moveErr := setAside(path, time.Now())
		if moveErr != nil {
			return nil, "", openError(path, lang.E("it is damaged and could not be set aside: %w", moveErr))
		}
		notice = lang.F("The history file was damaged. It is kept as %s, and a new one was begun.", aside)
		s, err = openWriter(path)
	}
	if err != nil {
		return nil, "", openError(path, err)
	}
	return s, notice, nil
}

// OpenToAdd opens the history file to import into it; shared says that the
// running program holds it open. It looks for no damage and sets nothing
// aside, which is for the program to do. The file is made when it is missing.
func OpenToAdd(path string, shared bool) (*Store, error) {
	s, err := openFile(path, false)
	if isDamaged(err) {
		err = errDamaged
	}
	if err != nil {
		return nil, openError(path, err)
	}
	s.shared = shared
	return s, nil
}

func openWriter(path string) (*Store, error) {
	return openFile(path, hasLog(path) || exists(path+suspectSuffix))
}

func openFile(path string, suspect bool) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// SQLite would make the file with the umask's mode; its -wal and -shm
	// take the mode of the file itself.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	// The log of WAL needs memory that all processes share, which no network
	// gives: there a journal beside the file does the same, a little slower.
	journal := "journal_mode(WAL)"
	if overNetwork(filepath.Dir(path)) {
		journal = "journal_mode(DELETE)"
	}
	s, err := connect(path, url.Values{
		// Busy: another process, such as an import, may write for a while.
		"_pragma": {"busy_timeout(5000)", journal, "synchronous(FULL)"},
		"_txlock": {"immediate"}, // a read lock can't always become a write lock
	})
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if err = migrate(ctx, s.db); err == nil {
		s.version = len(steps)
		err = s.probe(ctx, suspect)
	}
	if err == nil && suspect && exists(path+suspectSuffix) {
		err = os.Remove(path + suspectSuffix)
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// OpenReadOnly opens the history file to look at it, while another process
// may be writing it. Without a file it returns ErrNoHistory.
func OpenReadOnly(path string) (*Store, error) {
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoHistory
	case err != nil:
		return nil, openError(path, err)
	}
	s, err := openReader(path, url.Values{"mode": {"ro"}})
	if c := code(err); (c == sqlite3.SQLITE_CANTOPEN || c == sqlite3.SQLITE_READONLY) && !hasLog(path) {
		// The folder is read-only, so the index that WAL shares between
		// processes can't be made; without a log nobody is writing either.
		s, err = openReader(path, url.Values{"immutable": {"1"}})
	}
	switch {
	case isDamaged(err):
		return nil, openError(path, errDamaged)
	case err != nil:
		return nil, openError(path, err)
	}
	if s.version == 0 {
		return nil, errors.Join(ErrNoHistory, s.Close())
	}
	return s, nil
}

func openReader(path string, options url.Values) (*Store, error) {
	options["_pragma"] = []string{"busy_timeout(5000)", "query_only(1)"}
	s, err := connect(path, options)
	if err != nil {
		return nil, err
	}
	if s.version, err = fileVersion(context.Background(), s.db); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

func connect(path string, options url.Values) (*Store, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name := filepath.ToSlash(absolute)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // file:///C:/...
	}
	// As a URI, so that a folder called "100%?" is a folder.
	dsn := url.URL{Scheme: "file", Path: name, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	// One for writing and one for a query beside it; each has a page cache.
	db.SetMaxOpenConns(2)
	return &Store{db: db, path: path}, nil
}

// probe touches what is always needed, so that damage shows at the start and
// not with the first reading. After a crash, or after damage was met, every
// page is looked at.
func (s *Store) probe(ctx context.Context, suspect bool) error {
	if suspect {
		return s.Check(ctx)
	}
	people, err := s.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if _, _, err := s.Latest(ctx, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// Check looks at every page of the file and returns an error when something
// is damaged.
func (s *Store) Check(ctx context.Context) error {
	var result string
	if err := s.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return damaged(result)
	}
	return nil
}

// Close moves the log into the file and closes it.
func (s *Store) Close() error { return s.db.Close() }

// damaged is what Check found.
type damaged string

func (d damaged) Error() string { return lang.F("the history file is damaged: %s", string(d)) }

func isDamaged(err error) bool {
	var d damaged
	c := code(err)
	return errors.As(err, &d) || c == sqlite3.SQLITE_CORRUPT || c == sqlite3.SQLITE_NOTADB
}

// code is SQLite's primary result code of an error, 0 when it is not SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// Full reports whether an error says that there is no room on the disk.
// SQLite says so in another way when it is the shared index that finds none.
func Full(err error) bool {
	var e *sqlite.Error
	return code(err) == sqlite3.SQLITE_FULL || errors.As(err, &e) && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE
}

// Failing reports whether an error says that the disk itself fails.
func Failing(err error) bool { return code(err) == sqlite3.SQLITE_IOERR && !Full(err) }

// ReadOnly reports whether an error says that the file, or the folder that a
// journal needs beside it, can't be written.
func ReadOnly(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_READONLY || c == sqlite3.SQLITE_CANTOPEN
}

// setAside renames the file and its log, so that what can be saved of them
// can be saved together.
func setAside(path string, now time.Time) (aside string, err error) {
	stem := path + ".broken-" + now.Format("20060102-150405")
	aside = stem
	for n := 2; exists(aside); n++ {
		aside = fmt.Sprintf("%s-%d", stem, n)
	}
	if err := os.Rename(path, aside); err != nil {
		return "", err
	}
	if err := os.Remove(path + suspectSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return aside, nil
}

// hasLog reports whether a writer is at work, or was killed. A reader leaves
// an empty log behind.
func hasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// openError says which file could not be opened, why, and what to do.
func openError(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), code(err) == sqlite3.SQLITE_READONLY:
		return lang.E("the history %s cannot be opened: %w: give yourself the right to write there", path, err)
	case code(err) == sqlite3.SQLITE_BUSY:
		return lang.E("the history %s cannot be opened: %w: another program holds it; close that", path, err)
	case Full(err):
		return lang.E("the history %s cannot be opened: %w: make room on the disk", path, err)
	}
	return lang.E("the history %s cannot be opened: %w", path, err)
}
