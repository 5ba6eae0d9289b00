package libre

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/llutray/llutray/internal/glucose"
)

// data makes one authenticated request, signing in before when there is no
// token and once after when the token is dead, and hands the answer's data to
// read.
func (c *Client) data(ctx context.Context, q call, read func(json.RawMessage) *glucose.Fault) *glucose.Fault {
	if f := c.acquire(ctx); f != nil {
		return f
	}
	defer c.release()
	defer c.persist()
	if f := c.session.heldAt(c.wall()); f != nil {
		return f
	}
	// The token's own date of expiry is not looked at: with a wrong clock
	// that would be a password sign-in each minute. The service says when
	// the token is dead.
	fresh := c.session.Token == ""
	if fresh {
		if f := c.automaticSignIn(ctx); f != nil {
			return f
		}
	}
	a, r, f := c.askData(ctx, q)
	if r == reasonDeadToken && !fresh {
		if f := c.automaticSignIn(ctx); f != nil {
			return f
		}
		a, r, f = c.askData(ctx, q)
	}
	switch {
	case r == reasonDeadToken:
		// The password is good and the token it gave is not. Asking for
		// another would be a loop, so data is asked for with this one.
		f = newFault(reasonRenewal, f.Err)
		c.session.holdSignIn(reasonRenewal, c.wall())
		return f
	case isStep(r):
		// Only a password sign-in gives a ticket that can be continued.
		return f
	case f != nil:
		return f
	}
	e, _ := parseEnvelope(a.body)
	c.session.settle()
	c.adoptTicket(e)
	return read(e.Data)
}

func (c *Client) askData(ctx context.Context, q call) (answer, reason, *glucose.Fault) {
	q.region, q.token, q.account = c.session.Region, c.session.Token, c.session.accountHeader()
	return c.ask(ctx, q)
}

// ask sends one request and judges the answer. When the service demands a
// newer version that can be had, the request is repeated once with it. The
// reason is "" exactly when the fault is nil.
func (c *Client) ask(ctx context.Context, q call) (answer, reason, *glucose.Fault) {
	for adopted := false; ; adopted = true {
		a, r, f := c.send(ctx, q)
		if f != nil {
			return a, r, f
		}
		v := judge(q.family, a, c.wall())
		if v.reason == reasonTooOld {
			v.reason = c.adoptVersion(v.version)
			if v.reason == "" && !adopted {
				continue
			}
			if v.reason == "" {
				v.reason = reasonTooOld
			}
		}
		if v.reason == "" {
			return a, "", nil
		}
		return a, v.reason, c.fault(q, a, v)
	}
}

// adoptTicket takes over the token that comes with an answer if it lives
// longer than ours. That way the password is hardly ever needed again.
func (c *Client) adoptTicket(e envelope) {
	if t := e.ticket(); t.token != "" && t.expires.After(c.session.TokenExpires) {
		c.session.Token, c.session.TokenExpires = t.token, t.expires
	}
}

func graphPath(personID string) (string, bool) {
	if personID == "" || personID == "." || personID == ".." {
		return "", false
	}
	return "/llu/connections/" + url.PathEscape(personID) + "/graph", true
}
