package libre

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

func TestDeadTokenIsRenewedOnce(t *testing.T) {
	for name, dead := range map[string]reply{
		"401":                   {code: 401, body: deadJWT},
		"401 of other words":    {code: 401, body: `{"message":"Unauthorized"}`},
		"401, empty":            {code: 401},
		"MissingCachedUser":     {code: 400, body: `{"message":"MissingCachedUser"}`},
		"MissingCachedUser 500": {code: 500, body: `{"message":"MissingCachedUser"}`},
		"MissingCachedUser 200": {body: `{"status":1,"error":{"message":"MissingCachedUser"}}`},
		"status 2":              {body: refused},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyLogin, ok(loginBody("fresh", start.AddDate(0, 6, 0))))
			good := s.script[familyConnections][0]
			s.on(familyConnections, dead, good)
			r := newRigWith(t, s, signedIn())
			require.NoError(t, r.current())
			all := s.all()
			require.Len(t, all, 3)
			require.Equal(t, "Bearer fresh", all[2].header.Get("Authorization"))
			require.Equal(t, "fresh", r.lastStored().Token)
		})
	}
}

func TestTokenThatStaysDead(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, reply{code: 401, body: deadJWT})
	r := newRigWith(t, s, signedIn())
	fault(t, r.current(), glucose.ServerError)
	require.Equal(t, 1, s.count(familyLogin))
	require.Equal(t, 2, s.count(familyConnections))

	// Polled each minute for six hours, restarts included: a sign-in each
	// quarter of an hour at most.
	for i := range 360 {
		fault(t, r.current(), glucose.ServerError)
		r.now = r.now.Add(time.Minute)
		if i%50 == 0 {
			r.restart(r.Session())
		}
	}
	require.LessOrEqual(t, s.count(familyLogin), 24)
	require.GreaterOrEqual(t, s.count(familyLogin), 12, "it does go on trying")

	// The token of the last sign-in comes to life, without another one.
	before := s.count(familyLogin)
	s.on(familyConnections, ok(connectionsBody("null")))
	require.NoError(t, r.current())
	require.Equal(t, before, s.count(familyLogin))
}

func TestTokensThatDieEachMinute(t *testing.T) {
	s := newService(t)
	r := newRigWith(t, s, signedIn())
	good := ok(connectionsBody("null"))
	served := 0
	for range 120 {
		s.on(familyConnections, reply{code: 401, body: deadJWT}, good)
		if r.current() == nil {
			served++
		}
		r.now = r.now.Add(time.Minute)
	}
	require.LessOrEqual(t, s.count(familyLogin), 10)
	require.Positive(t, served)
}

// The rest after two sign-ins in a row is as long when the clock is set back in it.
func TestRestAfterSignInsWithTheClockSetBack(t *testing.T) {
	s := newService(t)
	r := newRigWith(t, s, signedIn())
	good := ok(connectionsBody("null"))
	for range 2 {
		s.on(familyConnections, reply{code: 401, body: deadJWT}, good)
		require.NoError(t, r.current())
		r.now = r.now.Add(time.Minute)
	}
	require.Equal(t, 2, s.count(familyLogin))
	r.now = r.now.Add(-3 * time.Hour)
	r.restart(r.lastStored())
	s.on(familyConnections, reply{code: 401, body: deadJWT}, good)
	fault(t, r.current(), glucose.ServerError)
	r.now = r.now.Add(15 * time.Minute)
	s.on(familyConnections, reply{code: 401, body: deadJWT}, good)
	require.NoError(t, r.current())
}

func TestFreshTokenThatIsRefusedIsNotRenewed(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, reply{code: 401, body: deadJWT})
	r := newRig(t, s)
	fault(t, r.current(), glucose.ServerError)
	require.Equal(t, 1, s.count(familyLogin))
	fault(t, r.current(), glucose.ServerError)
	require.Equal(t, 1, s.count(familyLogin))
}

func TestRenewalThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		login reply
		kind  glucose.FaultKind
	}{
		"wrong password": {ok(refused), glucose.WrongPassword},
		"terms":          {ok(stepBody("tou", "x")), glucose.Terms},
		"verify e-mail":  {ok(stepBody("verifyEmail", "x")), glucose.VerifyEmail},
		"server error":   {reply{code: 502}, glucose.ServerError},
		"locked":         {ok(locked), glucose.Locked},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyConnections, reply{code: 401, body: deadJWT})
			s.on(familyLogin, c.login)
			r := newRigWith(t, s, signedIn())
			fault(t, r.current(), c.kind)
			fault(t, r.current(), c.kind)
			require.Equal(t, 1, s.count(familyLogin))
		})
	}
}

