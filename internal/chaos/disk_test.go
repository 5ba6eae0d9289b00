package chaos

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/history"
	"github.com/llutray/llutray/internal/settings"
)

var (
	errKilled   = errors.New("killed")
	errDiskFull = errors.New("no space left on device")
)

// database is a history store as it outlives the program: what was committed
// is there, and nothing else.
type database interface {
	app.Store
	recall(ctx context.Context, now time.Time) ([]app.Memory, error)
	has(person string, r glucose.Reading) bool    // among the readings
	doubts(person string, r glucose.Reading) bool // apart from them
	later(person string, after time.Time) bool    // whether there is anything to doubt
	close()
}

// rows is a database in memory.
type rows struct {
	mu       sync.Mutex
	people   map[string]glucose.Person
	readings map[string]map[rowKey]glucose.Reading
	doubted  map[string][]glucose.Reading
	alarms   map[string]map[string]alarm.Record
}

type rowKey struct {
	at     int64
	origin glucose.Origin
}

func newRows() *rows {
	return &rows{people: map[string]glucose.Person{}, readings: map[string]map[rowKey]glucose.Reading{}, doubted: map[string][]glucose.Reading{}, alarms: map[string]map[string]alarm.Record{}}
}

func (d *rows) Append(_ context.Context, p glucose.Person, list []glucose.Reading) ([]glucose.Reading, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people[p.ID] = p
	if d.readings[p.ID] == nil {
		d.readings[p.ID] = map[rowKey]glucose.Reading{}
	}
	for _, r := range list {
		key := rowKey{r.Time.Unix(), r.Origin}
		if _, stored := d.readings[p.ID][key]; !stored {
			d.readings[p.ID][key] = r // as the real one: what was shown stays
		}
	}
	return list, nil
}

func (d *rows) Doubt(_ context.Context, p glucose.Person, after time.Time, unstored []glucose.Reading) (moved int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.doubted[p.ID])
	for key, r := range d.readings[p.ID] {
		if r.Time.Unix() > after.Unix() {
			delete(d.readings[p.ID], key)
			d.doubted[p.ID] = append(d.doubted[p.ID], r)
		}
	}
	d.doubted[p.ID] = append(d.doubted[p.ID], unstored...)
	return len(d.doubted[p.ID]) - before, nil
}

func (d *rows) later(id string, after time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.readings[id] {
		if r.Time.Unix() > after.Unix() {
			return true
		}
	}
	return false
}

func (d *rows) SavePerson(_ context.Context, p glucose.Person, _ time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people[p.ID] = p
	return nil
}

func (d *rows) LogAlarm(_ context.Context, id string, r alarm.Record) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.alarms[id] == nil {
		d.alarms[id] = map[string]alarm.Record{}
	}
	if r.ID != "" {
		d.alarms[id][r.ID] = r
	}
	return nil
}

func (d *rows) SetMeta(context.Context, string, string) error { return nil }

func (d *rows) recall(_ context.Context, now time.Time) (out []app.Memory, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	recent := func(t time.Time) bool { return now.Sub(t) <= 28*time.Hour && t.Sub(now) <= time.Hour }
	for _, id := range slices.Sorted(maps.Keys(d.people)) {
		m := app.Memory{Person: d.people[id]}
		for _, r := range d.readings[id] {
			if recent(r.Time) {
				m.Readings = append(m.Readings, r)
			}
		}
		for _, r := range d.alarms[id] {
			if recent(r.Time) {
				m.Alarms = append(m.Alarms, r)
			}
		}
		slices.SortFunc(m.Readings, func(a, b glucose.Reading) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Origin, b.Origin))
		})
		slices.SortFunc(m.Alarms, func(a, b alarm.Record) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID))
		})
		out = append(out, m)
	}
	return out, nil
}

func (d *rows) has(id string, r glucose.Reading) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, ok := d.readings[id][rowKey{r.Time.Unix(), r.Origin}]
	return ok && same(kept, r)
}

func (d *rows) doubts(id string, r glucose.Reading) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.doubted[id], func(x glucose.Reading) bool { return same(x, r) })
}

// same reports whether two readings are the same to whoever looks at the screen.
func same(a, b glucose.Reading) bool {
	return a.Time.Equal(b.Time) && a.Origin == b.Origin && a.Value == b.Value && a.Limit == b.Limit
}

func (d *rows) close() {}

// file is the real thing.
type file struct{ *history.Store }

