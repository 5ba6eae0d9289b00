package settings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"

	"github.com/llutray/llutray/internal/lang"
)

const (
	// service names our entries in the keyring.
	service = "llutray"
	// keyringWait is how long a keyring may take. One that answers does so
	// within tens of milliseconds; one that is locked waits for its owner.
	keyringWait = 3 * time.Second
	// partSize is what goes into one entry: Windows takes 2560 bytes, and
	// macOS a command of 4096 in which a value is a third longer.
	partSize = 2000
	// partsMark begins an entry that only says where the parts are.
	partsMark = "llutray-parts:"
	mostParts = 100
)

// DesktopKeyring is the keyring of the desktop, asked from this process. It
// shares the program's connection to the desktop's bus, and a question that
// hangs can't be taken back: use ChildKeyring where anything else is going on.
type DesktopKeyring struct{}

// Get returns a secret, or ErrNotFound.
func (DesktopKeyring) Get(ctx context.Context, key string) (string, error) {
	return ask(ctx, func() (string, error) { return getParts(key) })
}

// Set keeps a secret of any size up to 200 kB.
func (DesktopKeyring) Set(ctx context.Context, key, value string) error {
	_, err := ask(ctx, func() (string, error) { return "", setParts(key, value) })
	return err
}

// Delete forgets a secret; ErrNotFound when there is none.
func (DesktopKeyring) Delete(ctx context.Context, key string) error {
	_, err := ask(ctx, func() (string, error) { return "", deleteParts(key) })
	return err
}

// asking is held while a question is under way: as long as one hangs, all
// others fail at their deadline instead of hanging beside it.
var asking = make(chan struct{}, 1)

func ask(ctx context.Context, f func() (string, error)) (string, error) {
	if err := findBus(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, keyringWait)
	defer cancel()
	select {
	case asking <- struct{}{}:
	case <-ctx.Done():
		return "", ErrLocked
	}
	type answer struct {
		value string
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		defer func() { <-asking }()
		v, err := f()
		answered <- answer{v, keyringError(err)}
	}()
	select {
	case a := <-answered:
		return a.value, a.err
	case <-ctx.Done():
		return "", ErrLocked
	}
}

var settingBus sync.Mutex

// findBus fails at once where there is no session bus. The library would
// start one, a process that nobody ever ends.
func findBus() error {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return nil
	}
	settingBus.Lock()
	defer settingBus.Unlock()
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return nil
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	socket := filepath.Join(dir, "bus")
	if _, err := os.Stat(socket); dir == "" || err != nil {
		return ErrNoKeyring
	}
	return os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+dbus.EscapeBusAddressValue(socket))
}

// keyringError sorts what keyrings say into what the user can do. The
// library's own errors are texts, except for two.
func keyringError(err error) error {
	var e dbus.Error
	switch {
	case err == nil, errors.Is(err, ErrNotFound):
		return err
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return ErrNoKeyring
	case errors.As(err, &e) && strings.HasPrefix(e.Name, "org.freedesktop.Secret.Error."),
		strings.Contains(err.Error(), "unlock"), strings.Contains(err.Error(), "prompt"):
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	case runtime.GOOS == "windows" || runtime.GOOS == "darwin":
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	}
	return fmt.Errorf("%w (%w)", ErrNoKeyring, err)
}

// A value that is too long for one entry is kept in several. Their names hold
// a sum of the value, so that the parts of two values never mix: the entry
// itself is written last, and points to the old parts until then.

func setParts(key, value string) error {
	old, _ := keyring.Get(service, key) // nothing there is nothing to clean up
	head := value
	if len(value) > partSize || strings.HasPrefix(value, partsMark) {
		n := (len(value) + partSize - 1) / partSize
		if n > mostParts {
			return lang.E("a secret of %d bytes is too long for a keyring", len(value))
		}
		head = partsMark + strconv.Itoa(n) + ":" + sum(value)
		for i := range n {
			part := value[i*partSize : min(len(value), (i+1)*partSize)]
			if err := keyring.Set(service, partName(key, sum(value), i), part); err != nil {
				return err
			}
		}
	}
	if err := keyring.Set(service, key, head); err != nil {
		return err
	}
	if old != head {
		removeParts(key, old)
	}
	return nil
}

func getParts(key string) (string, error) {
	head, err := keyring.Get(service, key)
	if err != nil {
		return "", err
	}
	n, id, ok := readHead(head)
	if !ok {
		return head, nil
	}
	var b strings.Builder
	for i := range n {
		part, err := keyring.Get(service, partName(key, id, i))
		if err != nil {
			return "", err
		}
		b.WriteString(part)
	}
	if sum(b.String()) != id {
		return "", ErrNotFound // cut short: the same to the user as not there
	}
	return b.String(), nil
}

func deleteParts(key string) error {
	head, err := keyring.Get(service, key)
	if err != nil {
		return err
	}
	removeParts(key, head)
	return keyring.Delete(service, key)
}

func removeParts(key, head string) {
	n, id, ok := readHead(head)
	if !ok {
		return
	}
	for i := range n {
		_ = keyring.Delete(service, partName(key, id, i)) // what stays is never read
	}
}

func readHead(head string) (n int, id string, ok bool) {
	rest, ok := strings.CutPrefix(head, partsMark)
	if !ok {
		return 0, "", false
	}
	count, id, ok := strings.Cut(rest, ":")
	n, err := strconv.Atoi(count)
	return n, id, ok && err == nil && n > 0 && n <= mostParts
}

func partName(key, id string, i int) string { return fmt.Sprintf("%s.%s.%d", key, id, i) }

// sum is short and says nothing of a secret of this length.
func sum(value string) string {
	h := sha256.Sum256([]byte(value))
	return hex.EncodeToString(h[:8])
}
