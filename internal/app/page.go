package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/settings"
	"github.com/llutray/llutray/internal/tray"
)

// PageOptions are the parts of the local page.
type PageOptions struct {
	Clock Clock
	Speed float64 // of the clock; 0 for 1
	Paths settings.Paths
	Store PageStore
	Log   *slog.Logger // nil for none

	// SignIn begins a sign-in to an account, "" for the first, with the user's consent to a file or without;
	// nil where nobody can sign in.
	SignIn func(account string, file bool) *SignIn

	// Browse opens an address in the user's browser, and fails where there is
	// none; nil where it can't be tried.
	Browse func(address string) error
}

// Page is the local page of a running program: it shows what the loop shows,
// reads the store beside it, and hands the loop what the user asks.
type Page struct {
	opt    PageOptions
	log    *slog.Logger
	server *page.Server
	app    *App

	turn    sync.Mutex    // of the one sign-in at a time
	reading chan struct{} // one look into the store at a time

	mu      sync.Mutex  // guards what follows
	view    tray.View   // as last shown
	alarms  glance      // the same
	pending *SignIn     // waits for a yes to a legal step
	forget  *time.Timer // when it no longer does
}

// NewPage makes a page that nobody has opened yet. It belongs to one App.
func NewPage(o PageOptions) *Page {
	p := &Page{opt: o, log: o.Log, reading: make(chan struct{}, 1)}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	p.server = page.New(page.Options{Source: p, Log: p.log})
	return p
}

func (p *Page) attach(a *App) { p.app = a }

// Close tells the open pages that the program ends.
func (p *Page) Close() { p.server.Close() }

// show takes what the loop shows. It never blocks.
func (p *Page) show(v tray.View, g glance) {
	p.mu.Lock()
	p.view, p.alarms = v, g
	p.mu.Unlock()
	p.server.Changed()
}

// ErrNoBrowser tells that the page can be had, but not opened for the user.
var ErrNoBrowser error = lang.Error("no browser could be opened here; llutray page --print tells the address")

// Open opens the page at one of its parts in the user's browser.
func (p *Page) Open(view string) error {
	if p.opt.Browse == nil {
		return ErrNoBrowser
	}
	address, err := p.server.Address(view)
	if err != nil {
		return err
	}
	return p.opt.Browse(address)
}

// asked answers the command of another process: to print the address, or to
// open it.
func (p *Page) asked(how string) (string, error) {
	if how == PrintPage {
		return p.server.Address("")
	}
	if err := p.Open(""); err != nil {
		return "", err
	}
	return lang.T("The page of llutray opens in your browser."), nil
}

// PrintPage asks the command "page" for the address alone.
const PrintPage = "print"

// openPage opens the page for a click in the menu.
func (a *App) openPage(view string) {
	if a.opt.Page != nil {
		a.work(lang.Mark("llutray could not open its page"), func() error { return a.opt.Page.Open(view) })
	}
}

// showPage opens the page for a second start, where there is a browser; the
// message beside it says as much.
func (a *App) showPage() {
	if a.opt.Page == nil {
		return
	}
	a.start(func() {
		if err := a.opt.Page.Open(""); err != nil {
			a.log.Info("the page was not opened", "err", err)
		}
	})
}

// loopPatience is how long the page waits for the loop, which is never busy
// for long, and for what it hands to the desktop.
const loopPatience = 10 * time.Second

func busy() error {
	return &page.Problem{Message: lang.T("llutray is busy and did not answer."), Hint: lang.T("Try again in a moment.")}
}

// ask hands the loop a command and waits for its answer.
func (p *Page) ask(ctx context.Context, r Request) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, loopPatience)
	defer cancel()
	reply := make(chan Reply, 1)
	r.Reply = reply
	select {
	case p.app.asked <- r:
	case <-ctx.Done():
		return "", busy()
	}
	select {
	case a := <-reply:
		if a.Error != "" {
			return "", &page.Problem{Message: a.Error}
		}
		return a.Text, nil
	case <-ctx.Done():
		return "", busy()
	}
}
