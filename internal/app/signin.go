package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/settings"
)

// SignIn is one sign-in that a user asked for, at a terminal or in the page:
// Check, Start, for each legal step Accept, then Keep, Reload and Greet. Nothing is
// kept before Keep, and nothing is ever accepted but by Accept.
type SignIn struct {
	Name    string // of the account in the settings; "" for the first
	Paths   settings.Paths
	Secrets settings.Secrets // AllowFile is the user's consent to a file
	// Reload tells the running program to go on with the new sign-in.
	Reload func(ctx context.Context) error
	Log    *slog.Logger // nil for none

	cred    libre.Credentials
	region  string // as the user gave it
	set     settings.Settings
	account *Account
	client  *libre.Client
}

// Check tells whether a sign-in could be kept, and if not, why. Then the user
// may agree to a file.
func (s *SignIn) Check(ctx context.Context) error { return s.Secrets.Check(ctx) }

// Start sends the password. region is "" for the one in the settings, else as
// they write it. Of a fault that is a legal step Step tells more.
func (s *SignIn) Start(ctx context.Context, cred libre.Credentials, region string) (err error) {
	s.cred, s.region = cred, region
	s.account = &Account{Name: s.Name, Secrets: s.Secrets, Path: s.Paths.SessionOf(s.Name), Log: s.Log}
	if s.set, err = settings.Load(s.Paths.Settings); err != nil {
		return err
	}
	if err := s.checkName(ctx); err != nil {
		return err
	}
	session, err := s.account.Load(ctx, cred)
	if err != nil {
		return err
	}
	switch region {
	case "":
		region = settings.RegionAuto
		if s.set.HasAccount(s.Name) {
			region = s.set.AccountOf(s.Name).Region
		}
	case "auto": // as the settings write it
		region = settings.RegionAuto
	}
	s.client, err = NewClient(s.account, session, region, s.set.Proxy, cred, s.Log)
	if err != nil {
		return err
	}
	return s.client.SignIn(ctx)
}

// checkName finds a name that no account can have, and an account that is
// followed under another name already.
func (s *SignIn) checkName(ctx context.Context) error {
	if s.Name != "" {
		if err := settings.CheckAccountName(s.Name); err != nil {
			return &settings.Error{Message: err.Error()}
		}
		for _, o := range s.set.AccountNames() {
			if o != s.Name && strings.EqualFold(o, s.Name) {
				return &settings.Error{Message: lang.F("there is an account called %q already", o)}
			}
		}
	}
	for _, o := range append([]string{""}, s.set.AccountNames()...) {
		if o != s.Name && sameAccount(ctx, s.Secrets, o, s.cred.Email) {
			return TakenFault(o)
		}
	}
	return nil
}

// Step is the legal text that the sign-in waits for, if it waits for one that
// can be accepted here.
func (s *SignIn) Step() (libre.Step, bool) {
	if s.client == nil {
		return libre.Step{}, false
	}
	step, pending := s.client.PendingStep()
	return step, pending && step.Acceptable()
}

// Accept accepts the step, because the user said yes to this very one.
func (s *SignIn) Accept(ctx context.Context) error { return s.client.AcceptStep(ctx) }

// Keep stores a sign-in that worked, and tells whether it is the first. Then
// Reload is due, even if what follows fails, as it does when nobody shares yet.
func (s *SignIn) Keep(ctx context.Context) (first bool, err error) {
	if err := s.account.Remember(ctx, s.cred); err != nil {
		return false, lang.E("you are signed in, but the sign-in could not be kept: %w", err)
	}
	first = !settings.Exists(s.Paths.Settings)
	key := "account.region"
	if s.Name != "" {
		if err := settings.AddAccount(s.Paths.Settings, s.Name); err != nil {
			return first, err
		}
		key = "accounts." + s.Name + ".region"
	}
	if s.region != "" {
		if err := settings.Set(s.Paths.Settings, key, s.region); err != nil {
			return first, err
		}
	}
	return first, nil
}

// Greeting proves a sign-in: who shares with the account, and their values.
type Greeting struct {
	People []Status
	Unit   glucose.Unit
	Offers []Offer // of the first sign-in to an account with one person
}

// Offer is a limit that the account has for its own alarms.
type Offer struct {
	Key, Name string
	Limit     glucose.MgDL
}

