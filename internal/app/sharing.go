package app

import (
	"context"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/notify"
)

// discreet is m as it may be seen by whoever the screen is shared with; nil
// when it need not differ.
func (a *App) discreet(p *person, m notify.Message, d alarm.Decision) *notify.Message {
	if a.opt.Shared == nil || !p.set.HideShared() {
		return nil
	}
	m.Title, m.Body = alarm.Text(d, "", p.set.Unit, alarm.ContentFree)
	m.Icon = nil
	return &m
}

// fitForScreen asks at the last moment whether the screen is shared. Where
// nobody can tell the message says all it may: an alarm without its news is
// the lesser alarm.
func (a *App) fitForScreen(ctx context.Context, d delivery) notify.Message {
	if d.discreet != nil && a.opt.Shared != nil {
		if shared, known := a.opt.Shared(ctx); shared && known {
			return *d.discreet
		}
	}
	return d.message
}
