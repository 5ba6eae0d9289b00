package nightscout

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Uploader keeps a site up to date with the readings of one person.
type Uploader struct {
	c    *client
	read func(ctx context.Context, from time.Time) ([]glucose.Reading, error)
	log  *slog.Logger
	poke chan struct{} // capacity 1

	mu    sync.Mutex
	fault *glucose.Fault
	sent  map[int64]bool // unix seconds of what the site has
}

// backFill is how far back a start fills what the site lacks.
const backFill = 24 * time.Hour

// NewUploader makes an Uploader. read returns stored readings from a time on,
// oldest first, of any origin and source. now and log may be nil.
func NewUploader(s Site, read func(ctx context.Context, from time.Time) ([]glucose.Reading, error), now func() time.Time, log *slog.Logger) *Uploader {
	if now == nil {
		now = time.Now
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Uploader{c: newClient(s, now), read: read, log: log, poke: make(chan struct{}, 1), sent: map[int64]bool{}}
}

// New tells that there is a new reading.
func (u *Uploader) New() {
	select {
	case u.poke <- struct{}{}:
	default:
	}
}

// Fault is why the site is not up to date; nil when it is.
func (u *Uploader) Fault() *glucose.Fault {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.fault
}

// pauses after each failure; the last one stays.
var pauses = [...]time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// Run uploads, with New and again after failures, until ctx ends. A refused
// token is tried again only with the program's next start or other settings.
func (u *Uploader) Run(ctx context.Context) {
	failed := 0
	for {
		err := u.Sync(ctx)
		if ctx.Err() != nil {
			return
		}
		f := glucose.AsFault(err)
		u.mu.Lock()
		u.fault = f
		u.mu.Unlock()
		var timer *time.Timer
		var again <-chan time.Time
		poke := u.poke
		if f != nil {
			u.log.Warn("readings could not be uploaded", "kind", f.Kind, "why", f.Message)
			if f.Kind.NeedsUser() {
				<-ctx.Done()
				return
			}
			pause := max(pauses[min(failed, len(pauses)-1)], f.Until.Sub(u.c.now()))
			failed++
			timer = time.NewTimer(pause)
			again, poke = timer.C, nil // a new reading is no reason to press
		} else {
			failed = 0
		}
		select {
		case <-ctx.Done():
			return
		case <-poke:
		case <-again:
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

const (
	// sameWithin is how near another entry stands for a reading: steps are at
	// least a minute, and programs round differently.
	sameWithin = 45 * time.Second
	// mostV1 is how many readings go in one request.
	mostV1 = 200
)

// Sync sends what the site lacks. What another program has told it for the
// same moment is not told again.
func (u *Uploader) Sync(ctx context.Context) error {
	now := u.c.now()
	all, err := u.read(ctx, now.Add(-backFill))
	if err != nil {
		return &glucose.Fault{Kind: glucose.ServerError, Message: lang.F("The stored readings could not be read: %s.", err), Err: err}
	}
	var todo []glucose.Reading
	for _, r := range glucose.Merge(all) {
		if r.Plausible() && r.Source != glucose.Nightscout && !u.sent[r.Time.Unix()] && !r.Time.After(now.Add(maxAhead)) {
			todo = append(todo, r)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	if todo, err = u.lacking(ctx, todo, now); err != nil {
		return err
	}
	for len(todo) > 0 {
		n := min(len(todo), mostV1)
		if u.c.site.API == V3 {
			n = 1
		}
		if err := u.post(ctx, todo[:n]); err != nil {
			return err
		}
		for _, r := range todo[:n] {
			u.sent[r.Time.Unix()] = true
		}
		todo = todo[n:]
	}
	for at := range u.sent {
		if time.Unix(at, 0).Before(now.Add(-backFill - time.Hour)) {
			delete(u.sent, at)
		}
	}
	return nil
}

// lacking leaves out what the site has already, of an earlier run of ours or of
// another program. The question costs a request a reading, and saves a site
// that is told by two programs from showing each value twice.
func (u *Uploader) lacking(ctx context.Context, todo []glucose.Reading, now time.Time) ([]glucose.Reading, error) {
	list, err := u.c.entries(ctx, todo[0].Time.Add(-time.Minute), now.Add(time.Minute), 3*mostEntries)
	if err != nil {
		return nil, err
	}
	var have []time.Time
	for _, e := range list {
		if r, ok := e.reading(); ok {
			have = append(have, r.Time)
		}
	}
	slices.SortFunc(have, time.Time.Compare)
	return slices.DeleteFunc(todo, func(r glucose.Reading) bool {
		i, _ := slices.BinarySearchFunc(have, r.Time.Add(-sameWithin), time.Time.Compare)
		there := i < len(have) && !have[i].After(r.Time.Add(sameWithin))
		if there {
			u.sent[r.Time.Unix()] = true
		}
		return there
	}), nil
}

// document is an entry as it is sent. v1 must not be given an identifier: v3
// would not know the entry again.
type document struct {
	Type       string `json:"type"`
	SGV        int    `json:"sgv"`
	Direction  string `json:"direction"`
	Device     string `json:"device"`
	Date       int64  `json:"date"`
	DateString string `json:"dateString"`
	App        string `json:"app,omitempty"`
	Units      string `json:"units,omitempty"`
	UTCOffset  *int   `json:"utcOffset,omitempty"`
	Identifier string `json:"identifier,omitempty"`
}

func documentOf(r glucose.Reading, api API) document {
	d := document{
		Type: "sgv", SGV: sgv(r), Direction: direction(r.Trend), Device: device,
		Date: r.Time.UnixMilli(), DateString: r.Time.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	if api == V3 {
		zero := 0
		d.App, d.Units, d.UTCOffset, d.Identifier = app, "mg/dl", &zero, identifier(r.Time)
	}
	return d
}

// identifier names the reading of a moment, in the form of a UUID; the same
// with every try, so that a reading whose answer was lost is not there twice.
func identifier(t time.Time) string {
	sum := sha256.Sum256([]byte(device + " sgv " + strconv.FormatInt(t.UnixMilli(), 10)))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8: of our own making
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func (u *Uploader) post(ctx context.Context, list []glucose.Reading) error {
	if u.c.site.API == V3 {
		for _, r := range list {
			if _, err := u.c.ask(ctx, http.MethodPost, "/api/v3/entries", nil, documentOf(r, V3)); err != nil {
				return err
			}
		}
		return nil
	}
	var docs []document
	for _, r := range list {
		docs = append(docs, documentOf(r, V1))
	}
	_, err := u.c.ask(ctx, http.MethodPost, "/api/v1/entries", nil, docs)
	return err
}

// Verify tells whether readings may be uploaded to the site, without doing so.
func Verify(ctx context.Context, s Site) error {
	c := newClient(s, time.Now)
	if s.API == V3 {
		// Its status tells no permissions, so reading is all that can be tried.
		_, err := c.entries(ctx, time.Now().Add(-time.Hour), time.Now(), 1)
		return err
	}
	a, err := c.ask(ctx, http.MethodGet, "/api/v1/verifyauth", nil, nil)
	if err != nil {
		return err
	}
	// It answers 200 to everybody.
	var got struct {
		Message struct {
			CanWrite bool `json:"canWrite"`
		} `json:"message"`
	}
	if err := json.Unmarshal(a.body, &got); err != nil {
		return nonsense(errors.New("verifyauth: not understood"))
	}
	if !got.Message.CanWrite {
		return refusal(answer{code: http.StatusUnauthorized}, time.Now())
	}
	return nil
}