// label is the offer for people.
func (o Offer) label(u glucose.Unit) string {
	value := u.Format(o.Limit) + " " + string(u)
	if o.Key == "alarms.low.limit" {
		return lang.F("low alarm: %s", value)
	}
	return lang.F("high alarm: %s", value)
}

// Value is the offer as the settings take it.
func (o Offer) Value() string { return fmt.Sprintf("%d %s", o.Limit, glucose.MgPerDL) }

// Greet asks who shares with the account. A first sign-in takes over the
// account's unit, and finds its limits for the user to take over: afterwards
// the settings file rules, whatever changes at the service.
func (s *SignIn) Greet(ctx context.Context, first bool) (Greeting, error) {
	snapshots, err := s.client.Current(ctx)
	if err != nil {
		return Greeting{}, err
	}
	g := Greeting{Unit: s.set.Unit}
	if first && len(snapshots) > 0 && snapshots[0].Account.Unit != "" {
		g.Unit = snapshots[0].Account.Unit
		if err := settings.Set(s.Paths.Settings, "unit", string(g.Unit)); err != nil {
			return Greeting{}, err
		}
	}
	now := time.Now()
	for _, x := range snapshots {
		var readings []glucose.Reading
		if x.Current != nil {
			readings = append(readings, *x.Current)
		}
		g.People = append(g.People, NewStatus(x.Person, readings, g.Unit, s.set.Ranges(), nil, now))
	}
	if first && len(snapshots) == 1 {
		g.Offers = offers(snapshots[0].Account)
	}
	return g, nil
}

func offers(a glucose.Account) (out []Offer) {
	usual := settings.Default()
	if a.AlarmLow != 0 && a.AlarmLow != usual.Low.Limit {
		out = append(out, Offer{"alarms.low.limit", lang.T("low"), a.AlarmLow})
	}
	if a.AlarmHigh != 0 && a.AlarmHigh != usual.High.Limit {
		out = append(out, Offer{"alarms.high.limit", lang.T("high"), a.AlarmHigh})
	}
	return out
}

// SignOut forgets a sign-in, and an account that has a name; settings and history
// stay.
func (s *SignIn) SignOut(ctx context.Context) error {
	if s.Name != "" {
		set, err := settings.Load(s.Paths.Settings)
		if err != nil {
			return err
		}
		if !set.HasAccount(s.Name) {
			return &settings.Error{Message: lang.F("there is no account called %q; %s", s.Name, accountsThere(set))}
		}
	}
	account := &Account{Name: s.Name, Secrets: s.Secrets, Path: s.Paths.SessionOf(s.Name), Log: s.Log}
	if err := account.Forget(ctx); err != nil {
		return err
	}
	if s.Name != "" {
		if err := settings.RemoveAccount(s.Paths.Settings, s.Name); err != nil {
			return errors.Join(err, s.Reload(ctx))
		}
	}
	return s.Reload(ctx)
}

func accountsThere(set settings.Settings) string {
	names := set.AccountNames()
	if len(names) == 0 {
		return lang.T("there is only one account")
	}
	return lang.F("there is %s, and the first", strings.Join(names, ", "))
}

// saveTime bounds the keyring, which must not hold the following up.
const saveTime = 5 * time.Second

// NewClient makes the client of an account, of the server in LLUTRAY_SERVER or
// the region's own, by way of the proxy of the settings.
func NewClient(account *Account, session libre.Session, region, proxy string, cred libre.Credentials, log *slog.Logger) (*libre.Client, error) {
	if log == nil {
		log = slog.Default()
	}
	c, err := libre.New(libre.Options{
		Server: os.Getenv("LLUTRAY_SERVER"), Region: region, Proxy: proxy, Session: session, Now: time.Now, Log: log,
		Credentials: func(context.Context) (libre.Credentials, error) { return cred, nil },
		Save: func(s libre.Session) error {
			ctx, cancel := context.WithTimeout(context.Background(), saveTime)
			defer cancel()
			return account.Save(ctx, s)
		},
	})
	if err != nil {
		return nil, &glucose.Fault{Kind: glucose.ServerError, Message: err.Error(), Hint: lang.T("Correct LLUTRAY_SERVER, or the region or the proxy in the settings."), Err: err}
	}
	return c, nil
}
