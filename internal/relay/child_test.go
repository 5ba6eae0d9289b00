package relay

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
)

// childEnv makes the test binary the child process of a Child. Its value says
// what kind; hostEnv is where the services that have a fixed host are instead.
const (
	childEnv = "LLUTRAY_TEST_RELAY"
	hostEnv  = "LLUTRAY_TEST_RELAY_HOST"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "language": // says which one it was told
		var j job
		_ = json.NewDecoder(os.Stdin).Decode(&j)
		_ = do(job{Check: true, Lang: j.Lang})
		_ = json.NewEncoder(os.Stdout).Encode(report{Error: j.Lang + " " + lang.Locale()})
		os.Exit(0)
	case "crashes":
		panic("telegram://1234:SECRET@telegram")
	}
	if host := os.Getenv(hostEnv); host != "" {
		d := &net.Dialer{}
		http.DefaultTransport = &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return d.DialContext(ctx, network, host)
			},
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the stand-in's own
		}
	}
	os.Exit(Serve(os.Stdin, os.Stdout))
}

func child(t *testing.T, address string) Child {
	t.Setenv(childEnv, "real")
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each child waits for a second at its end
	return Child{Exe: []string{os.Args[0]}, URL: func(context.Context, string) (string, error) { return address, nil }}
}

// request is what a stand-in was sent.
type request struct {
	method, host, uri, body string
	header                  http.Header
}

// stand is a server that remembers its requests and answers as it is told.
type stand struct {
	*httptest.Server
	mu     sync.Mutex
	got    []request
	answer func(w http.ResponseWriter, n int) // of the nth request, from 0
}

func newStand(t *testing.T, secure bool, answer func(w http.ResponseWriter, n int)) *stand {
	s := &stand{answer: answer}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		n := len(s.got)
		s.got = append(s.got, request{r.Method, r.Host, r.RequestURI, string(b), r.Header})
		s.mu.Unlock()
		s.answer(w, n)
	})
	if secure {
		s.Server = httptest.NewTLSServer(h)
	} else {
		s.Server = httptest.NewServer(h)
	}
	t.Cleanup(s.Close)
	return s
}

func (s *stand) host() string { return s.Listener.Addr().String() }

func (s *stand) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

func says(code int, body string) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, _ int) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

var low = Message{Text{"LOW 62 ↓ Anna <3, falling", "62 mg/dL at 14:05 & more."}, true}

func TestNtfyRequest(t *testing.T) {
	s := newStand(t, false, says(200, `{"id":"x"}`))
	require.NoError(t, child(t, "ntfy://me:pw@"+s.host()+"/my-topic?scheme=http").Send(t.Context(), "phone", low))
	require.Len(t, s.requests(), 1)
	r := s.requests()[0]
	require.Equal(t, "POST /my-topic", r.method+" "+r.uri)
	require.Equal(t, low.Body, r.body)
	require.Equal(t, low.Title, r.header.Get("Title"))
	require.Equal(t, "Max", r.header.Get("Priority"), "a loud alarm rings through the phone's silence")
	user, pw, _ := (&http.Request{Header: r.header}).BasicAuth()
	require.Equal(t, []string{"me", "pw"}, []string{user, pw})

	// Priority as the user wants it, and none for a soft alarm.
	require.NoError(t, child(t, "ntfy://"+s.host()+"/my-topic?scheme=http&priority=2").Send(t.Context(), "phone", low))
	require.Equal(t, "Low", s.requests()[1].header.Get("Priority"))
	soft := low
	soft.Loud = false
	require.NoError(t, child(t, "ntfy://"+s.host()+"/my-topic?scheme=http").Send(t.Context(), "phone", soft))
	require.Equal(t, "Default", s.requests()[2].header.Get("Priority"))
}

const telegramURL = "telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw@telegram?chats=@anna"

func TestTelegramRequest(t *testing.T) {
	s := newStand(t, true, says(200, `{"ok":true,"result":{"message_id":1,"text":"x","date":1,"chat":{"id":1,"type":"private"}}}`))
	t.Setenv(hostEnv, s.host())
	require.NoError(t, child(t, telegramURL).Send(t.Context(), "bot", low))
	require.Len(t, s.requests(), 1)
	r := s.requests()[0]
	require.Equal(t, "POST api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage", r.method+" "+r.host+r.uri)
	var body map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &body))
	require.Equal(t, "@anna", body["chat_id"])
	require.Equal(t, "HTML", body["parse_mode"])
	require.Equal(t, "<b>LOW 62 ↓ Anna &lt;3, falling</b>\n62 mg/dL at 14:05 &amp; more.", body["text"])
}

