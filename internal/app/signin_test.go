package app

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/settings"
)

const signInPassword = "Correct-Horse&Battery<9>"

// newcomer is a page on a computer without a keyring, at a service; reloads
// counts how often the loop was told of a sign-in.
func newcomer(t *testing.T, scenario string) (p *Page, s *libretest.Server, paths settings.Paths, reloads *int) {
	s = libretest.StartTest(t, libretest.Options{Email: "robin@example.org", Password: signInPassword, Scenario: scenario})
	t.Setenv("LLUTRAY_SERVER", s.RegionURL())
	paths = settings.PathsUnder(t.TempDir())
	require.NoError(t, paths.Make())
	p = NewPage(PageOptions{
		Clock: SystemClock{}, Paths: paths,
		SignIn: func(account string, file bool) *SignIn {
			return &SignIn{Name: account, Paths: paths, Secrets: settings.Secrets{
				Keyring: &vault{kept: map[string]string{}, err: settings.ErrNoKeyring}, File: paths.Secrets, AllowFile: file,
			}}
		},
	})
	a := New(Options{Page: p})
	reloads = new(int)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case r := <-a.asked:
				if r.Command == "reload" {
					*reloads++
				}
				r.Reply <- Reply{}
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	return p, s, paths, reloads
}

var asked = page.SignIn{Email: " robin@example.org ", Password: signInPassword, File: true}

func TestPageSignsIn(t *testing.T) {
	p, s, paths, reloads := newcomer(t, "mmol_account")
	// Without a keyring nothing is kept before the user agrees to a file.
	q := asked
	q.File = false
	a, err := p.SignIn(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, page.NoKeyring, a.Status)
	require.Contains(t, a.Message, "no keyring")
	require.Zero(t, s.SignIns())

	a, err = p.SignIn(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, page.SignedIn, a.Status)
	require.Len(t, a.People, 1)
	require.NotEmpty(t, a.People[0].Text)
	require.Equal(t, 1, s.SignIns())
	require.Equal(t, 1, *reloads, "the program goes on with it")

	set, err := settings.Load(paths.Settings)
	require.NoError(t, err)
	require.Equal(t, "mmol/L", string(set.Unit), "a first sign-in takes over the unit")
	require.Equal(t, []page.Offer{{Key: "alarms.high.limit", Label: "high alarm: 13.3 mmol/L", Value: "240 mg/dL"}}, a.Offer)
	require.NoError(t, p.Set(t.Context(), a.Offer[0].Key, a.Offer[0].Value))

	// A second one offers nothing: the settings rule now.
	again := asked
	again.Region = "auto"
	a, err = p.SignIn(t.Context(), again)
	require.NoError(t, err)
	require.Empty(t, a.Offer)

	require.NoError(t, p.SignOut(t.Context(), ""))
	require.Equal(t, 3, *reloads)
	secrets, err := os.ReadFile(paths.Secrets)
	if err == nil {
		require.NotContains(t, string(secrets), "Battery")
	}
}

