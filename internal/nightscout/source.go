package nightscout

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// maxAhead is how far ahead of our clock a reading may be dated.
const maxAhead = 5 * time.Minute

// Source reads the site of one person.
type Source struct {
	c       *client
	who     glucose.Person
	account *glucose.Account
	asked   time.Time // when the site was asked for its settings
	lags    bool      // it has nothing of the last hour
}

// NewSource makes a source of the readings of who. Without an ID they get one
// of the site's. now may be nil for the computer's clock.
func NewSource(s Site, who glucose.Person, now func() time.Time) *Source {
	if now == nil {
		now = time.Now
	}
	if who.ID == "" {
		who.ID = "nightscout"
		if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
			who.ID += ":" + u.Host
		}
	}
	return &Source{c: newClient(s, now), who: who}
}

// PersonID is whose readings they are.
func (s *Source) PersonID() string { return s.who.ID }

// recent is how many entries a light request asks for: enough to catch up when
// the site got several at once.
const recent = 12

// Current is the newest reading, and those just before it.
func (s *Source) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	now := s.c.now()
	from := now.Add(-time.Hour)
	if s.lags {
		from = time.UnixMilli(0)
	}
	list, err := s.c.entries(ctx, from, now.Add(24*time.Hour), recent)
	if err == nil && len(list) == 0 && !s.lags {
		// A site that lags, or whose sensor has ended: the last there was.
		s.lags = true
		list, err = s.c.entries(ctx, time.UnixMilli(0), now.Add(24*time.Hour), recent)
	}
	if err != nil {
		return nil, err
	}
	s.lags = !slices.ContainsFunc(list, func(e entry) bool { return time.UnixMilli(int64(e.Date)).After(now.Add(-time.Hour)) })
	return []glucose.Snapshot{s.snapshot(ctx, list, now)}, nil
}

// mostEntries is a day of two 1-minute feeds.
const mostEntries = 2880

// Graph is the newest reading with those of the last day.
func (s *Source) Graph(ctx context.Context, _ string) (glucose.Snapshot, error) {
	now := s.c.now()
	list, err := s.c.entries(ctx, now.Add(-24*time.Hour), now.Add(24*time.Hour), mostEntries)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	return s.snapshot(ctx, list, now), nil
}

func (s *Source) snapshot(ctx context.Context, list []entry, now time.Time) glucose.Snapshot {
	snap := glucose.Snapshot{Person: s.who, Account: s.settings(ctx)}
	// One uploader with a wrong clock must not hide what the others tell.
	var ahead time.Duration
	list = slices.DeleteFunc(list, func(e entry) bool {
		by := time.UnixMilli(int64(e.Date)).Sub(now)
		if by > maxAhead {
			ahead = max(ahead, by)
		}
		return by > maxAhead
	})
	all := readings(list)
	if len(all) == 0 || all[len(all)-1].Stale(now, 15*time.Minute) {
		snap.FutureBy = ahead
	}
	if len(all) > 0 && snap.FutureBy == 0 {
		snap.Current = &all[len(all)-1]
		all = all[:len(all)-1]
	}
	snap.History = all
	return snap
}

// settingsEvery is how long after an attempt that failed the site is asked
// for its settings again: they are not worth a request each minute.
const settingsEvery = time.Hour

// settings are the site's own limits and unit, asked once. Without them
// nothing is missing.
func (s *Source) settings(ctx context.Context) glucose.Account {
	if s.account != nil {
		return *s.account
	}
	now := s.c.now()
	if !s.asked.IsZero() && now.Sub(s.asked).Abs() < settingsEvery {
		return glucose.Account{}
	}
	s.asked = now
	a, err := s.c.ask(ctx, http.MethodGet, "/api/v1/status.json", nil, nil)
	if err != nil {
		if s.c.site.API == V3 || glucose.AsFault(err).Kind.NeedsUser() {
			s.account = &glucose.Account{} // it will not tell
		}
		return glucose.Account{}
	}
	var got struct {
		Settings struct {
			Units      string `json:"units"`
			Thresholds struct {
				High   float64 `json:"bgHigh"`
				Top    float64 `json:"bgTargetTop"`
				Bottom float64 `json:"bgTargetBottom"`
				Low    float64 `json:"bgLow"`
			} `json:"thresholds"`
		} `json:"settings"`
	}
	if json.Unmarshal(a.body, &got) != nil {
		return glucose.Account{}
	}
	t := got.Settings.Thresholds
	s.account = &glucose.Account{
		TargetLow: limit(t.Bottom), TargetHigh: limit(t.Top), AlarmLow: limit(t.Low), AlarmHigh: limit(t.High),
	}
	if u, err := glucose.ParseUnit(got.Settings.Units); err == nil {
		s.account.Unit = u
	}
	return *s.account
}

// limit is one of the site's thresholds in mg/dL: the site keeps them so,
// whatever its unit, but an old one may hold mmol/L.
func limit(v float64) glucose.MgDL {
	switch {
	case v >= 20 && v <= 600:
		return glucose.MgDL(v + 0.5)
	case v > 1 && v < 20:
		return glucose.FromMmol(v)
	}
	return 0
}
