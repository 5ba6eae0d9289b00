package libre

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// A service gone mad, or somebody in its place, must not fill the memory.

// sharing is an answer in which so many people share, in as few bytes as can be.
func sharing(n int) string {
	var b strings.Builder
	b.WriteString(`{"status":0,"data":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"patientId":"%d"}`, i)
	}
	b.WriteString(`]}`)
	return b.String()
}

func TestNobodyHasAHundredThousandPeople(t *testing.T) {
	s := newService(t)
	r := newRigWith(t, s, signedIn())
	s.on(familyConnections, ok(sharing(100_000)))
	f := fault(t, r.current(), glucose.ServerError)
	require.ErrorContains(t, f.Err, "more than 1048576 bytes")

	// As many as fit into the largest answer.
	s.on(familyConnections, ok(sharing(45_000)))
	people, err := r.Current(t.Context())
	require.NoError(t, err)
	require.Len(t, people, maxPeople)
}

func TestIDsAreShortAndVisible(t *testing.T) {
	for id, valid := range map[string]bool{
		"00000000-0000-4000-8000-000000000001": true,
		"p":                                    true,
		`\u001b[2J`:                            false,
		`a\nb`:                                 false,
		`a b`:                                  false,
		`\u202eb`:                              false,
		strings.Repeat("a", maxID):             true,
		strings.Repeat("a", maxID+1):           false,
	} {
		s := newService(t)
		s.on(familyConnections, ok(`{"status":0,"data":[{"patientId":"`+id+`"},{"patientId":"other"}]}`))
		people, err := newRigWith(t, s, signedIn()).Current(t.Context())
		require.NoError(t, err)
		require.Len(t, people, map[bool]int{true: 2, false: 1}[valid], id)
	}
}

func TestNameOfAMegabyte(t *testing.T) {
	s := newService(t)
	s.on(familyConnections, ok(`{"status":0,"data":[{"patientId":"p","firstName":"`+strings.Repeat(`x`, 900_000)+`"}]}`))
	people, err := newRigWith(t, s, signedIn()).Current(t.Context())
	require.NoError(t, err)
	require.Len(t, people[0].Person.Name, maxName)

	// What is shown holds nothing that a terminal acts on or that turns text.
	s.on(familyConnections, ok(`{"status":0,"data":[{"patientId":"p","firstName":"\u001b]0;x\u0007Zo\u009be\u202e\u2066","lastName":"\r\n\u0000B"}]}`))
	people, err = newRigWith(t, s, signedIn()).Current(t.Context())
	require.NoError(t, err)
	require.Equal(t, "]0;xZoe B", people[0].Person.Name)
}

func TestEndlessHeaders(t *testing.T) {
	s := newService(t)
	sent := make(chan int, 1)
	s.on(familyConnections, reply{write: func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		total, line := 0, []byte("X-Filler: "+strings.Repeat("y", 4000)+"\r\n")
		for total < 50<<20 {
			n, err := conn.Write(line)
			if total += n; err != nil {
				break
			}
		}
		sent <- total
	}})
	fault(t, newRigWith(t, s, signedIn()).current(), glucose.ServerError)
	require.Less(t, <-sent, 50<<20, "the connection is closed and not read to its end")
}

// bomb is a gigabyte of zeros as gzip sends it, a million bytes.
func bomb(t *testing.T) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	zeros := make([]byte, 1<<20)
	for range 1 << 10 {
		_, err := z.Write(zeros)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestGzipBomb(t *testing.T) {
	s := newService(t)
	body := bomb(t)
	s.on(familyConnections, reply{write: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	}})
	r := newRigWith(t, s, signedIn())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fault(t, r.current(), glucose.ServerError)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), "it is not unpacked")
}

func TestCookiesAreBounded(t *testing.T) {
	s := newService(t)
	n := 0
	s.on(familyConnections, reply{write: func(w http.ResponseWriter, r *http.Request) {
		require.Less(t, len(r.Header.Get("Cookie")), maxCookieBytes+1024)
		for range 30 {
			n++
			http.SetCookie(w, &http.Cookie{Name: fmt.Sprint("c", n), Value: strings.Repeat("v", 2000), Path: fmt.Sprint("/", n)})
		}
		_, _ = io.WriteString(w, connectionsBody("null"))
	}})
	r := newRigWith(t, s, signedIn())
	for range 50 {
		require.NoError(t, r.current())
		r.now = r.now.Add(time.Minute)
	}
}

// A region is a word in the vendor's domain and nothing else, whatever a
// server calls one.
func TestNoRegionLeadsElsewhere(t *testing.T) {
	for _, region := range []string{
		"evil.example", "evil.example/", "eu@evil.example", "eu.evil.example#", "eu/../..", "https://evil.example",
		"//evil.example", "eu:443@evil.example", "eu%2eevil", "eu\n", "EU", "", "global", "ru", "cn", "еu", strings.Repeat("a", 9),
	} {
		require.NotEmpty(t, followRegion(region, nil), region)
		s := newService(t)
		s.on(familyLogin, ok(string(mustJSON(t, map[string]any{"status": 0, "data": map[string]any{"redirect": true, "region": region}}))))
		r := newRigWith(t, s, Session{})
		if region != "" { // the service's word for: none
			require.Error(t, r.SignIn(context.Background()))
		}
		require.LessOrEqual(t, r.requests(), 1, region)
	}
}

// Redirects by HTTP are not followed, whichever kind they are and wherever
// they lead: not to another host, nor to another path of this one.
func TestNoRedirectIsFollowed(t *testing.T) {
	foreign := newService(t)
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{foreign.URL, foreign.URL + "/llu/auth/login", "/llu/auth/login", "//" + strings.TrimPrefix(foreign.URL, "http://") + "/", "file:///etc/passwd"} {
			for _, family := range []string{familyLogin, familyConnections} {
				s := newService(t)
				s.on(family, reply{code: code, header: map[string]string{"Location": to, "Refresh": "0; url=" + to}})
				r := newRigWith(t, s, Session{})
				require.Error(t, r.current())
				require.LessOrEqual(t, r.requests(), 2)
			}
		}
	}
	require.Empty(t, foreign.all())
}
