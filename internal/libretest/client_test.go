package libretest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// noon is a Wednesday in March, with daylight saving time nowhere near.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// testClock is a clock that a test moves.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *testClock { return &testClock{now: noon} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func (c *testClock) Add(d time.Duration) { c.Set(c.Now().Add(d)) }

// follower is the plainest client there can be.
type follower struct {
	t      *testing.T
	http   *http.Client
	base   string
	header http.Header
}

func newFollower(t *testing.T, base string) *follower {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &follower{
		t: t, base: base,
		http: &http.Client{
			Transport: transport, Timeout: 10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		header: http.Header{"Product": {"llu.android"}, "Version": {"4.17.0"}, "Content-Type": {"application/json"}},
	}
}

type got struct {
	code   int
	header http.Header
	body   string
	err    error // of reading the body
}

func (f *follower) do(method, path, body string) got {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), method, f.base+path, strings.NewReader(body))
	require.NoError(f.t, err)
	r.Header = f.header.Clone()
	resp, err := f.http.Do(r)
	if err != nil {
		return got{err: err}
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	return got{code: resp.StatusCode, header: resp.Header, body: string(read), err: err}
}

func (f *follower) get(path string) got { f.t.Helper(); return f.do(http.MethodGet, path, "") }

func (f *follower) post(path, body string) got {
	f.t.Helper()
	return f.do(http.MethodPost, path, body)
}

const credentials = `{"email":" Demo@example.org ","password":"demo-password"}`

func (f *follower) login() got { f.t.Helper(); return f.post("/llu/auth/login", credentials) }

// signIn signs in and uses the token from then on.
func (f *follower) signIn() {
	f.t.Helper()
	answer := f.login()
	require.Equal(f.t, 200, answer.code)
	var in struct {
		Status int
		Data   struct {
			User       struct{ ID string }
			AuthTicket struct {
				Token    string
				Expires  int64
				Duration int64
			}
		}
	}
	require.NoError(f.t, json.Unmarshal([]byte(answer.body), &in))
	require.Zero(f.t, in.Status, answer.body)
	f.use(in.Data.AuthTicket.Token)
	sum := sha256.Sum256([]byte(in.Data.User.ID))
	f.header.Set("Account-Id", hex.EncodeToString(sum[:]))
}

func (f *follower) use(token string) { f.header.Set("Authorization", "Bearer "+token) }

// shape of what the tests look at.
type item struct {
	FactoryTimestamp string
	Timestamp        string
	Type             int `json:"type"`
	ValueInMgPerDl   int
	Value            float64
	GlucoseUnits     int
	TrendArrow       *int
	MeasurementColor int
	IsHigh           bool `json:"isHigh"`
	IsLow            bool `json:"isLow"`
}

func (i item) time(t *testing.T) time.Time {
	t.Helper()
	at, err := time.Parse("1/2/2006 3:04:05 PM", i.FactoryTimestamp)
	require.NoError(t, err)
	return at
}

type person struct {
	PatientID          string
	FirstName          string
	UOM                int
	TargetLow          int
	TargetHigh         int
	Sensor             *struct{ A, W int64 }
	GlucoseMeasurement *item
}

type ticket struct {
	Token    string
	Expires  int64
	Duration int64
}

func (f *follower) connections() (people []person, next ticket) {
	f.t.Helper()
	answer := f.get("/llu/connections")
	require.Equal(f.t, 200, answer.code, answer.body)
	var in struct {
		Status *int
		Data   []person
		Ticket ticket
	}
	require.NoError(f.t, json.Unmarshal([]byte(answer.body), &in), answer.body)
	require.NotNil(f.t, in.Status, answer.body)
	require.Zero(f.t, *in.Status, answer.body)
	return in.Data, in.Ticket
}

func (f *follower) current() *item {
	f.t.Helper()
	people, _ := f.connections()
	require.Len(f.t, people, 1)
	return people[0].GlucoseMeasurement
}

func (f *follower) graph(id string) (person, []item) {
	f.t.Helper()
	answer := f.get("/llu/connections/" + id + "/graph")
	require.Equal(f.t, 200, answer.code, answer.body)
	var in struct {
		Data struct {
			Connection    person
			ActiveSensors []struct{ Sensor struct{ SN, DeviceID string } }
			GraphData     []item
		}
	}
	require.NoError(f.t, json.Unmarshal([]byte(answer.body), &in), answer.body)
	return in.Data.Connection, in.Data.GraphData
}

// signedIn is a server at noon and a client of it.
func signedIn(t *testing.T, o Options) (*Server, *follower, *testClock) {
	t.Helper()
	clock := newClock()
	o.Now = clock.Now
	s := StartTest(t, o)
	f := newFollower(t, s.URL())
	f.signIn()
	return s, f, clock
}