func TestPushoverRequest(t *testing.T) {
	s := newStand(t, true, says(200, `{"status":1}`))
	t.Setenv(hostEnv, s.host())
	require.NoError(t, child(t, "pushover://:AppToken@UserKey/?devices=phone").Send(t.Context(), "po", low))
	require.Len(t, s.requests(), 1)
	r := s.requests()[0]
	require.Equal(t, "POST api.pushover.net/1/messages.json", r.method+" "+r.host+r.uri)
	form, err := url.ParseQuery(r.body)
	require.NoError(t, err)
	require.Equal(t, url.Values{
		"token": {"AppToken"}, "user": {"UserKey"}, "device": {"phone"}, "priority": {"1"},
		"title": {low.Title}, "message": {low.Body},
	}, form)
}

func TestMatrixRequest(t *testing.T) {
	s := newStand(t, false, func(w http.ResponseWriter, n int) {
		_, _ = io.WriteString(w, []string{`{"room_id":"!room:home"}`, `{"event_id":"$1"}`}[n%2])
	})
	require.NoError(t, child(t, "matrix://:TheToken@"+s.host()+"/?rooms=!room:home&disableTLS=yes").Send(t.Context(), "m", low))
	require.Len(t, s.requests(), 2)
	r := s.requests()[1]
	require.Equal(t, http.MethodPost, r.method)
	u, err := url.Parse(r.uri)
	require.NoError(t, err)
	require.Equal(t, "/_matrix/client/r0/rooms/!room:home/send/m.room.message", u.Path)
	require.Equal(t, "TheToken", u.Query().Get("access_token"))
	require.JSONEq(t, `{"msgtype":"m.text","body":"LOW 62 ↓ Anna <3, falling\n62 mg/dL at 14:05 & more."}`, r.body, "Matrix has no title, so it is in the text")
}

func TestWebhookRequest(t *testing.T) {
	s := newStand(t, false, says(204, ""))
	require.NoError(t, child(t, "generic+http://"+s.host()+"/hook?template=json&@X-Key=k&$source=llutray").Send(t.Context(), "w", low))
	r := s.requests()[0]
	require.Equal(t, "POST /hook", r.method+" "+r.uri)
	require.Equal(t, "k", r.header.Get("X-Key"))
	require.Equal(t, "application/json", r.header.Get("Content-Type"))
	require.JSONEq(t, `{"title":"LOW 62 ↓ Anna <3, falling","message":"62 mg/dL at 14:05 & more.","source":"llutray"}`, r.body)

	require.NoError(t, child(t, "generic+http://"+s.host()+"/hook").Send(t.Context(), "w", low))
	require.Equal(t, low.Title+"\n"+low.Body, s.requests()[1].body, "without a template there is only a text")
}