// With a clock years ahead every token looks expired; that must not make a
// sign-in of every request.
func TestExpiryByOurClockIsIgnored(t *testing.T) {
	s := newService(t)
	r := newRigWith(t, s, signedIn())
	r.now = start.AddDate(5, 0, 0)
	require.NoError(t, r.current())
	require.Zero(t, s.count(familyLogin))
}

func TestVersionIsAdopted(t *testing.T) {
	demand := func(v string) reply {
		return reply{code: 403, body: `{"data":{"minimumVersion":` + v + `},"status":920}`}
	}
	for name, c := range map[string]struct {
		rep     reply
		adopted string
		kind    glucose.FaultKind
	}{
		"higher":                {demand(`"4.18.1"`), "4.18.1", ""},
		"higher, two numbers":   {demand(`"4.20"`), "4.20", ""},
		"higher as a number":    {demand(`"4.100.0"`), "4.100.0", ""},
		"in a good answer":      {ok(tooOld), "4.18.1", ""},
		"the same as ours":      {demand(`"4.17.0"`), "", glucose.TooOld},
		"lower":                 {demand(`"4.9.0"`), "", glucose.TooOld},
		"the fifth":             {demand(`"5.0.0"`), "", glucose.Closed},
		"of no known shape":     {demand(`"4.18.0-beta"`), "", glucose.TooOld},
		"that breaks a header":  {demand(`"4.18\r\nX: y"`), "", glucose.TooOld},
		"a number beyond all":   {demand(`"4.99999999999999999999"`), "", glucose.TooOld},
		"null":                  {demand(`null`), "", glucose.TooOld},
		"without data":          {reply{code: 403, body: `{"status":920}`}, "", glucose.TooOld},
		"the answer of 2022":    {reply{code: 403, body: `{"status":"x","reason":"runningVersionTooLow"}`}, "", glucose.TooOld},
		"an earlier generation": {demand(`"3.99.0"`), "", glucose.TooOld},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			good := s.script[familyConnections][0]
			s.on(familyConnections, c.rep, good)
			r := newRigWith(t, s, signedIn())
			if c.kind != "" {
				fault(t, r.current(), c.kind)
				require.Equal(t, 1, r.requests())
				return
			}
			require.NoError(t, r.current())
			require.Equal(t, c.adopted, s.all()[1].header.Get("version"))
			require.Zero(t, s.count(familyLogin))
			r.restart(r.lastStored())
			require.NoError(t, r.current())
			require.Equal(t, c.adopted, s.all()[2].header.Get("version"))
		})
	}
}

func TestVersionIsAdoptedOncePerCall(t *testing.T) {
	s := newService(t)
	s.on(familyConnections,
		reply{code: 403, body: `{"data":{"minimumVersion":"4.18.0"},"status":920}`},
		reply{code: 403, body: `{"data":{"minimumVersion":"4.19.0"},"status":920}`},
		reply{code: 403, body: `{"data":{"minimumVersion":"4.20.0"},"status":920}`})
	r := newRigWith(t, s, signedIn())
	fault(t, r.current(), glucose.TooOld)
	require.Equal(t, 2, r.requests())
}

func TestStoredVersionBelowOursIsForgotten(t *testing.T) {
	for _, v := range []string{"4.16.0", "5.1.0", "junk"} {
		require.Equal(t, appVersion, Session{Version: v}.version())
	}
}

