package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/settings"
)

// otherEmail is the second account's; it has the password of the first.
const otherEmail = "grandmother@example.org"

// neighbour NAME starts the server of another account, in the region ru, that NAME
// shares with. What follows is about that one, until other.
func scriptNeighbour(ts *testscript.TestScript, _ bool, args []string) {
	s := sessionOf(ts)
	second := libretest.New(libretest.Options{
		Email: otherEmail, Password: testPassword, Region: "ru", Seed: 77,
		People: []libretest.Person{{ID: "00000000-0000-4000-8000-000000000099", FirstName: args[0], LastName: "Example", Source: libretest.Nothing}},
	})
	ts.Check(second.Start())
	ts.Defer(second.Close)
	front := httptest.NewServer(regions(s.server.URL(), second.URL()))
	ts.Defer(front.Close)
	ts.Setenv("LLUTRAY_SERVER", front.URL+"/{region}")
	ts.Setenv("EMAIL2", otherEmail)
	s.other = &account{server: s.server, names: s.names}
	s.server, s.names = second, args[:1]
}

// account is a server and who shares with the account there.
type account struct {
	server *libretest.Server
	names  []string
}

// other has what follows be about the other of two servers.
func scriptOther(ts *testscript.TestScript, _ bool, _ []string) {
	s := sessionOf(ts)
	now := &account{server: s.server, names: s.names}
	s.server, s.names, s.other = s.other.server, s.other.names, now
}

// regions is one address for two servers: what is for the region ru goes to the
// second.
func regions(first, second string) http.Handler {
	to := func(address string) http.Handler {
		u, err := url.Parse(address)
		if err != nil {
			panic(err)
		}
		return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
	}
	one, two := to(first), to(second)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/ru/") {
			two.ServeHTTP(w, r)
			return
		}
		one.ServeHTTP(w, r)
	})
}

// An account's name may be somebody's, and the log holds none: also where its
// file, which is called by it, was damaged.
func TestNoAccountInTheLog(t *testing.T) {
	var log bytes.Buffer
	p := &program{paths: settings.PathsUnder(t.TempDir()), log: slog.New(slog.NewTextHandler(&log, nil))}
	require.NoError(t, p.paths.Make())
	require.NoError(t, os.WriteFile(p.paths.SessionOf("emma"), []byte("{"), 0o600))
	secrets := settings.Secrets{Keyring: &lockable{err: settings.ErrNoKeyring}, File: p.paths.Secrets, AllowFile: true}
	account := app.Account{Name: "emma", Secrets: secrets}
	require.NoError(t, account.Remember(t.Context(), libre.Credentials{Email: testEmail, Password: testPassword}))
	_, err := p.connectLibre(t.Context(), secrets, settings.Default(), "emma")
	require.NoError(t, err)
	require.Contains(t, log.String(), "damaged")
	require.NotContains(t, log.String(), "emma")
}