// A delivery counts only when the service took it: the library calls each of
// these a success, or would wait for ever.
func TestFailureIsNeverSuccess(t *testing.T) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, dead.Close())
	t.Run("telegram cannot be reached", func(t *testing.T) {
		t.Setenv(hostEnv, dead.Addr().String())
		require.EqualError(t, child(t, telegramURL).Send(t.Context(), "bot", low), "the service cannot be reached")
	})
	t.Run("telegram's proxy answers a page", func(t *testing.T) {
		s := newStand(t, true, says(502, "<html>Bad gateway"))
		t.Setenv(hostEnv, s.host())
		require.EqualError(t, child(t, telegramURL).Send(t.Context(), "bot", low), "the service answered 502 Bad Gateway")
	})
	t.Run("a redirect turns the message into a question", func(t *testing.T) {
		s := newStand(t, false, func(w http.ResponseWriter, n int) {
			if n == 0 {
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(http.StatusMovedPermanently)
			}
		})
		require.ErrorContains(t, child(t, "generic+http://"+s.host()+"/hook").Send(t.Context(), "w", low), "moved to another address")
	})
	t.Run("a server that never answers", func(t *testing.T) {
		release := make(chan struct{})
		s := newStand(t, false, func(http.ResponseWriter, int) { <-release })
		defer close(release)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, child(t, "generic+http://"+s.host()+"/hook").Send(ctx, "w", low), errNoAnswer)
	})
	t.Run("the library panics", func(t *testing.T) {
		c := child(t, "x")
		t.Setenv(childEnv, "crashes")
		require.ErrorIs(t, c.Send(t.Context(), "w", low), errCrashed)
	})
	t.Run("too many requests", func(t *testing.T) {
		s := newStand(t, false, func(w http.ResponseWriter, _ int) {
			w.Header().Set("Retry-After", "77")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		err := child(t, "ntfy://"+s.host()+"/t?scheme=http").Send(t.Context(), "w", low)
		var w *Wait
		require.ErrorAs(t, err, &w)
		require.Equal(t, 77*time.Second, w.For)
	})
}

// No error may repeat what is in an address: the message is shown and logged.
func TestErrorsHoldNoSecret(t *testing.T) {
	s := newStand(t, true, says(401, `{"ok":false,"error_code":401,"description":"Unauthorized SECRET"}`))
	t.Setenv(hostEnv, s.host())
	addresses := []string{
		"telegram://123:SECRETSECRETSECRETSECRETSECRETSECRE@telegram?chats=SECRET",
		"telegram://SECRET@telegram?chats=SECRET", "telegram://telegram", "telegram://123:SECRET@telegram",
		"pushover://:SECRET@SECRET/", "pushover://SECRET", "pushover://:SECRET@SECRET/?priority=SECRET",
		"ntfy://SECRET:SECRET@ntfy.sh/SECRET", "ntfy://SECRET:SECRET@ntfy.sh/", "ntfy://SECRET@ntfy.sh/t?priority=SECRET",
		"matrix://:SECRET@host/?rooms=SECRET", "matrix://SECRET:SECRET@host/", "matrix://host/?rooms=,",
		"generic+https://SECRET:SECRET@host/SECRET?SECRET=SECRET", "gotify://host/SECRET", "discord://SECRET@SECRET", "slack://SECRET",
		"smtp://SECRET:SECRET@127.0.0.1:1/?from=SECRET&to=SECRET", "smtp://SECRET:SECRET@127.0.0.1:1/", "join://SECRET", "zulip://SECRET", "lark://SECRET",
		"SECRET", "SECRET://SECRET", "https://SECRET", "logger://SECRET", "", "%zz://SECRET", "ntfy://SECRET:%zz@host/t",
	}
	for _, a := range addresses {
		c := child(t, a)
		for what, err := range map[string]error{"send": c.Send(t.Context(), "x", low), "check": c.Check(t.Context(), a)} {
			if err != nil {
				require.NotContains(t, err.Error(), "SECRET", "%s %s", what, a)
			}
			require.NotErrorIs(t, err, errCrashed, "%s %s", what, a)
			if what == "send" {
				require.Error(t, err, a)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	for address, want := range map[string]string{
		telegramURL:                 "",
		"ntfy://ntfy.sh/topic":      "",
		"matrix://me:pw@matrix.org": "", // signing in is left to the test
		"ntfy://ntfy.sh/":           "ntfy://ntfy.sh/TOPIC",
		"pushover://:token@/":       "pushover://:APP-TOKEN@USER-KEY/",
		"https://example.org/hook":  "generic+https://",
	} {
		err := child(t, "").Check(t.Context(), address)
		if want == "" {
			require.NoError(t, err, address)
			continue
		}
		require.ErrorContains(t, err, want, address)
	}
	for s := range maps.Keys(forms) {
		require.Contains(t, Services(), s)
		require.True(t, strings.HasPrefix(forms[s], s), s)
	}
	for _, s := range titled {
		require.Contains(t, Services(), s)
	}
	require.Equal(t, "generic", Service("generic+https://x"))
	require.Equal(t, "", Service("logger://"))
}

func TestAddressThatCannotBeRead(t *testing.T) {
	locked := errors.New("the keyring is locked")
	c := Child{URL: func(context.Context, string) (string, error) { return "", locked }}
	require.ErrorIs(t, c.Send(t.Context(), "x", low), locked)
}