func TestFaultsOfData(t *testing.T) {
	for name, c := range map[string]struct {
		rep  reply
		kind glucose.FaultKind
	}{
		"RequiredHeaderMissing":    {reply{code: 400, body: `{"message":"RequiredHeaderMissing"}`}, glucose.ServerError},
		"other 400":                {reply{code: 400, body: `{"message":"ProductMismatch"}`}, glucose.ServerError},
		"403 in JSON":              {reply{code: 403, body: `{"message":"Forbidden"}`}, glucose.ServerError},
		"404":                      {reply{code: 404, body: `{"message":"Not Found"}`}, glucose.Closed},
		"404 in HTML":              {page(404, "<html>Not Found"), glucose.Closed},
		"410":                      {reply{code: 410}, glucose.Closed},
		"errors of the next":       {reply{code: 400, body: `{"code":3,"errors":["x"]}`}, glucose.Closed},
		"data of the next":         {ok(`{"data":"bm9uY2U=.Y2lwaGVy.dGFn","signature":"abc"}`), glucose.Closed},
		"911":                      {ok(`{"status":911}`), glucose.Maintenance},
		"HTTP 911":                 {reply{code: 911}, glucose.Maintenance},
		"a page on maintenance":    {page(503, "<html><h1>Scheduled maintenance</h1>"), glucose.Maintenance},
		"500":                      {reply{code: 500, body: `{"message":"Internal Server Error"}`}, glucose.ServerError},
		"502 in HTML":              {page(502, "<html>Bad Gateway"), glucose.ServerError},
		"522":                      {reply{code: 522}, glucose.ServerError},
		"empty":                    {ok(""), glucose.ServerError},
		"no JSON":                  {ok("OK"), glucose.ServerError},
		"cut off":                  {ok(connectionsBody("null")[:60]), glucose.ServerError},
		"without data":             {ok(`{"status":0}`), glucose.ServerError},
		"data null":                {ok(`{"status":0,"data":null}`), glucose.ServerError},
		"data of another type":     {ok(`{"status":0,"data":{"a":1}}`), glucose.ServerError},
		"neither":                  {ok(`{}`), glucose.ServerError},
		"an array":                 {ok(`[]`), glucose.ServerError},
		"nobody":                   {ok(`{"status":0,"data":[],"ticket":{}}`), glucose.NotShared},
		"people without id":        {ok(`{"status":0,"data":[{"firstName":"x"},null,5,"x",[]]}`), glucose.ServerError},
		"couldNotLoadPatient":      {ok(notThere), glucose.ShareRevoked},
		"status 4 and no step":     {ok(`{"status":4}`), glucose.ServerError},
		"a step":                   {ok(stepBody("pp", "x")), glucose.Terms},
		"unknown status":           {ok(`{"status":3,"error":{"message":"x"}}`), glucose.ServerError},
		"a redirect":               {reply{code: 302, header: map[string]string{"Location": "/elsewhere"}}, glucose.ServerError},
		"a redirect of permanence": {reply{code: 308, header: map[string]string{"Location": "/elsewhere"}}, glucose.ServerError},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			s.on(familyConnections, c.rep)
			r := newRigWith(t, s, signedIn())
			f := fault(t, r.current(), c.kind)
			require.True(t, f.Until.IsZero())
			require.Equal(t, 1, r.requests(), "no sign-in, no redirect followed")
			require.Equal(t, secretToken, r.Session().Token)
		})
	}
}

func TestGraph(t *testing.T) {
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	s := newService(t)
	s.on(familyGraph, ok(graphBody(measurement(at(-1), "101", "3"),
		measurement(at(-20), "110", "5"), measurement(at(-30), "90", "null"), measurement(at(-25), "0", "null"),
		measurement(at(-30), "91", "null"), measurement(at(60), "99", "null"),
		`{"FactoryTimestamp":"31/12/2026 1:00:00 PM","ValueInMgPerDl":100}`, `null`, `7`)))
	snap, err := newRigWith(t, s, signedIn()).Graph(context.Background(), secretPatient)
	require.NoError(t, err)
	require.Equal(t, &glucose.Reading{Time: at(-1), Value: 101, Trend: glucose.Flat, Origin: glucose.Live}, snap.Current)
	require.Equal(t, []glucose.Reading{
		{Time: at(-30), Value: 90, Origin: glucose.Graph},
		{Time: at(-20), Value: 110, Origin: glucose.Graph},
	}, snap.History)
}

func TestGraphOfSomebodyElseIsRefused(t *testing.T) {
	s := newService(t)
	_, err := newRigWith(t, s, signedIn()).Graph(context.Background(), "another-person")
	fault(t, err, glucose.ServerError)
}

func TestGraphPathCannotBeLeft(t *testing.T) {
	s := newService(t)
	r := newRigWith(t, s, signedIn())
	for _, id := range []string{"", ".", ".."} {
		_, err := r.Graph(context.Background(), id)
		fault(t, err, glucose.ShareRevoked)
	}
	require.Zero(t, r.requests())
	path, _ := graphPath("../../auth/login?x#y")
	require.Equal(t, "/llu/connections/..%2F..%2Fauth%2Flogin%3Fx%23y/graph", path)
}

func TestGraphWithAlmostNothing(t *testing.T) {
	for _, body := range []string{
		`{"status":0,"data":{}}`,
		`{"status":0,"data":{"connection":null,"activeSensors":null,"graphData":null}}`,
		`{"status":0,"data":{"connection":"x","activeSensors":[null],"graphData":{}}}`,
		`{"status":0,"data":{"connection":{},"activeSensors":[{"sensor":null}],"graphData":[]}}`,
	} {
		s := newService(t)
		s.on(familyGraph, ok(body))
		snap, err := newRigWith(t, s, signedIn()).Graph(context.Background(), secretPatient)
		require.NoError(t, err)
		require.Equal(t, glucose.Snapshot{Person: glucose.Person{ID: secretPatient}}, snap)
	}
}
