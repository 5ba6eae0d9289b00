package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/settings"
)

// vault is a keyring in memory that can refuse.
type vault struct {
	kept  map[string]string
	err   error
	asked int
}

func (v *vault) Get(_ context.Context, key string) (string, error) {
	if s, ok := v.kept[key]; ok {
		return s, nil
	}
	if v.err != nil {
		return "", v.err
	}
	return "", settings.ErrNotFound
}

func (v *vault) Set(_ context.Context, key, value string) error {
	v.asked++
	if v.err != nil {
		return v.err
	}
	v.kept[key] = value
	return nil
}

func (v *vault) Delete(_ context.Context, key string) error { delete(v.kept, key); return nil }

func TestAccountKeepsTheTokenApart(t *testing.T) {
	v := &vault{kept: map[string]string{}}
	path := filepath.Join(t.TempDir(), "session.json")
	a := &Account{Secrets: v, Path: path}
	// A session as the client makes it, with an owner that it checks.
	var s libre.Session
	require.NoError(t, a.Save(t.Context(), s))
	s.Token, s.AccountID, s.NotBefore = "token-secret", "id-secret", time.Unix(1e9, 0).UTC()
	require.NoError(t, a.Save(t.Context(), s))
	var public libre.Session
	_, err := settings.LoadState(path, &public)
	require.NoError(t, err)
	require.Empty(t, public.Token)
	require.Empty(t, public.AccountID)
	require.Equal(t, s.NotBefore, public.NotBefore)
	require.Contains(t, v.kept[secretToken], "token-secret")

	// Somebody else's credentials get no token, but the wait still holds.
	got, err := (&Account{Secrets: v, Path: path}).Load(t.Context(), libre.Credentials{Email: "other@example.org"})
	require.NoError(t, err)
	require.Empty(t, got.Token)
	require.Equal(t, s.NotBefore, got.NotBefore)

	require.NoError(t, a.Forget(t.Context()))
	require.Empty(t, v.kept)
	require.NoFileExists(t, path)
}

// A keyring that refuses is asked once for each token, not with each request.
func TestRefusingKeyringIsLeftAlone(t *testing.T) {
	var log bytes.Buffer
	v := &vault{err: settings.ErrLocked}
	a := &Account{Secrets: v, Path: filepath.Join(t.TempDir(), "s"), Log: slog.New(slog.NewTextHandler(&log, nil))}
	for range 10 {
		require.NoError(t, a.Save(t.Context(), libre.Session{Token: "one"}))
	}
	require.Equal(t, 1, v.asked)
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.NotContains(t, log.String(), "one\"")
}

func TestCredentials(t *testing.T) {
	t.Setenv("LLUTRAY_EMAIL", "")
	t.Setenv("LLUTRAY_PASSWORD", "")
	kind := func(err error) glucose.FaultKind { return glucose.AsFault(err).Kind }
	for _, err := range []error{nil, settings.ErrNoKeyring} {
		_, got := (&Account{Secrets: &vault{err: err}}).Credentials(t.Context())
		require.Equal(t, glucose.SignedOut, kind(got))
		require.NoError(t, glucose.AsFault(got).Err, "nobody signed in: no trouble behind it")
	}
	_, err := (&Account{Secrets: &vault{err: settings.ErrLocked}}).Credentials(t.Context())
	require.ErrorIs(t, err, settings.ErrLocked)

	v := &vault{kept: map[string]string{}}
	a := &Account{Secrets: v}
	want := libre.Credentials{Email: "a@example.org", Password: "p"}
	require.NoError(t, a.Remember(t.Context(), want))
	got, err := a.Credentials(t.Context())
	require.NoError(t, err)
	require.True(t, got == want)

	v.kept[secretCredentials] = "{"
	_, err = a.Credentials(t.Context())
	require.Error(t, err)
	require.False(t, errors.Is(err, settings.ErrNotFound))

	t.Setenv("LLUTRAY_EMAIL", " env@example.org ")
	t.Setenv("LLUTRAY_PASSWORD", "q")
	got, err = a.Credentials(t.Context())
	require.NoError(t, err)
	require.Equal(t, "env@example.org", got.Email, "the environment wins")
}

// What is started later, a player or a browser, must not inherit the password.
func TestHiddenCredentials(t *testing.T) {
	t.Setenv("LLUTRAY_EMAIL", "env@example.org")
	t.Setenv("LLUTRAY_PASSWORD", "q")
	t.Cleanup(func() { taken.Store(nil) })
	HideCredentials()
	for _, kv := range os.Environ() {
		require.False(t, strings.HasPrefix(kv, "LLUTRAY_EMAIL") || strings.HasPrefix(kv, "LLUTRAY_PASSWORD"), kv)
	}
	got, err := (&Account{Secrets: &vault{}}).Credentials(t.Context())
	require.NoError(t, err)
	require.True(t, got == libre.Credentials{Email: "env@example.org", Password: "q"})
}
