package settings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// ChildKeyring asks the desktop's keyring from a short-lived process of our
// own program. A keyring that hangs, or prompts, hangs that process, which
// ends at its deadline; and a signal of the prompt never reaches the bus
// connection of the tray, where it would end the tray's registration.
type ChildKeyring struct {
	Exe  []string      // the command whose process calls ServeKeyring
	Wait time.Duration // the deadline; 0 for 5 s, in which the child's own 3 s fit
}

const childWait = 5 * time.Second

// reply is what the child says on its standard output.
type reply struct {
	Value string `json:"value,omitempty"`
	Fault string `json:"fault,omitempty"` // see faults; "" when all went well
	Text  string `json:"text,omitempty"`  // why, for a log
}

var faults = map[string]error{"not_found": ErrNotFound, "no_keyring": ErrNoKeyring, "locked": ErrLocked}

// Get returns a secret, or ErrNotFound.
func (c ChildKeyring) Get(ctx context.Context, key string) (string, error) {
	return c.run(ctx, "", "get", key)
}

// Set keeps a secret. It goes through a pipe: arguments can be seen by others.
func (c ChildKeyring) Set(ctx context.Context, key, value string) error {
	_, err := c.run(ctx, value, "set", key)
	return err
}

// Delete forgets a secret; ErrNotFound when there is none.
func (c ChildKeyring) Delete(ctx context.Context, key string) error {
	_, err := c.run(ctx, "", "delete", key)
	return err
}

func (c ChildKeyring) run(ctx context.Context, input string, args ...string) (string, error) {
	if err := findBus(); err != nil {
		return "", err // without a process for nothing
	}
	wait := c.Wait
	if wait == 0 {
		wait = childWait
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	all := append(append([]string{}, c.Exe...), args...)
	cmd := exec.CommandContext(ctx, all[0], all[1:]...)
	cmd.Stdin = bytes.NewReader([]byte(input))
	cmd.WaitDelay = time.Second // when something the child started holds its output
	hideWindow(cmd)
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", ErrLocked
	}
	var r reply
	if json.Unmarshal(out, &r) != nil {
		if err == nil {
			err = errors.New("it said nothing")
		}
		return "", lang.E("the keyring could not be asked: %w", err)
	}
	if fault, ok := faults[r.Fault]; ok {
		if r.Text != "" {
			return "", fmt.Errorf("%w (%s)", fault, r.Text)
		}
		return "", fault
	}
	if r.Fault != "" {
		return "", lang.E("the secret could not be kept: %s", r.Text)
	}
	return r.Value, nil
}

// ServeKeyring is the child's side of ChildKeyring: it does what args say,
// "get", "set" or "delete" and a key, with the value on standard input, and
// returns the exit code. The process should end then.
func ServeKeyring(args []string, in io.Reader, out io.Writer) int {
	r, err := serve(args, in)
	if err != nil {
		r = reply{Fault: "failed", Text: err.Error()}
		for name, fault := range faults {
			if errors.Is(err, fault) {
				r = reply{Fault: name, Text: detail(err, fault)}
			}
		}
	}
	if json.NewEncoder(out).Encode(r) != nil || err != nil {
		return 1
	}
	return 0
}

// detail is what an error adds to the fault it wraps.
func detail(err, fault error) string {
	text := bytes.TrimPrefix([]byte(err.Error()), []byte(fault.Error()))
	return string(bytes.Trim(text, " ()"))
}

func serve(args []string, in io.Reader) (reply, error) {
	if len(args) != 2 || args[1] == "" {
		return reply{}, errors.New("usage: keyring get|set|delete KEY")
	}
	ctx, key := context.Background(), args[1]
	switch args[0] {
	case "get":
		v, err := DesktopKeyring{}.Get(ctx, key)
		return reply{Value: v}, err
	case "set":
		v, err := io.ReadAll(in)
		if err != nil {
			return reply{}, err
		}
		return reply{}, DesktopKeyring{}.Set(ctx, key, string(v))
	case "delete":
		return reply{}, DesktopKeyring{}.Delete(ctx, key)
	}
	return reply{}, fmt.Errorf("there is no %q: use get, set or delete", args[0])
}
