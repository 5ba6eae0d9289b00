package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/nightscout"
	"github.com/llutray/llutray/internal/poll"
	"github.com/llutray/llutray/internal/settings"
)

// connect makes the source of readings of an account out of the stored sign-in
// and the settings: LibreLinkUp, and in place of the first account where nobody is
// signed in to that, or beside it, a Nightscout site.
func (p *program) connect(set settings.Settings) func(ctx context.Context, account string) (poll.Source, error) {
	secrets := openSecrets(p.paths, false)
	return func(ctx context.Context, account string) (poll.Source, error) {
		set := set
		if s, err := settings.Load(p.paths.Settings); err == nil {
			set = s // the region, the proxy or the site may have been changed since
		}
		libre, err := p.connectLibre(ctx, secrets, set, account)
		n := set.Outputs.Nightscout
		if account != "" || !n.Follow || n.Site == "" {
			return libre, err
		}
		f := glucose.AsFault(err)
		if f != nil && (f.Kind != glucose.SignedOut || f.Err != nil) {
			return nil, err // somebody is signed in, and the keyring may yet open
		}
		people, err := p.store.People(ctx)
		if err != nil {
			return nil, err
		}
		site := &lateSite{secrets: secrets, site: nightscout.Site{URL: n.Site, API: nightscout.API(n.API)}, who: siteOwner(n)}
		if f != nil { // the site alone
			if who, ok := oneOf(set, people, n.Person); ok && n.Person != "" {
				site.who = who
			}
			if _, err := site.open(ctx); err != nil {
				return nil, err
			}
			return site, nil
		}
		seed := uint64(time.Now().UnixNano())
		return nightscout.Merge(poll.NewGuard(libre, time.Now, seed), poll.NewGuard(site, time.Now, seed+1), site.who.ID, whoseSite(set, n, people), nil), nil
	}
}

func (p *program) connectLibre(ctx context.Context, secrets settings.Secrets, set settings.Settings, name string) (poll.Source, error) {
	account := &app.Account{Name: name, Secrets: secrets, Path: p.paths.SessionOf(name), Log: p.log, Notice: func(text string) {
		p.log.Warn("the state of a sign-in was damaged; it is set aside and a new one begun") // its file is called by the account
		_, _ = fmt.Fprintln(os.Stderr, "llutray:", text)
	}}
	cred, err := account.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	if name != "" {
		// Two programs on one account get people locked out; so would two of us.
		if other, taken := app.SignedInAs(ctx, secrets, set, name, cred.Email); taken {
			return nil, app.TakenFault(other)
		}
	}
	session, err := account.Load(ctx, cred)
	if err != nil {
		return nil, err
	}
	return app.NewClient(account, session, set.AccountOf(name).Region, set.Proxy, cred, p.log)
}

// siteOwner is the person of a site as long as LibreLinkUp does not know them.
func siteOwner(n settings.Nightscout) glucose.Person {
	who := nightscout.NewSource(nightscout.Site{URL: n.Site}, glucose.Person{}, nil).PersonID()
	name := n.Person
	if name == "" {
		name = "Nightscout"
	}
	return glucose.Person{ID: who, Name: name}
}

// oneOf is the one person whom a name means, or without a name the only one.
func oneOf(set settings.Settings, people []glucose.Person, name string) (who glucose.Person, ok bool) {
	set = set.Identify(people)
	n := 0
	for _, p := range people {
		if name == "" || set.Means(p, name) {
			who, n = p, n+1
		}
	}
	return who, n == 1
}

// whoseSite tells which person of LibreLinkUp's a site is about. Before
// LibreLinkUp has told anybody those count who were followed before.
func whoseSite(set settings.Settings, n settings.Nightscout, before []glucose.Person) nightscout.Whose {
	own := siteOwner(n).ID
	before = slices.DeleteFunc(slices.Clone(before), func(p glucose.Person) bool { return p.ID == own })
	return func(people []glucose.Person, met bool) (string, bool) {
		if !met {
			who, ok := oneOf(set, before, n.Person)
			return who.ID, ok
		}
		if who, ok := oneOf(set, people, n.Person); ok {
			return who.ID, true
		}
		for _, p := range people {
			if n.Person == "" || set.Identify(people).Means(p, n.Person) {
				return "", false // several
			}
		}
		return "", true
	}
}

// lateSite is a Nightscout site whose token may not be readable yet, because
// the keyring is locked. LibreLinkUp must not wait for that.
type lateSite struct {
	secrets settings.Secrets
	site    nightscout.Site
	who     glucose.Person

	mu     sync.Mutex
	source *nightscout.Source
}

func (l *lateSite) open(ctx context.Context) (*nightscout.Source, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.source != nil {
		return l.source, nil
	}
	token, err := l.secrets.Get(ctx, settings.NightscoutSecret)
	if err != nil && !errors.Is(err, settings.ErrNotFound) && !errors.Is(err, settings.ErrNoKeyring) {
		return nil, &glucose.Fault{
			Kind: glucose.ServerError, Message: lang.T("The token of the Nightscout site could not be read."),
			Hint: lang.T("Unlock the desktop's keyring, or set it again: llutray nightscout token."), Err: err,
		}
	}
	l.site.Secret = token // "" for a site that anybody may read
	l.source = nightscout.NewSource(l.site, l.who, nil)
	return l.source, nil
}

func (l *lateSite) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	s, err := l.open(ctx)
	if err != nil {
		return nil, err
	}
	return s.Current(ctx)
}

func (l *lateSite) Graph(ctx context.Context, personID string) (glucose.Snapshot, error) {
	s, err := l.open(ctx)
	if err != nil {
		return glucose.Snapshot{}, err
	}
	return s.Graph(ctx, personID)
}
