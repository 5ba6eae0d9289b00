package libre

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func TestFirstReadingTakesOneSignInAndOneRequest(t *testing.T) {
	s := newService(t)
	r := newRig(t, s)
	people, err := r.Current(context.Background())
	require.NoError(t, err)
	require.Len(t, people, 1)
	require.Equal(t, glucose.Person{ID: secretPatient, Name: "Zacharias Hush"}, people[0].Person)
	require.Equal(t, &glucose.Reading{Time: start.Add(-time.Minute), Value: 123, Trend: glucose.Rising, Origin: glucose.Live}, people[0].Current)

	_, err = r.Current(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, s.count(familyLogin))
	require.Equal(t, 2, s.count(familyConnections))
	require.Equal(t, 1, r.asked, "the password is read only when it is needed")
	require.Len(t, r.stored, 1, "nothing new, nothing saved")
}

func TestHeaders(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, reply{header: map[string]string{"Set-Cookie": "__cf_bm=crumb; Path=/"}, body: connectionsBody("null")})
	r := newRigWith(t, s, Session{})
	require.NoError(t, r.current())
	_, err := r.Graph(context.Background(), secretPatient)
	require.NoError(t, err)
	// A second sign-in must not carry what the first one gave.
	require.NoError(t, r.SignIn(context.Background()))

	sum := sha256.Sum256([]byte(secretUser))
	for _, q := range s.all() {
		require.Equal(t, "llu.ios", q.header.Get("product"), q.family)
		require.Equal(t, "4.17.0", q.header.Get("version"), q.family)
		require.Equal(t, "application/json", q.header.Get("Content-Type"), q.family)
		require.Contains(t, q.header.Get("User-Agent"), "llutray", q.family)
		require.Equal(t, "gzip", q.header.Get("Accept-Encoding"), "left to net/http, which then decompresses")
		if q.family == familyLogin {
			require.Equal(t, http.MethodPost, q.method)
			require.Empty(t, q.header.Get("Authorization"))
			require.Empty(t, q.header.Get("Account-Id"))
			var body map[string]string
			require.NoError(t, json.Unmarshal([]byte(q.body), &body))
			require.Equal(t, map[string]string{"email": secretEmail, "password": secretPassword}, body)
			continue
		}
		require.Equal(t, http.MethodGet, q.method)
		require.Equal(t, "Bearer "+secretToken, q.header.Get("Authorization"))
		require.Equal(t, hex.EncodeToString(sum[:]), q.header.Get("Account-Id"))
	}
	require.Equal(t, "/llu/connections/"+secretPatient+"/graph", s.all()[2].path)
	require.Equal(t, "__cf_bm=crumb", s.all()[2].header.Get("Cookie"))
}

func TestGzipIsDecompressed(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, reply{write: gzipped(connectionsBody(measurement(start, "99", "3")))})
	people, err := newRigWith(t, s, signedIn()).Current(context.Background())
	require.NoError(t, err)
	require.Equal(t, glucose.MgDL(99), people[0].Current.Value)
}

func TestEmailIsTrimmedAndPasswordIsNot(t *testing.T) {
	s := newService(t)
	r := newRig(t, s)
	r.creds = Credentials{" a@b.example\n", " spaces matter "}
	require.NoError(t, r.current())
	require.JSONEq(t, `{"email":"a@b.example","password":" spaces matter "}`, s.all()[0].body)
}

func TestWithoutCredentials(t *testing.T) {
	s := newService(t)
	r := newRig(t, s)
	for _, cr := range []Credentials{{}, {Email: "a@b.example"}, {Password: "x"}} {
		r.creds = cr
		f := fault(t, r.current(), glucose.SignedOut)
		require.Contains(t, f.Hint, "llutray login")
		fault(t, r.SignIn(context.Background()), glucose.SignedOut)
	}
	locked := errors.New("keyring is locked")
	r.options.Credentials = func(context.Context) (Credentials, error) { return Credentials{}, locked }
	r.restart(Session{})
	f := fault(t, r.current(), glucose.SignedOut)
	require.ErrorIs(t, f, locked)
	own := &glucose.Fault{Kind: glucose.SignedOut, Message: "The keyring is locked."}
	r.options.Credentials = func(context.Context) (Credentials, error) { return Credentials{}, own }
	r.restart(Session{})
	require.Same(t, own, fault(t, r.current(), glucose.SignedOut))
	require.Zero(t, r.requests())
}