func (f file) recall(ctx context.Context, now time.Time) (out []app.Memory, err error) {
	people, err := f.People(ctx)
	for _, p := range people {
		m := app.Memory{Person: p}
		var e1, e2 error
		m.Readings, e1 = f.Readings(ctx, p.ID, now.Add(-28*time.Hour), now.Add(time.Hour))
		m.Alarms, e2 = f.Alarms(ctx, p.ID, now.Add(-28*time.Hour), now)
		if err = errors.Join(err, e1, e2); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, err
}

func (f file) has(id string, r glucose.Reading) bool {
	list, err := f.Readings(context.Background(), id, r.Time.Add(-time.Second), r.Time.Add(time.Second))
	return err == nil && slices.ContainsFunc(list, func(x glucose.Reading) bool { return same(x, r) })
}

func (f file) doubts(id string, r glucose.Reading) bool {
	list, err := f.Doubted(context.Background(), id, r.Time.Add(-time.Second), r.Time.Add(time.Second))
	return err == nil && slices.ContainsFunc(list, func(x glucose.Reading) bool { return same(x, r) })
}

func (f file) later(id string, after time.Time) bool {
	list, err := f.Readings(context.Background(), id, after.Truncate(time.Second).Add(time.Second), time.Time{})
	return err == nil && len(list) > 0
}

func (f file) close() { _ = f.Close() }

// store is the database as one life of the program reaches it: not at all
// once that was killed, which may happen before or after any change.
type store struct {
	database
	l *life
}

func (s store) write(f func() error) error {
	if s.l.touch() {
		return errKilled
	}
	if s.l.w.diskFull.Load() {
		return errDiskFull
	}
	if err := f(); err != nil {
		return err
	}
	if s.l.touch() {
		return errKilled
	}
	return nil
}

func (s store) Append(ctx context.Context, p glucose.Person, r []glucose.Reading) (out []glucose.Reading, err error) {
	err = s.write(func() error { out, err = s.database.Append(ctx, p, r); return err })
	return out, err
}

// Doubt touches the disk where there is something to move.
func (s store) Doubt(ctx context.Context, p glucose.Person, after time.Time, unstored []glucose.Reading) (moved int, err error) {
	if len(unstored) == 0 && !s.later(p.ID, after) {
		return 0, nil
	}
	err = s.write(func() error { moved, err = s.database.Doubt(ctx, p, after, unstored); return err })
	return moved, err
}

func (s store) SavePerson(ctx context.Context, p glucose.Person, t time.Time) error {
	return s.write(func() error { return s.database.SavePerson(ctx, p, t) })
}

func (s store) LogAlarm(ctx context.Context, id string, r alarm.Record) error {
	return s.write(func() error { return s.database.LogAlarm(ctx, id, r) })
}

func (s store) SetMeta(ctx context.Context, k, v string) error {
	return s.write(func() error { return s.database.SetMeta(ctx, k, v) })
}

// stateFile is the state folder's file in memory.
type stateFile struct {
	mu   sync.Mutex
	text []byte
}

type state struct {
	f *stateFile
	l *life
}

func (s state) Load(v any) (string, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.f.text == nil {
		return "", nil
	}
	return "", json.Unmarshal(s.f.text, v)
}

func (s state) Save(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return store{l: s.l}.write(func() error {
		s.f.mu.Lock()
		defer s.f.mu.Unlock()
		s.f.text = text
		return nil
	})
}

// keyring is the desktop's. It can be locked, absent, or hang until it is
// given up.
type keyring struct {
	mu     sync.Mutex
	kept   map[string]string
	fails  error
	hangs  bool
	killed func() bool
}

func (k *keyring) set(fails error, hangs bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fails, k.hangs = fails, hangs
}

// reach is what every use begins with; 5 s is how long the program's own
// keyring waits.
func (k *keyring) reach(ctx context.Context) error {
	k.mu.Lock()
	fails, hangs := k.fails, k.hangs
	k.mu.Unlock()
	if !hangs {
		return fails
	}
	select {
	case <-ctx.Done():
	case <-time.After(5 * time.Second):
	}
	return settings.ErrLocked
}

func (k *keyring) Get(ctx context.Context, key string) (string, error) {
	if err := k.reach(ctx); err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.kept[key]
	if !ok {
		return "", settings.ErrNotFound
	}
	return v, nil
}

func (k *keyring) Set(ctx context.Context, key, value string) error {
	if err := k.reach(ctx); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.killed() {
		k.kept[key] = value
	}
	return nil
}

func (k *keyring) Delete(ctx context.Context, key string) error {
	if err := k.reach(ctx); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.killed() {
		delete(k.kept, key)
	}
	return nil
}
