// Package hook runs a command of the user's own when something happens: an
// alarm, a fault, a reading.
//
// The command gets the event as JSON on its standard input and, flattened, in
// its environment. That holds a name and glucose values: who is given them is
// the user's choice of command. It is run as it is written, word for word,
// never through a shell, so that no name of a person can become a command; one
// at a time, within a deadline, and nothing waits for it. It inherits the
// environment of the program without what the program itself is told there,
// which may be a password.
package hook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/llutray/llutray/internal/lang"
)

const (
	// Deadline is how long the command may run. It and what it has started are
	// ended then.
	Deadline = 30 * time.Second
	// mostOutput is what is kept of what it says, for the log.
	mostOutput = 4 << 10
	// mostWaiting bounds what waits while the command runs.
	mostWaiting = 32
	prefix      = "LLUTRAY_"
)

// Options say what is run when.
type Options struct {
	Argv   []string      // the command and its arguments, see Words
	Events []string      // that it is run for, as the JSON's "event" names them
	Wait   time.Duration // 0 for Deadline
	Log    *slog.Logger  // nil for none
	// Failed is told when the command could not be run or failed, and with nil
	// when it worked again. May be nil.
	Failed func(error)
}

// Hook runs the command.
type Hook struct {
	opt  Options
	poke chan struct{} // capacity 1

	mu      sync.Mutex
	waiting []event
}

type event struct {
	name    string
	payload []byte
}

// New makes a Hook; Run makes it work.
func New(o Options) *Hook {
	if o.Wait == 0 {
		o.Wait = Deadline
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	return &Hook{opt: o, poke: make(chan struct{}, 1)}
}

// reading is the event of which only the latest is of interest.
const reading = "reading"

// Fire runs the command for an event, soon; e is what the JSON is made of, and
// its name is in "event". It never waits.
func (h *Hook) Fire(e any) {
	payload, err := json.Marshal(e)
	var head struct {
		Event string `json:"event"`
	}
	if err != nil || json.Unmarshal(payload, &head) != nil || !slices.Contains(h.opt.Events, head.Event) || len(h.opt.Argv) == 0 {
		return
	}
	h.mu.Lock()
	h.waiting = slices.DeleteFunc(h.waiting, func(w event) bool { return w.name == reading && head.Event == reading })
	full := len(h.waiting) >= mostWaiting
	if !full {
		h.waiting = append(h.waiting, event{head.Event, payload})
	}
	h.mu.Unlock()
	if full {
		h.opt.Log.Warn("the hook's command is too slow: an event was left out", "event", head.Event)
		return
	}
	select {
	case h.poke <- struct{}{}:
	default:
	}
}

// Run runs the command for one event after the other until ctx ends.
func (h *Hook) Run(ctx context.Context) {
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.poke:
		}
		for ctx.Err() == nil {
			h.mu.Lock()
			if len(h.waiting) == 0 {
				h.mu.Unlock()
				break
			}
			e := h.waiting[0]
			h.waiting = h.waiting[1:]
			h.mu.Unlock()
			err := h.run(ctx, e)
			if ctx.Err() != nil {
				return
			}
			if err != nil || failed {
				h.opt.Failed(err)
			}
			failed = err != nil
		}
	}
}

func (h *Hook) run(ctx context.Context, e event) error {
	ctx, cancel := context.WithTimeout(ctx, h.opt.Wait)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.opt.Argv[0], h.opt.Argv[1:]...)
	cmd.Env = append(inherited(os.Environ()), Environment(e.payload)...)
	cmd.Stdin = bytes.NewReader(append(slices.Clone(e.payload), '\n'))
	said := &bounded{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.WaitDelay = time.Second
	tame(cmd)
	begun := time.Now()
	err := cmd.Run()
	h.opt.Log.Debug("the hook's command was run", "event", e.name, "took", time.Since(begun), "output", string(said.kept), "err", err)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = fmt.Errorf("the hook's command did not end within %s", h.opt.Wait)
	case errors.As(err, &exit):
		err = fmt.Errorf("the hook's command failed (%w)", exit)
	default:
		err = errors.New("the hook's command cannot be started: look whether the file is there and may be run")
	}
	h.opt.Log.Warn(err.Error(), "event", e.name)
	return err
}

// inherited is an environment without the program's own settings, which may
// be a password.
func inherited(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(strings.ToUpper(v), prefix) })
}

// Environment is an event's JSON as variables: each value under its path,
// {"reading":{"mgdl":62}} as LLUTRAY_READING_MGDL=62. Null is empty.
func Environment(payload []byte) (out []string) {
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil {
		return nil
	}
	flatten(strings.TrimSuffix(prefix, "_"), v, &out)
	slices.Sort(out)
	return out
}

func flatten(name string, v any, out *[]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(name+"_"+strings.ToUpper(k), x, out)
		}
	case nil:
		*out = append(*out, name+"=")
	case []any: // none of the events holds a list
	default:
		*out = append(*out, name+"="+strings.ReplaceAll(fmt.Sprint(v), "\x00", ""))
	}
}

// bounded keeps the beginning of what is written to it. It embeds no buffer, which would offer ways around Write.
type bounded struct{ kept []byte }

func (b *bounded) Write(p []byte) (int, error) {
	b.kept = append(b.kept, p[:min(len(p), mostOutput-len(b.kept))]...)
	return len(p), nil
}

// Words splits a command as it is written in the settings: words apart by
// blanks, and "…" or '…' keeps blanks. There are no variables, patterns or
// pipes: it is no shell.
func Words(text string) (out []string, err error) {
	var word strings.Builder
	open, started := rune(0), false
	for _, r := range text {
		switch {
		case open != 0 && r == open:
			open = 0
		case open != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			open, started = r, true
		case unicode.IsSpace(r):
			if started {
				out = append(out, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if open != 0 {
		return nil, lang.E("a %c is not closed", open)
	}
	if started {
		out = append(out, word.String())
	}
	if len(out) > 0 && strings.ContainsAny(out[0], `/\`) && !filepath.IsAbs(out[0]) {
		return nil, lang.E("write the whole path of the command, not %s", out[0])
	}
	return out, nil
}
