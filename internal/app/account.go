package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/settings"
)

// Keys of the secrets store.
const (
	secretCredentials = "credentials"
	secretToken       = "token"
)

// Account is the sign-in as it is kept between starts: the credentials and
// the token in the keyring (or, with consent, an owner-only file), the rest,
// which is no secret but must outlive a restart, in the state folder.
type Account struct {
	Name    string // of its section in the settings; "" for the first
	Secrets Secrets
	Path    string       // of the state file
	Log     *slog.Logger // nil for none
	// Notice is told when the state file was damaged; nil for nobody.
	Notice func(string)

	mu     sync.Mutex
	stored libre.Session // as last written
}

// Secrets is where credentials and tokens are kept.
type Secrets interface {
	Get(ctx context.Context, key string) (string, error)
	Set(ctx context.Context, key, value string) error
	Delete(ctx context.Context, key string) error
}

// storedToken is the secret part of a session.
type storedToken struct {
	Token     string `json:"token"`
	AccountID string `json:"account_id"`
}

// key is that of one of the account's secrets.
func (a *Account) key(secret string) string {
	if a.Name == "" {
		return secret
	}
	return secret + "." + a.Name
}

// Credentials returns the e-mail address and password in force: of the first
// account those of the environment, else the stored ones. Without any it returns
// a SignedOut fault.
func (a *Account) Credentials(ctx context.Context) (libre.Credentials, error) {
	if c, ok := environmentCredentials(); ok && a.Name == "" {
		return c, nil
	}
	s, err := a.Secrets.Get(ctx, a.key(secretCredentials))
	missing := errors.Is(err, settings.ErrNotFound) || errors.Is(err, settings.ErrNoKeyring)
	if missing && a.Path != "" && a.signedIn() {
		// A keyring whose service has not started, or that hides what it holds
		// while it is locked: not a wish of the user's to stop the alarms.
		return libre.Credentials{}, keyringFault(err)
	}
	if missing {
		return libre.Credentials{}, signedOut(a.Name)
	}
	if err != nil {
		return libre.Credentials{}, keyringFault(err)
	}
	var c libre.Credentials
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return libre.Credentials{}, keyringFault(errors.New("the stored sign-in is damaged"))
	}
	return c, nil
}

// signedOut is that nobody has signed in to an account yet, or signed out of it.
func signedOut(name string) *glucose.Fault {
	f := &glucose.Fault{
		Kind:    glucose.SignedOut,
		Message: lang.T("Nobody is signed in."),
		Hint:    lang.T("Choose Sign in from the menu, or run: llutray login"),
	}
	if name != "" {
		f.Hint = lang.F("Run: %s", "llutray login --account "+name)
	}
	return f
}

// SignedInAs tells which of the accounts before one has the same e-mail address:
// the first, or one whose name comes earlier. "" is the name of the first.
func SignedInAs(ctx context.Context, secrets Secrets, set settings.Settings, name, email string) (other string, taken bool) {
	for _, o := range append([]string{""}, set.AccountNames()...) {
		if o == name {
			break
		}
		if sameAccount(ctx, secrets, o, email) {
			return o, true
		}
	}
	return "", false
}

func sameAccount(ctx context.Context, secrets Secrets, name, email string) bool {
	c, err := (&Account{Name: name, Secrets: secrets}).Credentials(ctx)
	return err == nil && strings.EqualFold(strings.TrimSpace(c.Email), strings.TrimSpace(email))
}

// TakenFault is that an account is the same as another one. To ask it twice as
// often would have it locked.
func TakenFault(other string) *glucose.Fault {
	return &glucose.Fault{
		Kind:    glucose.SignedOut,
		Message: lang.F("The e-mail address is that of the account %q, which is followed already.", cmp.Or(other, settings.FirstAccount)),
		Hint:    lang.T("Each account is followed once. Sign in with the e-mail address of another one."),
	}
}

// signedIn reports whether somebody signed in and did not sign out since.
func (a *Account) signedIn() bool {
	var s libre.Session
	return a.read(&s) == nil && s.Owner != ""
}

