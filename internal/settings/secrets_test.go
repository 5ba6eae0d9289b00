package settings_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/settings"
)

// memory is a keyring that can be made to fail.
type memory struct {
	values map[string]string
	fault  error
}

func (m *memory) Get(_ context.Context, key string) (string, error) {
	if m.fault != nil {
		return "", m.fault
	}
	if v, ok := m.values[key]; ok {
		return v, nil
	}
	return "", settings.ErrNotFound
}

func (m *memory) Set(_ context.Context, key, value string) error {
	if m.fault == nil {
		m.values[key] = value
	}
	return m.fault
}

func (m *memory) Delete(_ context.Context, key string) error {
	if m.fault != nil {
		return m.fault
	}
	if _, ok := m.values[key]; !ok {
		return settings.ErrNotFound
	}
	delete(m.values, key)
	return nil
}

func newSecrets(t *testing.T) (settings.Secrets, *memory) {
	m := &memory{values: map[string]string{}}
	return settings.Secrets{Keyring: m, File: filepath.Join(t.TempDir(), "llutray", "secrets.json")}, m
}

func get(t *testing.T, s settings.Secrets, key string) string {
	v, err := s.Get(ctx, key)
	require.NoError(t, err)
	return v
}

func TestSecretsUseTheKeyringAlone(t *testing.T) {
	s, m := newSecrets(t)
	s.AllowFile = true
	require.NoError(t, s.Check(ctx))
	_, err := s.Get(ctx, "token")
	require.ErrorIs(t, err, settings.ErrNotFound)
	require.NoError(t, s.Set(ctx, "token", "one"))
	require.Equal(t, "one", get(t, s, "token"))
	require.Equal(t, "one", m.values["token"])
	require.NoFileExists(t, s.File, "consent is not a wish")
	require.NoError(t, s.Delete(ctx, "token"))
	require.NoError(t, s.Delete(ctx, "token"), "forgetting twice is fine")
	require.Empty(t, m.values)
}

func TestNoFileWithoutConsent(t *testing.T) {
	for _, fault := range []error{settings.ErrNoKeyring, settings.ErrLocked} {
		s, m := newSecrets(t)
		m.fault = fault
		require.ErrorIs(t, s.Check(ctx), fault)
		require.ErrorIs(t, s.Set(ctx, "token", "one"), fault)
		_, err := s.Get(ctx, "token")
		require.ErrorIs(t, err, fault)
		require.NoFileExists(t, s.File)
	}
}

func TestFileWithConsent(t *testing.T) {
	s, m := newSecrets(t)
	m.fault = settings.ErrNoKeyring
	s.AllowFile = true
	require.NoError(t, s.Check(ctx))
	_, err := s.Get(ctx, "token")
	require.ErrorIs(t, err, settings.ErrNotFound)
	require.NoError(t, s.Set(ctx, "token", "one"))
	requireMode(t, s.File, 0o600)
	requireMode(t, filepath.Dir(s.File), 0o700)

	s.AllowFile = false // a later start: the consent was given
	require.NoError(t, s.Check(ctx))
	require.Equal(t, "one", get(t, s, "token"))
	require.NoError(t, s.Set(ctx, "token", "two"))
	require.NoError(t, s.Set(ctx, "credentials", "three"))
	require.Equal(t, "two", get(t, s, "token"))

	require.NoError(t, s.Delete(ctx, "token"))
	require.NoError(t, s.Delete(ctx, "credentials"))
	require.NoFileExists(t, s.File, "nothing left, no consent left")
	require.ErrorIs(t, s.Set(ctx, "token", "four"), settings.ErrNoKeyring)
}

// Wherever it was written last is where it is read, and a keyring that comes
// back takes over.
func TestNewestSecretWins(t *testing.T) {
	s, m := newSecrets(t)
	s.AllowFile = true
	require.NoError(t, s.Set(ctx, "token", "old"))
	m.fault = settings.ErrLocked
	require.NoError(t, s.Set(ctx, "token", "new"))
	require.Equal(t, "new", get(t, s, "token"))
	m.fault = nil
	require.Equal(t, "new", get(t, s, "token"), "not the keyring's older one")
	require.NoError(t, s.Set(ctx, "token", "newest"))
	require.Equal(t, "newest", m.values["token"])
	require.NoFileExists(t, s.File)
}

// A locked keyring is not an empty one: the user is asked to unlock it, and
// not to sign in again.
func TestLockedKeyringIsNotNotFound(t *testing.T) {
	s, m := newSecrets(t)
	s.AllowFile = true
	m.fault = settings.ErrLocked
	_, err := s.Get(ctx, "token")
	require.ErrorIs(t, err, settings.ErrLocked)
	require.ErrorIs(t, s.Delete(ctx, "token"), settings.ErrLocked)
}

func TestBadSecretsFile(t *testing.T) {
	s, _ := newSecrets(t)
	require.NoError(t, os.MkdirAll(filepath.Dir(s.File), 0o700))
	require.NoError(t, os.WriteFile(s.File, []byte(`{"token": "hunter2`), 0o600))
	_, err := s.Get(ctx, "token")
	require.ErrorContains(t, err, "damaged: remove "+s.File)
	require.NotContains(t, err.Error(), "hunter2")
	require.Error(t, s.Set(ctx, "token", "x"))

	require.NoError(t, os.WriteFile(s.File, []byte(`{"token": "hunter2"}`), 0o600))
	require.Equal(t, "hunter2", get(t, s, "token"))
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(s.File, 0o640))
		_, err = s.Get(ctx, "token")
		require.ErrorContains(t, err, "other users")
		require.ErrorContains(t, s.Check(ctx), "other users")
	}
}
