package libre

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// What must never be seen outside of the requests. The values are numbers no
// code, port or count of a test can be.
const (
	secretEmail    = "zoe.verysecret@example.org"
	secretPassword = `p"a\ss wörd-hush`
	secretToken    = "tokenhush.aaa.bbb"
	secretUser     = "c0ffee00-user-hush"
	secretPatient  = "c0ffee00-patient-hush"
	secretName     = "Zacharias"
	secretValue    = "277277"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// reply is one scripted answer.
type reply struct {
	code   int // 200 when 0
	header map[string]string
	body   string
	write  func(http.ResponseWriter, *http.Request) // instead of the rest
}

func ok(body string) reply { return reply{body: body} }

func page(code int, body string) reply {
	return reply{code: code, body: body, header: map[string]string{"Content-Type": "text/html; charset=UTF-8"}}
}

type seen struct {
	method, family, region, path, body string
	header                             http.Header
}

// service is a LibreLinkUp of one account, with answers by script: for each
// family the next reply, the last one for ever.
type service struct {
	*httptest.Server
	t       *testing.T
	mu      sync.Mutex
	script  map[string][]reply
	seen    []seen
	flying  int
	overlap bool
}

func loginBody(token string, expires time.Time) string {
	return fmt.Sprintf(`{"status":0,"data":{"user":{"id":%q,"firstName":%q,"email":%q,"emailDay":null},"messages":{"unread":0},
		"authTicket":{"token":%q,"expires":%d,"duration":15552000000},"invitations":null}}`,
		secretUser, secretName, secretEmail, token, expires.Unix())
}

func connection(measurement string) string {
	return fmt.Sprintf(`{"id":"x","patientId":%q,"country":"DE","status":2,"firstName":%q,"lastName":"Hush","targetLow":70,"targetHigh":180,"uom":1,
		"sensor":{"deviceId":"","sn":"0D1AB2CD30","a":1763000000,"w":60,"pt":4},"alarmRules":{"h":{"on":true,"th":240},"l":{"th":70}},
		"glucoseMeasurement":%s,"glucoseItem":null,"glucoseAlarm":null}`, secretPatient, secretName, measurement)
}

func measurement(at time.Time, mgdl string, arrow string) string {
	return fmt.Sprintf(`{"FactoryTimestamp":%q,"Timestamp":"1/1/2020 1:00:00 AM","type":1,"ValueInMgPerDl":%s,"TrendArrow":%s,"TrendMessage":null,
		"MeasurementColor":1,"GlucoseUnits":1,"Value":%s,"isHigh":false,"isLow":false}`, at.Format("1/2/2006 3:04:05 PM"), mgdl, arrow, mgdl)
}

func connectionsBody(measurement string) string {
	return `{"status":0,"data":[` + connection(measurement) + `]}`
}

func graphBody(measurement string, points ...string) string {
	return `{"status":0,"data":{"connection":` + connection(measurement) + `,"activeSensors":[],"graphData":[` + strings.Join(points, ",") + `]}}`
}

func newService(t *testing.T) *service {
	s := &service{t: t, script: map[string][]reply{
		familyLogin:       {ok(loginBody(secretToken, start.AddDate(0, 6, 0)))},
		familyConnections: {ok(connectionsBody(measurement(start.Add(-time.Minute), "123", "4")))},
		familyGraph:       {ok(graphBody(measurement(start.Add(-time.Minute), "123", "4")))},
	}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func familyOf(path string) string {
	switch {
	case strings.HasSuffix(path, "/llu/auth/login"):
		return familyLogin
	case strings.Contains(path, "/auth/continue/"):
		return familyContinue
	case strings.HasSuffix(path, "/llu/connections"):
		return familyConnections
	case strings.HasSuffix(path, "/graph"):
		return familyGraph
	}
	return "unknown"
}

func (s *service) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	family := familyOf(r.URL.Path)
	region, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.mu.Lock()
	s.seen = append(s.seen, seen{r.Method, family, region, "/" + path, string(body), r.Header.Clone()})
	s.flying++
	s.overlap = s.overlap || s.flying > 1
	rep := reply{code: 404, body: `{"message":"no such path"}`}
	if q := s.script[family]; len(q) > 0 {
		rep = q[0]
		if len(q) > 1 {
			s.script[family] = q[1:]
		}
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.flying--
		s.mu.Unlock()
	}()
	if rep.write != nil {
		rep.write(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header()["Date"] = nil // unless it has the test's
	for k, v := range rep.header {
		w.Header().Set(k, v)
	}
	if rep.code != 0 {
		w.WriteHeader(rep.code)
	}
	_, _ = io.WriteString(w, rep.body)
}

func (s *service) on(family string, replies ...reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script[family] = replies
}

func (s *service) all() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.seen...)
}

func (s *service) count(family string) int {
	n := 0
	for _, q := range s.all() {
		if q.family == family {
			n++
		}
	}
	return n
}

// rig is a client at a service, with everything of it in reach.
type rig struct {
	*Client
	t       *testing.T
	service *service
	now     time.Time
	creds   Credentials
	asked   int // for credentials
	stored  []Session
	saveErr error
	logs    bytes.Buffer
	options Options
}

func newRig(t *testing.T, s *service) *rig {
	return newRigWith(t, s, Session{})
}

// signedIn has a token already.
func signedIn() Session {
	sess := Session{Salt: "salt", Region: "de", Token: secretToken, TokenExpires: start.AddDate(0, 6, 0), AccountID: secretUser}
	sess.Owner = sess.ownerOf(secretEmail)
	return sess
}

func newRigWith(t *testing.T, s *service, sess Session) *rig {
	r := &rig{t: t, service: s, now: start, creds: Credentials{secretEmail, secretPassword}}
	r.options = Options{
		Server:      s.URL + "/{region}",
		Credentials: func(context.Context) (Credentials, error) { r.asked++; return r.creds, nil },
		Save: func(s Session) error {
			if r.saveErr == nil {
				r.stored = append(r.stored, s)
			}
			return r.saveErr
		},
		Now: func() time.Time { return r.now },
		Log: slog.New(slog.NewTextHandler(&r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	r.restart(sess)
	return r
}

// restart makes a new client of a stored session, through its JSON form.
func (r *rig) restart(sess Session) {
	raw, err := json.Marshal(sess)
	require.NoError(r.t, err)
	r.options.Session = Session{}
	require.NoError(r.t, json.Unmarshal(raw, &r.options.Session))
	r.Client, err = New(r.options)
	require.NoError(r.t, err)
	r.deadline = 5 * time.Second
}

func (r *rig) lastStored() Session {
	require.NotEmpty(r.t, r.stored, "nothing was saved")
	return r.stored[len(r.stored)-1]
}

// fault requires that err is one, of that kind, that tells people something.
func fault(t *testing.T, err error, kind glucose.FaultKind) *glucose.Fault {
	t.Helper()
	require.Error(t, err)
	var f *glucose.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, kind, f.Kind, "%s (%v)", f.Message, f.Err)
	require.NotEmpty(t, f.Message)
	return f
}

func (r *rig) current() error {
	_, err := r.Current(context.Background())
	return err
}

func (r *rig) requests() int { return len(r.service.all()) }
