package settings

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/adrg/xdg"

	"github.com/llutray/llutray/internal/lang"
)

// Paths says where everything is kept.
type Paths struct {
	Settings string // settings.toml, for people
	History  string // history.db, SQLite
	Secrets  string // secrets.json, only with consent and without a keyring
	State    string // state.json: episodes, snoozes, deliveries
	Screen   string // screen.json: which messages are on the screen, by the desktop's numbers
	Session  string // session.json: what of the sign-in is no secret
	Log      string // llutray.log
	Lock     string // held by the running program
	Control  string // socket of the running program
	Sounds   string // a folder for sound files that players can open
}

var reload sync.Mutex

// DefaultPaths returns the user's own places as the platform has them: the
// XDG folders on Linux, Application Support on macOS, AppData on Windows.
// Nothing is made.
func DefaultPaths() Paths {
	reload.Lock()
	defer reload.Unlock()
	xdg.Reload() // the library reads the environment at its init only
	return paths(
		filepath.Join(xdg.ConfigHome, "llutray"),
		filepath.Join(xdg.DataHome, "llutray"),
		filepath.Join(xdg.StateHome, "llutray"),
	)
}

// PathsUnder returns places below one folder, for the demo and for tests, which
// must not touch what is the user's.
func PathsUnder(root string) Paths {
	return paths(filepath.Join(root, "config"), filepath.Join(root, "data"), filepath.Join(root, "state"))
}

func paths(config, data, state string) Paths {
	return Paths{
		Settings: filepath.Join(config, "settings.toml"),
		History:  filepath.Join(data, "history.db"),
		Secrets:  filepath.Join(data, "secrets.json"),
		State:    filepath.Join(state, "state.json"),
		Screen:   filepath.Join(state, "screen.json"),
		Session:  filepath.Join(state, "session.json"),
		Log:      filepath.Join(state, "llutray.log"),
		// Not in the runtime folder, whose place changes between versions of
		// the library: two versions of llutray must meet at one lock.
		Lock:    filepath.Join(state, "llutray.lock"),
		Control: filepath.Join(state, "control.sock"),
		Sounds:  filepath.Join(state, "sounds"),
	}
}

// SessionOf is Session for an account; that of "" is the first one's.
func (p Paths) SessionOf(account string) string {
	if account == "" {
		return p.Session
	}
	return filepath.Join(filepath.Dir(p.Session), "session-"+account+".json")
}

// Make makes the folders that are missing, for this user alone.
func (p Paths) Make() error {
	for _, file := range []string{p.Settings, p.History, p.State} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return lang.E("the folder for %s cannot be made: %w", filepath.Base(file), err)
		}
	}
	return nil
}