// read reads the state file. One that was damaged costs a sign-in.
func (a *Account) read(s *libre.Session) error {
	notice, err := settings.LoadState(a.Path, s)
	if notice != "" && a.Notice != nil {
		a.Notice(notice)
	}
	return err
}

func keyringFault(err error) *glucose.Fault {
	return &glucose.Fault{
		Kind:    glucose.SignedOut,
		Message: lang.T("The stored sign-in could not be read."),
		Hint:    lang.T("Unlock the desktop's keyring and choose Refresh, or sign in again with: llutray login"),
		Err:     err,
	}
}

// taken are the credentials that HideCredentials found.
var taken atomic.Pointer[libre.Credentials]

// HideCredentials keeps those of the environment in memory alone: each program
// that is started, a player, a browser or an editor, would inherit them.
func HideCredentials() {
	if c, ok := environmentCredentials(); ok {
		taken.Store(&c)
	}
	for _, name := range []string{"LLUTRAY_EMAIL", "LLUTRAY_PASSWORD"} {
		_ = os.Unsetenv(name) // fails for no valid name
	}
}

// environmentCredentials are for headless use; they win and are never stored.
func environmentCredentials() (libre.Credentials, bool) {
	if c := taken.Load(); c != nil {
		return *c, true
	}
	c := libre.Credentials{Email: strings.TrimSpace(os.Getenv("LLUTRAY_EMAIL")), Password: os.Getenv("LLUTRAY_PASSWORD")}
	return c, c.Email != "" && c.Password != ""
}

// Load reads the session. Of another account than the credentials' it keeps
// what holds all the same: a wait that the service asked for.
func (a *Account) Load(ctx context.Context, c libre.Credentials) (libre.Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var s libre.Session
	if err := a.read(&s); err != nil {
		return libre.Session{}, err
	}
	if secret, err := a.Secrets.Get(ctx, a.key(secretToken)); err == nil {
		var t storedToken
		if json.Unmarshal([]byte(secret), &t) == nil {
			s.Token, s.AccountID = t.Token, t.AccountID
		}
	}
	if !s.BelongsTo(c.Email) {
		s.Token, s.AccountID, s.Region = "", "", ""
	}
	a.stored = s
	return s, nil
}

// Save keeps a session. A keyring that refuses the token costs one sign-in at
// the next start and nothing else, so following goes on.
func (a *Account) Save(ctx context.Context, s libre.Session) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	public := s
	public.Token, public.AccountID = "", ""
	if err := settings.SaveState(a.Path, public); err != nil {
		return err
	}
	if s.Token == a.stored.Token && s.AccountID == a.stored.AccountID {
		a.stored = s
		return nil
	}
	if s.Token == "" {
		a.stored = s
		return ignoreNotFound(a.Secrets.Delete(ctx, a.key(secretToken)))
	}
	b, err := json.Marshal(storedToken{s.Token, s.AccountID})
	if err != nil {
		return err
	}
	// Without a keyring, and with the credentials from the environment, the
	// token lives as long as the program: nobody has agreed to a file. A
	// keyring that refuses is not asked again before there is a newer token.
	a.stored = s
	if err := a.Secrets.Set(ctx, a.key(secretToken), string(b)); err != nil && !errors.Is(err, settings.ErrNoKeyring) && a.Log != nil {
		a.Log.Warn("the token could not be kept; the next start has to sign in again", "err", err)
	}
	return nil
}

// Remember stores credentials that have worked.
func (a *Account) Remember(ctx context.Context, c libre.Credentials) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return a.Secrets.Set(ctx, a.key(secretCredentials), string(b))
}

// Forget removes credentials, token and session.
func (a *Account) Forget(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := errors.Join(
		ignoreNotFound(a.Secrets.Delete(ctx, a.key(secretCredentials))),
		ignoreNotFound(a.Secrets.Delete(ctx, a.key(secretToken))),
	)
	if e := os.Remove(a.Path); e != nil && !os.IsNotExist(e) {
		err = errors.Join(err, e)
	}
	return err
}

func ignoreNotFound(err error) error {
	if errors.Is(err, settings.ErrNotFound) || errors.Is(err, settings.ErrNoKeyring) {
		return nil
	}
	return err
}
