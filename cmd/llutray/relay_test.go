package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/relay"
	"github.com/llutray/llutray/internal/settings"
)

// The commands on the real program: the address is kept, used, forgotten, and
// never printed.
func TestRelayCommands(t *testing.T) {
	var mu sync.Mutex
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.URL.Path+" "+string(b))
	}))
	defer srv.Close()
	dir := t.TempDir()
	run := func(in string, args ...string) (string, bool) {
		cmd := exec.Command(binary, args...)
		cmd.Stdin = strings.NewReader(in)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
		for k, v := range isolated(dir) {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
		out, err := cmd.CombinedOutput()
		require.NotContains(t, string(out), "S3CRET", "%v", args)
		return string(out), err == nil
	}
	address := "generic+http://" + srv.Listener.Addr().String() + "/S3CRET?template=json"
	out, ok := run("", "relay", "list")
	require.True(t, ok)
	require.Contains(t, out, "There are no relays")
	out, ok = run("https://S3CRET\n", "relay", "add", "phone", "--file")
	require.False(t, ok)
	require.Contains(t, out, "generic+https://")
	out, ok = run("", "relay", "add", "a b", address, "--file")
	require.False(t, ok, out)
	out, ok = run(address+"\n", "relay", "add", "phone", "--file")
	require.True(t, ok, out)
	out, ok = run("", "settings", "set", "relays.phone.after", "15m")
	require.True(t, ok, out)
	out, ok = run("", "relay", "list")
	require.True(t, ok)
	require.Equal(t, "phone  generic  when nobody answers for 15 min; all alarms\n", out)
	out, _ = run("", "check")
	require.Contains(t, out, "ok   relay phone   generic, when nobody answers for 15 min; all alarms; to try it: llutray relay test phone\n")
	out, ok = run("", "relay", "test", "phone")
	require.True(t, ok, out)
	mu.Lock()
	require.Len(t, got, 1)
	require.Contains(t, got[0], `/S3CRET {"message":"This is how`)
	mu.Unlock()
	srv.Close()
	out, ok = run("", "relay", "test", "phone")
	require.False(t, ok)
	require.Contains(t, out, "phone: the service cannot be reached")
	out, ok = run("", "relay", "remove", "phone")
	require.True(t, ok, out)
	out, ok = run("", "relay", "list")
	require.True(t, ok)
	require.Contains(t, out, "There are no relays")
	left, err := os.ReadFile(filepath.Join(dir, "config/llutray/settings.toml"))
	require.NoError(t, err)
	require.NotContains(t, string(left), "relays.phone")
	require.NoFileExists(t, filepath.Join(dir, "data/llutray/secrets.json"))
	_, ok = run("", "relay", "remove", "nobody")
	require.False(t, ok)
}

// lockable is a keyring with one state for all of it.
type lockable struct{ err error }

func (l *lockable) Get(context.Context, string) (string, error) { return "ntfy://x/y", l.err }
func (l *lockable) Set(context.Context, string, string) error   { return l.err }
func (l *lockable) Delete(context.Context, string) error        { return l.err }

func TestRelayAddressWhileTheKeyringIsLocked(t *testing.T) {
	k := &lockable{err: settings.ErrLocked}
	find := relayChild(settings.Secrets{Keyring: k}).URL
	_, err := find(t.Context(), "phone")
	require.ErrorIs(t, err, settings.ErrLocked)
	k.err = nil
	_, err = find(t.Context(), "phone")
	require.NoError(t, err)
	k.err = settings.ErrLocked
	u, err := find(t.Context(), "phone")
	require.NoError(t, err, "it was known before")
	require.Equal(t, "ntfy://x/y", u)
	k.err = settings.ErrNotFound
	_, err = find(t.Context(), "phone")
	require.ErrorContains(t, err, "llutray relay add phone")
	k.err = settings.ErrLocked
	_, err = find(t.Context(), "phone")
	require.ErrorIs(t, err, settings.ErrLocked, "and is forgotten with the address")
}

func TestRelayRules(t *testing.T) {
	path := t.TempDir() + "/settings.toml"
	for k, v := range map[string]string{
		"relays.a.people": "emma, Nobody", "relays.a.alarms": "low", "relays.a.text": "content_free", "relays.a.recovered": "false",
		"relays.a.from": "22:00", "relays.a.to": "07:00", "relays.b.on": "false",
	} {
		require.NoError(t, settings.Set(path, k, v))
	}
	set, err := settings.Load(path)
	require.NoError(t, err)
	require.Equal(t, []relay.Rule{{
		Name: "a", Kinds: []alarm.Kind{alarm.Low}, People: []string{"id-1", "Nobody"}, Every: 15 * time.Minute, ContentFree: true,
		Hours: []alarm.Window{{From: 22 * 60, To: 7 * 60}},
	}}, relayRules(set, []glucose.Person{{ID: "id-1", Name: "Emma Example"}}))
}
