// Package libre reads glucose from LibreLinkUp, the service through which a
// person's Libre app shares values with followers.
//
// The interface is the one the vendor's own apps used up to version 4. It is
// undocumented and may change without notice, so every answer is treated as
// hearsay: fields are decoded one by one, a missing one withholds what hangs
// on it, and nothing is ever made up.
//
// The service locks accounts that sign in too often. Client therefore signs
// in with the password only when it has no token that works, never twice with
// credentials that were refused, and keeps what it was told to wait for in a
// [Session] that the caller stores: until then every call is answered locally,
// over restarts as well.
//
// # Errors
//
// Every error of a Client's methods is a [*glucose.Fault]. Neither faults nor
// log lines hold a password, a token, an account, a name or a value.
package libre

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/llutray/llutray/internal/glucose"
)

// Credentials are what a person signs in with.
type Credentials struct {
	Email    string
	Password string
}

// Options are what a Client needs.
type Options struct {
	// Server replaces the vendor's hosts: a base URL in which "{region}"
	// stands for the region's code. Empty means the vendor's.
	Server string
	// Region is the user's choice of a region, "" to let the service tell.
	// The services of Russia ("ru") and China ("cn") are reached only this
	// way: their hosts are of other domains, and no answer of a server may
	// send a password there.
	Region string
	// Credentials is asked only when a password is needed. Empty fields mean
	// that nobody has signed in. Its errors must not hold secrets; one that
	// is a glucose.Fault is passed on as it is.
	Credentials func(context.Context) (Credentials, error)
	// Session is what Save was last given.
	Session Session
	// Save stores the session, which holds the token and has to be kept like
	// a password. It is called by the goroutine of the request, and only
	// when something worth keeping changed. May be nil.
	Save func(Session) error
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log gets one debug line a request; nil means none.
	Log *slog.Logger
	// Proxy is an address like http://proxy.example.org:3128, or NoProxy. ""
	// goes by the environment: HTTPS_PROXY and NO_PROXY.
	Proxy string
	// Dial takes the place of the network, for a server without one; nil means
	// the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client follows one LibreLinkUp account. It is safe for concurrent use and
// makes one request at a time: a call waits for the one under way.
type Client struct {
	servers     servers
	preset      string // the user's region
	credentials func(context.Context) (Credentials, error)
	save        func(Session) error
	now         func() time.Time
	log         *slog.Logger
	http        *http.Client
	deadline    time.Duration // of one request
	portalURL   func(host string) string

	turn        chan struct{} // holds one token; whoever has it owns the fields below
	last        time.Time     // call, with its monotonic part
	session     Session
	saved       Session
	ticketSaved time.Time
	pending     *pendingStep
	invited     bool // at the last sign-in an invitation waited
}

// New checks the options. It makes no request.
func New(o Options) (*Client, error) {
	srv, err := newServers(o.Server)
	if err != nil {
		return nil, err
	}
	if err := checkPreset(o.Region); err != nil {
		return nil, err
	}
	if err := checkProxy(o.Proxy); err != nil {
		return nil, err
	}
	c := &Client{
		servers:     srv,
		preset:      o.Region,
		credentials: o.Credentials,
		save:        o.Save,
		now:         o.Now,
		log:         o.Log,
		http:        newHTTPClient(o.Dial),
		deadline:    requestDeadline,
		portalURL:   portalURL,
		turn:        make(chan struct{}, 1),
		session:     o.Session,
		saved:       o.Session,
	}
	if t, ok := c.http.Transport.(*http.Transport); ok {
		t.Proxy, t.OnProxyConnectResponse = proxyFor(o.Proxy), minded
	}
	if c.credentials == nil {
		c.credentials = func(context.Context) (Credentials, error) { return Credentials{}, nil }
	}
	if c.save == nil {
		c.save = func(Session) error { return nil }
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Current fetches the newest reading of everyone who shares with the account,
// in one light request. A person without a reading has a nil Current.
func (c *Client) Current(ctx context.Context) ([]glucose.Snapshot, error) {
	var out []glucose.Snapshot
	f := c.data(ctx, call{family: familyConnections, path: "/llu/connections"}, func(data json.RawMessage) *glucose.Fault {
		var f *glucose.Fault
		out, f = readConnections(data, c.wall())
		if f != nil && f.Kind == glucose.NotShared && c.invited {
			return newFault(reasonInvited, nil)
		}
		return f
	})
	return out, errorOf(f)
}

// Graph fetches the newest reading of one person and the service's own
// history of the twelve hours before it, oldest first, as readings of
// origin [glucose.Graph]. The history ends some twenty minutes before the
// newest reading and is smoothed.
func (c *Client) Graph(ctx context.Context, personID string) (glucose.Snapshot, error) {
	path, ok := graphPath(personID)
	if !ok {
		return glucose.Snapshot{}, newFault(reasonRevoked, errNoPerson)
	}
	var out glucose.Snapshot
	f := c.data(ctx, call{family: familyGraph, path: path}, func(data json.RawMessage) *glucose.Fault {
		var f *glucose.Fault
		out, f = readGraph(data, personID, c.wall())
		return f
	})
	return out, errorOf(f)
}

// Session is the present session, for a last save before the program ends.
// It waits for a request under way.
func (c *Client) Session() Session {
	c.turn <- struct{}{}
	defer c.release()
	return c.session
}

// SignOut forgets the token and whose it was, and saves that. What the
// service asked to wait for stays. It waits for a request under way; an error
// means that the token may still be stored.
func (c *Client) SignOut() error {
	c.turn <- struct{}{}
	defer c.release()
	c.session.forgetAccount()
	c.pending = nil
	c.http.CloseIdleConnections()
	c.http.Jar = new(cookies) // they may belong to the account, too
	if err := c.save(c.session); err != nil {
		return err
	}
	c.saved = c.session
	return nil
}

// Reconnect drops idle connections. After a sleep or a change of network they
// are dead, and finding that out would cost a whole deadline.
func (c *Client) Reconnect() { c.http.CloseIdleConnections() }

// wall is the time without its monotonic part: what is waited for goes on
// passing while the computer sleeps, and is compared after a restart.
func (c *Client) wall() time.Time { return c.now().UTC().Round(0) }

// setBack keeps what is waited for right when the clock was set back since the
// last call, or before a restart: else a wait of minutes would last hours. A
// clock that ran ahead is left alone, for it cannot be told from sleep, in
// which waits go on passing.
func (c *Client) setBack() {
	now := c.now()
	// With the monotonic parts and without.
	by := now.Round(0).Sub(c.last.Round(0)) - now.Sub(c.last)
	if c.last.IsZero() {
		by = now.Round(0).Sub(c.session.Noted)
	}
	if by < -stepSeen && !c.session.Noted.IsZero() {
		c.session.moveWaits(by)
	}
	c.last = now
}

// stepSeen is how far the clock must have gone back to count as set; below it
// is what NTP slews.
const stepSeen = 2 * time.Second

func (c *Client) acquire(ctx context.Context) *glucose.Fault {
	// A free turn must not be taken by a call that was given up before.
	if err := ctx.Err(); err != nil {
		return newFault(reasonCancelled, err)
	}
	select {
	case c.turn <- struct{}{}:
		c.setBack()
		return nil
	case <-ctx.Done():
		return newFault(reasonCancelled, ctx.Err())
	}
}

func (c *Client) release() { <-c.turn }

// errorOf avoids the nil pointer in a non-nil error.
func errorOf(f *glucose.Fault) error {
	if f == nil {
		return nil
	}
	return f
}
