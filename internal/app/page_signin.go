package app

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/settings"
)

// stepPatience is how long a sign-in waits for a yes to a legal step; then the
// password is forgotten.
const stepPatience = 10 * time.Minute

// ofDemo is what a demo says to a sign-in.
func ofDemo() error {
	return &page.Problem{Message: lang.T("The demo has an account of its own."), Hint: lang.T("Quit it and start llutray without demo to sign in.")}
}

// SignIn sends the password, as the user asked. What was pending is dropped.
func (p *Page) SignIn(ctx context.Context, q page.SignIn) (page.SignInAnswer, error) {
	if p.opt.SignIn == nil {
		return page.SignInAnswer{}, ofDemo()
	}
	if !p.turn.TryLock() {
		return page.SignInAnswer{}, signing()
	}
	defer p.turn.Unlock()
	p.wait(nil)
	cred := libre.Credentials{Email: strings.TrimSpace(q.Email), Password: q.Password}
	if cred.Email == "" || cred.Password == "" {
		return page.SignInAnswer{}, &page.Problem{Message: lang.T("Both an e-mail address and a password are needed.")}
	}
	name := strings.TrimSpace(q.Account)
	if name == settings.FirstAccount {
		name = ""
	}
	s := p.opt.SignIn(name, q.File)
	s.Reload = func(ctx context.Context) error {
		_, err := p.ask(ctx, Request{Command: "reload", Kind: name})
		return err
	}
	if err := s.Check(ctx); err != nil {
		if errors.Is(err, settings.ErrLocked) || q.File {
			return page.SignInAnswer{}, problem(err)
		}
		return page.SignInAnswer{Status: page.NoKeyring, Message: err.Error()}, nil
	}
	return p.goOn(ctx, s, s.Start(ctx, cred, strings.TrimSpace(q.Region)))
}

func signing() error {
	return &page.Problem{Message: lang.T("A sign-in is under way already."), Hint: lang.T("Wait for it to end.")}
}

// Accept accepts the legal step that the user was shown and said yes to.
func (p *Page) Accept(ctx context.Context) (page.SignInAnswer, error) {
	if !p.turn.TryLock() {
		return page.SignInAnswer{}, signing()
	}
	defer p.turn.Unlock()
	s := p.wait(nil)
	if s == nil {
		return page.SignInAnswer{}, &page.Problem{Message: lang.T("No sign-in waits for a yes any more."), Hint: lang.T("Sign in again.")}
	}
	return p.goOn(ctx, s, s.Accept(ctx))
}

// goOn tells how far a sign-in has come: to a legal step, or to its end.
func (p *Page) goOn(ctx context.Context, s *SignIn, err error) (page.SignInAnswer, error) {
	if err != nil {
		if step, pending := s.Step(); pending {
			p.wait(s)
			return page.SignInAnswer{Status: page.LegalStep, Step: &page.Step{Title: step.Title}}, nil
		}
		return page.SignInAnswer{}, signInProblem(err)
	}
	first, err := s.Keep(ctx)
	if err != nil {
		return page.SignInAnswer{}, problem(err)
	}
	if err := s.Reload(ctx); err != nil {
		return page.SignInAnswer{}, err
	}
	a := page.SignInAnswer{Status: page.SignedIn, Message: lang.T("Signed in."), People: []page.Shared{}, Offer: []page.Offer{}}
	g, err := s.Greet(ctx, first)
	var f *glucose.Fault
	if errors.As(err, &f) && f.Kind == glucose.NotShared {
		a.Message = f.Message + " " + f.Hint // the sign-in holds; what is missing is on a phone
		return a, nil
	}
	if err != nil {
		return page.SignInAnswer{}, signInProblem(err)
	}
	for _, x := range g.People {
		a.People = append(a.People, page.Shared{Name: x.Person.Name, Text: x.Text})
	}
	for _, o := range g.Offers {
		a.Offer = append(a.Offer, page.Offer{Key: o.Key, Label: o.label(g.Unit), Value: o.Value()})
	}
	return a, nil
}

// wait keeps a sign-in that waits for a yes, and returns the one before. It is
// forgotten after a while, and its password with it.
func (p *Page) wait(s *SignIn) (before *SignIn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forget != nil {
		p.forget.Stop()
		p.forget = nil
	}
	before, p.pending = p.pending, s
	if s != nil {
		p.forget = time.AfterFunc(stepPatience, func() { p.wait(nil) })
	}
	return before
}

// loginCommand is the end of a hint in any language; French has a space before
// the colon.
var loginCommand = regexp.MustCompile(`[\s\x{A0}\x{202F}]*: llutray login\b`)

// signInProblem tells a refusal of the service as it tells it anywhere else;
// what is no fault is of this computer.
func signInProblem(err error) error {
	var f *glucose.Fault
	var wrong *settings.Error
	switch {
	case errors.As(err, &f):
		// The form is where that command would lead.
		return &page.Problem{Message: f.Message, Hint: loginCommand.ReplaceAllString(f.Hint, ".")}
	case errors.As(err, &wrong):
		return problem(err)
	}
	return err
}

// SignOut forgets the sign-in to an account, "" for the first; settings and
// history stay.
func (p *Page) SignOut(ctx context.Context, account string) error {
	if p.opt.SignIn == nil {
		return ofDemo()
	}
	p.wait(nil)
	if account == settings.FirstAccount {
		account = ""
	}
	s := p.opt.SignIn(account, false)
	s.Reload = func(ctx context.Context) error {
		_, err := p.ask(ctx, Request{Command: "reload", Kind: account})
		return err
	}
	if err := s.SignOut(ctx); err != nil {
		return signInProblem(err)
	}
	return nil
}
