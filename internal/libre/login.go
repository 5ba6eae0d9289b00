package libre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Step is something the service wants confirmed before it lets the account in.
type Step struct {
	Type  string // "tou", "pp", "verifyEmail" or "unknown"
	Title string // for people
}

// Acceptable reports whether AcceptStep can confirm the step. The others have
// to be done in the official app or in the mailbox.
func (s Step) Acceptable() bool { return s.Type == "tou" || s.Type == "pp" }

// pendingStep is a step with what serves to continue it. The ticket lives an
// hour and opens nothing else: it is never used for data, and never stored.
type pendingStep struct {
	Step
	ticket string
	region string
	email  string
	taken  int // steps already accepted in this sign-in
}

// maxSteps bounds the chain of confirmations; two are known.
const maxSteps = 4

// SignIn signs in with the password because the user asked for it: unlike an
// automatic sign-in it may try credentials that were refused before, and need
// not rest after a failed one. What the service itself asked to wait for
// binds it like any other call.
//
// A fault of kind Terms leaves a step behind that PendingStep shows.
func (c *Client) SignIn(ctx context.Context) error {
	if f := c.acquire(ctx); f != nil {
		return f
	}
	defer c.release()
	defer c.persist()
	if f := c.session.heldAt(c.wall()); f != nil {
		return f
	}
	return errorOf(c.signIn(ctx, true))
}

// PendingStep is what the last sign-in found to be confirmed, if anything. It
// waits for a request under way.
func (c *Client) PendingStep() (Step, bool) {
	c.turn <- struct{}{}
	defer c.release()
	if c.pending == nil {
		return Step{}, false
	}
	return c.pending.Step, true
}

// AcceptStep confirms the pending step in the user's name. Call it only after
// the user read what it is and said yes. It finishes the sign-in; if the
// service wants another step, it returns the fault for that one, which
// PendingStep then shows.
func (c *Client) AcceptStep(ctx context.Context) error {
	if f := c.acquire(ctx); f != nil {
		return f
	}
	defer c.release()
	defer c.persist()
	if f := c.session.heldAt(c.wall()); f != nil {
		return f
	}
	return errorOf(c.acceptStep(ctx))
}

func (c *Client) acceptStep(ctx context.Context) *glucose.Fault {
	p := c.pending
	switch {
	case p == nil:
		return newFault(reasonNoStep, nil)
	case p.Type == "verifyEmail":
		return newFault(reasonVerifyEmail, nil)
	case !p.Acceptable():
		return newFault(reasonStepUnknown, nil)
	case p.ticket == "":
		c.pending = nil
		return newFault(reasonStepRefused, errors.New("continue: no ticket"))
	case p.taken >= maxSteps:
		c.pending = nil
		return newFault(reasonStepRefused, errors.New("continue: too many steps"))
	}
	q := call{family: familyContinue, method: http.MethodPost, path: "/auth/continue/" + p.Type, region: p.region, token: p.ticket}
	a, r, f := c.ask(ctx, q)
	if r == reasonStepExpired || r == reasonStepRefused {
		c.pending = nil
	}
	return c.finishLogin(a, r, f, login{region: p.region, email: p.email, taken: p.taken + 1})
}

// automaticSignIn signs in without having been asked to.
func (c *Client) automaticSignIn(ctx context.Context) *glucose.Fault {
	if f := c.session.signInHeldAt(c.wall()); f != nil {
		return f
	}
	before := c.session.SignedIn
	if f := c.signIn(ctx, false); f != nil {
		if c.session.NextSignIn.After(c.wall()) {
			f.SignIn = c.session.NextSignIn
		}
		return f
	}
	// Tokens last for months. Where they do not, a sign-in a minute would
	// get the account locked: after the second in a row there is a rest.
	if gap := c.session.SignedIn.Sub(before); gap <= signInSpacing {
		c.session.NextSignIn = c.session.SignedIn.Add(signInSpacing)
		c.session.SignInHeld, c.session.Noted = string(reasonRenewal), c.session.SignedIn
	}
	return nil
}

const signInSpacing = 15 * time.Minute

