package app

import (
	"strings"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Trouble is how something does that carries values elsewhere: a broker, an
// upload.
type Trouble struct {
	Of   string // "MQTT", and then what is wrong
	Text string // for people: what is wrong, then what to do; "" when all is well
}

// failing is a trouble that has not ended since.
type failing struct {
	Trouble
	since time.Time
}

// lasts is how long a trouble of an output is left alone. It keeps no alarm from
// the user, and brokers and sites are restarted.
const lasts = 10 * time.Minute

// lookAtOutputs asks how those do who are told of values elsewhere.
func (a *App) lookAtOutputs(now time.Time) {
	if a.opt.Troubles == nil {
		return
	}
	before := a.state.failing
	a.state.failing = nil
	for _, t := range a.opt.Troubles() {
		if t.Text == "" {
			continue
		}
		f := failing{t, now}
		for _, old := range before {
			if old.Of == t.Of {
				f.since = old.since
			}
		}
		a.state.failing = append(a.state.failing, f)
	}
}

// failingOutput is the first trouble of an output that lasts, in one line.
func (s *state) failingOutput(now time.Time) string {
	for _, f := range s.failing {
		if now.Sub(f.since) >= lasts {
			return lang.F("%s: %s", lang.T(f.Of), f.Text) // marked where it is named
		}
	}
	return ""
}

// outputsText has a line each for what carries values elsewhere, name and
// trouble with a tab between, for `llutray check`.
func (a *App) outputsText() string {
	if a.opt.Troubles == nil {
		return ""
	}
	var lines []string
	for _, t := range a.opt.Troubles() {
		lines = append(lines, t.Of+"\t"+strings.ReplaceAll(t.Text, "\n", " "))
	}
	return strings.Join(lines, "\n")
}
