package page

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// listen opens an event stream; next returns its next event or comment.
func (r *rig) listen() (next func() (event, data string), status int, leave func()) {
	r.Helper()
	next, status, leave, _ = r.stream()
	return next, status, leave
}

// stream is the same with what comes over the wire.
func (r *rig) stream() (next func() (event, data string), status int, leave func(), wire io.Reader) {
	r.Helper()
	ctx, cancel := context.WithCancel(r.Context())
	c := *r.browser
	c.Timeout = 0
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.root+"/api/events", nil)
	require.NoError(r, err)
	resp, err := c.Do(q)
	require.NoError(r, err)
	r.Cleanup(func() { cancel(); _ = resp.Body.Close() })
	in := bufio.NewReader(resp.Body)
	return func() (event, data string) {
		r.Helper()
		for {
			line, err := in.ReadString('\n')
			require.NoError(r, err)
			switch key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); {
			case line == "\n":
				return event, data
			case key == "event":
				event = value
			case key == "data":
				data = value
			case key == "":
				event = "comment"
			}
		}
	}, resp.StatusCode, cancel, in
}

func stateOf(t *testing.T, data string) (s State) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(data), &s))
	return s
}

func TestEvents(t *testing.T) {
	r := start(t, Options{})
	next, status, _ := r.listen()
	require.Equal(t, 200, status)
	event, data := next()
	require.Equal(t, "state", event)
	require.Equal(t, "5.6", stateOf(t, data).Reading.Text)

	// What only grows older is no news; the next visible change is.
	r.change(func(s *State) { age := int64(90); s.AgeSeconds, s.Now = &age, s.Now.Add(time.Minute) })
	r.server.Changed()
	r.change(func(s *State) { s.Reading = &Reading{Text: "5.7"} })
	r.server.Changed()
	event, data = next()
	require.Equal(t, "state", event)
	require.Equal(t, "5.7", stateOf(t, data).Reading.Text)

	r.server.Close()
	event, _ = next()
	require.Equal(t, "bye", event)
}

func TestBeat(t *testing.T) {
	r := start(t, Options{Beat: time.Millisecond})
	next, _, _ := r.listen()
	_, _ = next()
	event, _ := next()
	require.Equal(t, "comment", event)
}

// TestManyWindows: each is told, and one too many is not let in.
func TestManyWindows(t *testing.T) {
	r := start(t, Options{})
	var all []func() (string, string)
	var leave func()
	for range maxStreams {
		next, status, l := r.listen()
		require.Equal(t, 200, status)
		_, _ = next()
		all, leave = append(all, next), l
	}
	_, status, _ := r.listen()
	require.Equal(t, http.StatusServiceUnavailable, status)
	r.change(func(s *State) { s.Trouble = "x" })
	r.server.Changed()
	for _, next := range all {
		_, data := next()
		require.Equal(t, "x", stateOf(t, data).Trouble)
	}
	leave()
	require.Eventually(t, func() bool {
		r.server.mu.Lock()
		defer r.server.mu.Unlock()
		return len(r.server.streams) == maxStreams-1
	}, 5*time.Second, time.Millisecond, "a closed window leaves its place")
	_, status, _ = r.listen()
	require.Equal(t, 200, status)
}

// TestSlowWindow: who does not read is let go, and holds nobody up meanwhile.
func TestSlowWindow(t *testing.T) {
	r := start(t, Options{Patience: 50 * time.Millisecond})
	u, _ := url.Parse(r.root + "/")
	c, err := net.Dial("tcp", u.Host)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	_ = c.(*net.TCPConn).SetReadBuffer(4096)
	cookie := r.browser.Jar.Cookies(u)[0]
	_, err = c.Write([]byte("GET " + u.Path + "api/events HTTP/1.1\r\nHost: " + u.Host + "\r\nCookie: " + cookie.String() + "\r\n\r\n"))
	require.NoError(t, err)
	streams := func() int {
		r.server.mu.Lock()
		defer r.server.mu.Unlock()
		return len(r.server.streams)
	}
	require.Eventually(t, func() bool { return streams() == 1 }, 5*time.Second, time.Millisecond)
	large := strings.Repeat("x", 1<<20)
	n := 0
	require.Eventually(t, func() bool {
		n++
		r.change(func(s *State) { s.Trouble = large + time.Duration(n).String() })
		r.server.Changed()
		return streams() == 0
	}, 20*time.Second, 5*time.Millisecond)
	next, status, _ := r.listen()
	require.Equal(t, 200, status)
	_, _ = next()
}

// TestManyConnections: a program that opens and never asks holds no more than
// its share, and gives it back.
func TestManyConnections(t *testing.T) {
	r := start(t, Options{})
	u, _ := url.Parse(r.root + "/")
	r.browser.CloseIdleConnections()
	var open []net.Conn
	for range maxConnections + 8 {
		c, err := net.Dial("tcp", u.Host)
		require.NoError(t, err)
		open = append(open, c)
	}
	for _, c := range open {
		_ = c.Close()
	}
	status, _ := r.get("/api/state")
	require.Equal(t, 200, status)
}