// One more account is kept apart from the first, and ends alone.
func TestPageSignsInToOneMoreAccount(t *testing.T) {
	p, s, paths, reloads := newcomer(t, "ok")
	q := asked
	q.Account = "a b"
	_, err := p.SignIn(t.Context(), q)
	var problem *page.Problem
	require.ErrorAs(t, err, &problem)
	require.Contains(t, problem.Message, `cannot be called "a b"`)
	require.Zero(t, s.SignIns())

	q.Account, q.Region = "mum", "auto"
	a, err := p.SignIn(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, page.SignedIn, a.Status)
	require.Equal(t, 1, *reloads)
	set, err := settings.Load(paths.Settings)
	require.NoError(t, err)
	require.Equal(t, []string{"mum"}, set.AccountNames())
	secrets, err := os.ReadFile(paths.Secrets)
	require.NoError(t, err)
	require.Contains(t, string(secrets), `"credentials.mum"`)
	require.Contains(t, string(secrets), `"token.mum"`)
	require.NotContains(t, string(secrets), `"credentials":`, "nothing of the first")
	require.NoFileExists(t, paths.Session)
	require.FileExists(t, paths.SessionOf("mum"))

	q.Account = "Mum"
	_, err = p.SignIn(t.Context(), q)
	require.ErrorAs(t, err, &problem)
	require.Contains(t, problem.Message, `there is an account called "mum" already`)
	q.Account = ""
	_, err = p.SignIn(t.Context(), q)
	require.ErrorAs(t, err, &problem)
	require.Contains(t, problem.Message, `is that of the account "mum", which is followed already`)
	require.Equal(t, 1, s.SignIns())

	require.ErrorAs(t, p.SignOut(t.Context(), "dad"), &problem)
	require.NoError(t, p.SignOut(t.Context(), "mum"))
	require.NoFileExists(t, paths.Secrets)
	require.NoFileExists(t, paths.SessionOf("mum"))
	set, err = settings.Load(paths.Settings)
	require.NoError(t, err)
	require.Empty(t, set.Accounts)
}

func TestPageWrongPassword(t *testing.T) {
	p, s, paths, reloads := newcomer(t, "wrong_password")
	_, err := p.SignIn(t.Context(), asked)
	var problem *page.Problem
	require.ErrorAs(t, err, &problem)
	require.NotEmpty(t, problem.Hint)
	require.NotContains(t, problem.Message+problem.Hint, "Battery")
	require.Zero(t, *reloads)
	require.Equal(t, 1, s.SignIns())
	_, err = os.Stat(paths.Secrets)
	require.True(t, os.IsNotExist(err), "a refused password is not kept")
	_, err = p.Accept(t.Context())
	require.ErrorContains(t, err, "No sign-in waits")
}

func TestPageLegalSteps(t *testing.T) {
	p, _, paths, _ := newcomer(t, "terms_and_privacy")
	a, err := p.SignIn(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, page.LegalStep, a.Status)
	require.Equal(t, "Terms of use", a.Step.Title)
	_, err = os.Stat(paths.Secrets)
	require.True(t, os.IsNotExist(err), "nothing is kept before the yes")

	a, err = p.Accept(t.Context())
	require.NoError(t, err)
	require.Equal(t, "Privacy policy", a.Step.Title, "each step has its own yes")
	a, err = p.Accept(t.Context())
	require.NoError(t, err)
	require.Equal(t, page.SignedIn, a.Status)
	_, err = p.Accept(t.Context())
	require.ErrorContains(t, err, "No sign-in waits", "a yes counts once")
}

// TestPageStepThatIsNotForUs: what must be done in the mailbox is told, not
// offered.
func TestPageStepThatIsNotForUs(t *testing.T) {
	p, _, _, _ := newcomer(t, "verify_email")
	_, err := p.SignIn(t.Context(), asked)
	var problem *page.Problem
	require.ErrorAs(t, err, &problem)
	require.Contains(t, strings.ToLower(problem.Message+problem.Hint), "e-mail")
}

func TestPageSignInNeedsBoth(t *testing.T) {
	p, s, _, _ := newcomer(t, "ok")
	_, err := p.SignIn(t.Context(), page.SignIn{Email: "robin@example.org"})
	require.ErrorContains(t, err, "password")
	require.Zero(t, s.SignIns())

	p.turn.Lock()
	_, err = p.SignIn(t.Context(), asked)
	require.ErrorContains(t, err, "under way")
	p.turn.Unlock()

	demo := NewPage(PageOptions{Clock: SystemClock{}})
	_, err = demo.SignIn(t.Context(), asked)
	require.ErrorContains(t, err, "demo")
	require.ErrorContains(t, demo.SignOut(t.Context(), ""), "demo")
}

// TestPageSignInIsBound by its page: a service that hangs is given up.
func TestPageSignInIsBound(t *testing.T) {
	p, _, _, _ := newcomer(t, "stall")
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	_, err := p.SignIn(ctx, asked)
	require.Error(t, err)
}
