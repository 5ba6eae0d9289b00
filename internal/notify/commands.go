//go:build !windows && !darwin

package notify

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// commands shows a message through the desktop's own programs, for when we
// cannot reach the notification service ourselves. beeep is not used on these
// systems: it would speak on the connection the tray lives on, launch a bus
// where there is none, wait without limit, and read text that begins with '-'
// as an option.
type commands struct {
	app string
	bus string

	mu      sync.Mutex
	cancels map[*exec.Cmd]context.CancelFunc
	wg      sync.WaitGroup
}

// aWhile is how long a command that stays may take to fail. One that still
// runs then is showing the message and ends with it.
const aWhile = 1500 * time.Millisecond

func newCommands(opts Options) *commands {
	return &commands{app: opts.AppName, bus: opts.BusAddress, cancels: map[*exec.Cmd]context.CancelFunc{}}
}

type command struct {
	name  string
	stays bool // may show the message itself, running as long as that is seen
	args  func(app string, m Message) []string
}

var known = []command{
	{"notify-send", false, func(app string, m Message) []string {
		expire := "-1"
		if m.Urgency == Critical || m.Resident {
			expire = "0"
		}
		urgency := [...]string{"low", "normal", "critical"}[min(max(m.Urgency, Low), Critical)]
		// The body is markup or not as the server has it; escaped text is
		// safe with both.
		return []string{"--app-name=" + app, "--urgency=" + urgency, "--expire-time=" + expire,
			"--", m.Title, markup.Replace(m.Body)}
	}},
	{"kdialog", true, func(_ string, m Message) []string {
		seconds := "10"
		if m.Urgency == Critical || m.Resident {
			seconds = "120"
		}
		// Rich text is guessed from tags, so none must look like one.
		return []string{"--title=" + m.Title, "--passivepopup=" + noTags.Replace(m.Title+"\n"+m.Body), "--", seconds}
	}},
}

var noTags = strings.NewReplacer("<", "\u2039", ">", "\u203a")

func (c *commands) available() (string, bool) {
	for _, k := range known {
		if k.name == "notify-send" && !c.haveBus() {
			continue
		}
		if _, err := exec.LookPath(k.name); err == nil {
			return k.name, true
		}
	}
	return "", false
}

func (c *commands) haveBus() bool { return c.bus != "" || sessionAddress() != "" }

// show tries one command after the other and returns the name of the one that
// took the message.
func (c *commands) show(ctx context.Context, m Message) (string, error) {
	m.Title, m.Body = inert(m.Title), inert(m.Body)
	err := lang.E("no command to show a message with")
	for _, k := range known {
		if k.name == "notify-send" && !c.haveBus() {
			continue
		}
		path, missing := exec.LookPath(k.name)
		if missing != nil {
			continue
		}
		if err = c.run(ctx, path, k.stays, k.args(c.app, m)); err == nil {
			return k.name, nil
		}
	}
	return "", err
}

func (c *commands) run(ctx context.Context, path string, stays bool, args []string) error {
	life, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(life, path, args...)
	cmd.WaitDelay = time.Second
	if c.bus != "" {
		cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+c.bus)
	} else if sessionAddress() == "" {
		// Or the command's own D-Bus library would launch a bus and leave it.
		cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS=disabled:")
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return err
	}
	c.mu.Lock()
	c.cancels[cmd] = cancel
	c.mu.Unlock()
	ended := make(chan error, 1)
	c.wg.Go(func() {
		ended <- cmd.Wait()
		cancel()
		c.mu.Lock()
		delete(c.cancels, cmd)
		c.mu.Unlock()
	})
	var shown <-chan time.Time // never, for a command that only passes the message on
	if stays {
		wait := time.NewTimer(aWhile)
		defer wait.Stop()
		shown = wait.C
	}
	select {
	case err := <-ended:
		return err
	case <-shown:
		return nil
	case <-ctx.Done():
		cancel()
		return ctx.Err()
	}
}

func (c *commands) close() {
	c.mu.Lock()
	running := slices.Collect(maps.Values(c.cancels))
	c.mu.Unlock()
	for _, cancel := range running {
		cancel()
	}
	c.wg.Wait()
}