// login is one sign-in on its way.
type login struct {
	region string
	email  string
	taken  int
}

// signIn does the password sign-in, following the service to the account's
// region.
func (c *Client) signIn(ctx context.Context, asked bool) *glucose.Fault {
	cr, f := c.readCredentials(ctx)
	if f != nil {
		return f
	}
	if !asked && c.session.wasRefused(cr) {
		return newFault(reasonPassword, errors.New("not asked: these credentials were refused before"))
	}
	c.pending = nil
	body, err := json.Marshal(map[string]string{"email": cr.Email, "password": cr.Password})
	if err != nil {
		return newFault(reasonNonsense, errors.New("login: the credentials are not text"))
	}
	// net/http repeats a GET, but no POST, when a kept connection turns out
	// to be closed by the other side.
	c.http.CloseIdleConnections()
	l := login{region: c.signInRegion(cr.Email), email: cr.Email}
	visited := []string{l.region}
	for {
		a, r, f := c.ask(ctx, call{family: familyLogin, method: http.MethodPost, path: "/llu/auth/login", region: l.region, body: body})
		next, redirected := "", false
		if f == nil {
			next, redirected = readRedirect(a.body)
		}
		if !redirected {
			if r == reasonPassword {
				c.session.ensureSalt()
				c.session.Refused = c.session.refusedPrint(cr)
			}
			return c.finishLogin(a, r, f, l)
		}
		if r := followRegion(next, visited); r != "" {
			c.session.holdSignIn(r, c.wall())
			return newFault(r, fmt.Errorf("login: redirect number %d", len(visited)))
		}
		visited = append(visited, next)
		l.region = next
	}
}

func (c *Client) readCredentials(ctx context.Context) (Credentials, *glucose.Fault) {
	cr, err := c.credentials(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return cr, newFault(reasonCancelled, ctx.Err())
		}
		var f *glucose.Fault
		if errors.As(err, &f) {
			return cr, f // the store knows better what is wrong with it
		}
		return cr, newFault(reasonCredentials, fmt.Errorf("credentials: %w", err))
	}
	// A space around an address is a slip; in a password it may be meant.
	cr.Email = strings.TrimSpace(cr.Email)
	if cr.Email == "" || cr.Password == "" {
		return cr, newFault(reasonSignedOut, nil)
	}
	return cr, nil
}

// finishLogin takes the last answer of a sign-in, by password or by step.
func (c *Client) finishLogin(a answer, r reason, f *glucose.Fault, l login) *glucose.Fault {
	now := c.wall()
	if f == nil {
		if c.takeLogin(a.body, l, now) {
			return nil
		}
		r = reasonNonsense
		f = newFault(r, errors.New("login: neither token nor step nor region in the answer"))
	}
	if isStep(r) || r == reasonLocked || r == reasonPending {
		c.settleRegion(l) // the account was known there
	}
	if isStep(r) {
		step, ticket := readStep(a.body)
		c.pending = &pendingStep{Step: step, ticket: ticket, region: l.region, email: l.email, taken: l.taken}
	}
	c.session.holdSignIn(r, now)
	return f
}

// settleRegion remembers where the account lives although the sign-in is not
// through yet, unless a token of another account still works elsewhere.
func (c *Client) settleRegion(l login) {
	s := &c.session
	s.ensureSalt()
	if s.Token == "" {
		s.Owner = s.ownerOf(l.email)
	}
	if s.owns(l.email) {
		s.Region = l.region
	}
}

// takeLogin stores a successful sign-in.
func (c *Client) takeLogin(body []byte, l login, now time.Time) bool {
	t, userID := readLogin(body)
	if t.token == "" || userID == "" {
		return false
	}
	s := &c.session
	s.ensureSalt()
	s.Owner, s.Region = s.ownerOf(l.email), l.region
	s.Token, s.TokenExpires, s.AccountID = t.token, t.expires, userID
	s.SignedIn, s.NextSignIn, s.SignInHeld, s.SignInFailures = now, time.Time{}, "", 0
	s.Refused = ""
	s.settle()
	c.pending, c.invited = nil, readInvited(body)
	return true
}