func TestOneRequestAtATime(t *testing.T) {
	s := newService(t)
	r := newRig(t, s)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			switch i % 4 {
			case 0:
				_, _ = r.Graph(context.Background(), secretPatient)
			case 1:
				_ = r.Session()
				r.Reconnect()
			default:
				_, _ = r.Current(context.Background())
			}
		})
	}
	wg.Wait()
	require.False(t, s.overlap)
	require.Equal(t, 1, s.count(familyLogin))
}

func TestCancelledCallLeavesNothingBehind(t *testing.T) {
	s := newService(t)
	entered := make(chan struct{})
	s.on(familyLogin, reply{write: func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}})
	r := newRig(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-entered; cancel() }()
	_, err := r.Current(ctx)
	require.ErrorIs(t, err, context.Canceled)
	fault(t, err, glucose.ServerError)
	require.True(t, r.Session().NextSignIn.IsZero())

	// A call that was given up makes no request, even with a free turn.
	before := r.requests()
	_, err = r.Graph(ctx, secretPatient)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, before, r.requests())
}

func TestSignOut(t *testing.T) {
	s := newService(t)
	sess := signedIn()
	sess.NotBefore, sess.Held = start.Add(time.Hour), "locked"
	r := newRigWith(t, s, sess)
	require.NoError(t, r.SignOut())
	got := r.lastStored()
	require.Empty(t, got.Token)
	require.Empty(t, got.AccountID)
	require.Empty(t, got.Owner)
	require.Equal(t, start.Add(time.Hour), got.NotBefore, "a lock outlives the sign-out")

	r.saveErr = errors.New("disk full")
	require.ErrorIs(t, r.SignOut(), r.saveErr, "the user has to know that the token is still there")
}

func TestTicketIsAdoptedIfItLivesLonger(t *testing.T) {
	with := func(ticket string) reply {
		return ok(`{"status":0,"data":[` + connection("null") + `],"ticket":` + ticket + `}`)
	}
	longer := start.AddDate(0, 7, 0).Unix()
	for name, c := range map[string]struct {
		ticket string
		want   string
	}{
		"later":                       {jsonf(`{"token":"second","expires":%d,"duration":1}`, longer), "second"},
		"earlier":                     {jsonf(`{"token":"second","expires":%d}`, start.Unix()), secretToken},
		"empty":                       {jsonf(`{"token":"","expires":%d}`, longer), secretToken},
		"null":                        {`null`, secretToken},
		"of a wrong type":             {`"second"`, secretToken},
		"that would break a header":   {jsonf(`{"token":"a\r\nX: b","expires":%d}`, longer), secretToken},
		"with an impossible expiry":   {`{"token":"second","expires":1e300}`, secretToken},
		"with its expiry as a string": {jsonf(`{"token":"second","expires":"%d"}`, longer), "second"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyConnections, with(c.ticket))
			r := newRigWith(t, s, signedIn())
			require.NoError(t, r.current())
			require.NoError(t, r.current())
			require.Equal(t, "Bearer "+c.want, s.all()[1].header.Get("Authorization"))
			if c.want == secretToken {
				require.Empty(t, r.stored)
			} else {
				require.Equal(t, c.want, r.lastStored().Token)
			}
		})
	}
}

func TestTicketOfEveryAnswerIsNotSavedEveryTime(t *testing.T) {
	s := newService(t)
	r := newRigWith(t, s, signedIn())
	for i := range 180 {
		s.on(familyConnections, ok(jsonf(`{"status":0,"data":[`+connection("null")+`],"ticket":{"token":"t%d","expires":%d}}`, i, start.AddDate(0, 7, 0).Unix()+int64(60*i))))
		require.NoError(t, r.current())
		r.now = r.now.Add(time.Minute)
	}
	require.Len(t, r.stored, 3)
	require.Equal(t, "t179", r.Session().Token)
}

func TestSaveIsTriedAgainAndDoesNotSpoilTheReading(t *testing.T) {
	s := newService(t)
	r := newRig(t, s)
	r.saveErr = errors.New("disk full")
	require.NoError(t, r.current())
	require.Contains(t, r.logs.String(), "disk full")
	r.saveErr = nil
	require.NoError(t, r.current())
	require.Equal(t, secretToken, r.lastStored().Token)
}

func TestSessionBelongsTo(t *testing.T) {
	s := newService(t)
	r := newRig(t, s)
	require.NoError(t, r.current())
	require.True(t, r.lastStored().BelongsTo(" Zoe.VerySecret@example.org"))
	require.False(t, r.lastStored().BelongsTo("other@example.org"))
	require.False(t, Session{}.BelongsTo(""))
	require.NotContains(t, r.lastStored().Owner, "zoe")
}
