package settings

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"sync"

	"github.com/llutray/llutray/internal/lang"
)

// What a store of secrets fails with. All are sentences for the user.
var (
	// ErrNotFound means that no such secret is stored.
	ErrNotFound error = lang.Error("this secret is not stored")
	// ErrNoKeyring means that there is nothing to ask.
	ErrNoKeyring error = lang.Error("there is no keyring on this desktop: install and start one, such as gnome-keyring or KWallet")
	// ErrLocked means that the keyring did not answer in time or refused.
	ErrLocked error = lang.Error("the desktop's keyring is locked or does not answer: unlock it and try again")
)

// Keyring is a place for secrets.
type Keyring interface {
	Get(ctx context.Context, key string) (string, error)
	Set(ctx context.Context, key, value string) error
	Delete(ctx context.Context, key string) error
}

// Secrets keeps secrets in the desktop's keyring and, where there is none and
// only with the user's consent, in a file that no other user can read.
type Secrets struct {
	Keyring Keyring
	File    string // path; made only with AllowFile
	// AllowFile is the consent. A file that is there already was consented to
	// when it was made.
	AllowFile bool
}

// Get returns a secret, or ErrNotFound. The file is asked first: what it
// holds is newer, since a secret that the keyring takes leaves the file.
func (s Secrets) Get(ctx context.Context, key string) (string, error) {
	file, err := s.read()
	if err != nil {
		return "", err
	}
	if v, ok := file[key]; ok {
		return v, nil
	}
	v, err := s.Keyring.Get(ctx, key)
	if err != nil && errors.Is(err, ErrNoKeyring) && (s.AllowFile || file != nil) {
		return "", ErrNotFound // the file stands in for the keyring
	}
	return v, err
}

// Set keeps a secret.
func (s Secrets) Set(ctx context.Context, key, value string) error {
	file, err := s.read()
	if err != nil {
		return err
	}
	err = s.Keyring.Set(ctx, key, value)
	switch {
	case err == nil:
		return s.change(func(m map[string]string) { delete(m, key) })
	case !s.AllowFile && file == nil:
		return err
	}
	return s.change(func(m map[string]string) { m[key] = value })
}

// Delete forgets a secret wherever it is kept. Forgetting what is not there
// is no error.
func (s Secrets) Delete(ctx context.Context, key string) error {
	err := s.Keyring.Delete(ctx, key)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNoKeyring) {
		err = nil
	}
	return errors.Join(err, s.change(func(m map[string]string) { delete(m, key) }))
}

// Check tells whether a secret could be kept now, and if not, why.
func (s Secrets) Check(ctx context.Context) error {
	if file, err := s.read(); err != nil || s.AllowFile || file != nil {
		return err
	}
	_, err := s.Keyring.Get(ctx, "check")
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// changing keeps two changes of the file from losing one of them.
var changing sync.Mutex

// read returns the file's secrets, nil when there is no file.
func (s Secrets) read() (map[string]string, error) {
	if s.File == "" {
		return nil, nil
	}
	info, err := os.Stat(s.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, lang.E("the file with the secrets cannot be read: %w", err)
	}
	// Others may have read it already: use it no more until the user has
	// looked, as ssh does.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, lang.E("the file with the secrets can be read by other users of this computer: run chmod 600 %s", s.File)
	}
	text, err := os.ReadFile(s.File)
	if err != nil {
		return nil, lang.E("the file with the secrets cannot be read: %w", err)
	}
	m := map[string]string{}
	if err := json.Unmarshal(text, &m); err != nil {
		// The cause may quote the file.
		return nil, lang.E("the file with the secrets is damaged: remove %s and sign in again", s.File)
	}
	return m, nil
}

// change writes the file if f changes anything, and removes it when nothing
// is left: an empty file would stand for a consent.
func (s Secrets) change(f func(map[string]string)) error {
	changing.Lock()
	defer changing.Unlock()
	old, err := s.read()
	if err != nil {
		return err
	}
	m := maps.Clone(old)
	if m == nil {
		m = map[string]string{}
	}
	f(m)
	switch {
	case maps.Equal(m, old):
		return nil
	case len(m) == 0:
		return ignoreMissing(os.Remove(s.File))
	}
	if s.File == "" {
		return lang.E("there is no file for secrets")
	}
	text, err := json.Marshal(m)
	if err == nil {
		err = replaceFile(s.File, append(text, '\n'))
	}
	if err != nil {
		return lang.E("the file with the secrets cannot be written: %w", err)
	}
	return nil
}
