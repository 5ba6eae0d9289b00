package mqtt

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/musthave"
)

// childEnv makes the test binary a publisher that is there to be killed.
const childEnv = "LLUTRAY_TEST_MQTT"

func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		p := New(Config{Broker: url}, nil, nil)
		p.Publish(low)
		_ = p.Run(context.Background())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var (
	at  = time.Date(2026, 3, 2, 14, 5, 0, 0, time.UTC)
	low = State{
		Person:  glucose.Person{ID: "0f3c-1", Name: "Anna"},
		Reading: &glucose.Reading{Time: at, Value: 62, Trend: glucose.Falling},
		Delta:   &glucose.Delta{Change: -9, Minutes: 5}, Range: glucose.Low, Alarm: alarm.Low,
	}
)

const (
	stateTopic = "llutray/0f3c-1/state"
	lowPayload = `{"mgdl":62,"mmol":3.4,"trend":"falling","limit":null,"delta_mgdl":-9,"delta_mmol":-0.5,"delta_minutes":5,` +
		`"time":"2026-03-02T14:05:00Z","range":"low","stale":false,"alarm":"low","fault":"none"}`
)

// run starts a publisher and ends it with the test, or with stop.
func run(t *testing.T, c Config, hear func(Command)) (p *Publisher, stop func()) {
	p = New(c, hear, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { _ = p.Run(ctx) })
	stop = func() { cancel(); done.Wait() }
	t.Cleanup(stop)
	return p, stop
}

func (b *broker) wait(p *Publisher) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return p.Trouble() == "" }, 10*time.Second, 10*time.Millisecond, "%s", p.Trouble())
}

func TestRetained(t *testing.T) {
	b := newBroker(t)
	p, stop := run(t, Config{Broker: b.url(), Discovery: "homeassistant"}, nil)
	p.Publish(low)
	early := b.listen()
	early.wait(t, stateTopic, lowPayload)
	late := b.listen()
	late.wait(t, stateTopic, lowPayload)
	late.wait(t, "llutray/status", "online")
	require.True(t, late.of(stateTopic)[0].retained)
	require.Contains(t, late.last("homeassistant/sensor/llutray_0f3c-1/glucose_mgdl/config"), `"state_topic":"`+stateTopic+`"`)

	stop()
	late.wait(t, "llutray/status", "offline")
	last := b.listen()
	last.wait(t, "llutray/status", "offline")
}

func TestOnlyChangesArePublished(t *testing.T) {
	b := newBroker(t)
	l := b.listen()
	p, _ := run(t, Config{Broker: b.url()}, nil)
	b.wait(p)
	for range 20 {
		p.Publish(low)
	}
	l.wait(t, stateTopic, lowPayload)
	old := low
	old.Stale = true
	p.Publish(old)
	const stale = `{"mgdl":null,"mmol":null,"trend":"unknown","limit":null,"delta_mgdl":null,"delta_mmol":null,"delta_minutes":null,` +
		`"time":"2026-03-02T14:05:00Z","range":"unknown","stale":true,"alarm":"low","fault":"none"}`
	l.wait(t, stateTopic, stale)
	require.Len(t, l.of(stateTopic), 2)
}

func TestForget(t *testing.T) {
	b := newBroker(t)
	l := b.listen()
	p, _ := run(t, Config{Broker: b.url(), Discovery: "homeassistant"}, nil)
	p.Publish(low)
	l.wait(t, stateTopic, lowPayload)
	p.Forget(low.Person.ID)
	l.wait(t, stateTopic, "")
	l.wait(t, "homeassistant/sensor/llutray_0f3c-1/trend/config", "")
	p.Publish(low)
	l.wait(t, stateTopic, lowPayload)
	require.Contains(t, l.last("homeassistant/sensor/llutray_0f3c-1/trend/config"), "Trend")
}

// A program that dies says nothing; the broker does it for it.
func TestLastWillOfTheKilled(t *testing.T) {
	b := newBroker(t)
	l := b.listen()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+b.url())
	require.NoError(t, cmd.Start())
	l.wait(t, stateTopic, lowPayload)
	l.wait(t, "llutray/status", "online")
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	l.wait(t, "llutray/status", "offline")
}

func TestBrokerRestarts(t *testing.T) {
	b := newBroker(t)
	p, _ := run(t, Config{Broker: b.url()}, nil)
	p.Publish(low)
	b.listen().wait(t, stateTopic, lowPayload)
	b.stop()
	require.Eventually(t, func() bool { return p.Trouble() != "" }, 10*time.Second, 10*time.Millisecond)
	next := low
	next.Alarm = ""
	p.Publish(next) // while it is away
	b.start()       // without what it had retained
	l := b.listen()
	l.wait(t, stateTopic, string(next.Payload()))
	l.wait(t, "llutray/status", "online")
	b.wait(p)
}

func TestStartsWithoutBroker(t *testing.T) {
	b := newBroker(t)
	b.stop()
	p, stop := run(t, Config{Broker: b.url()}, nil)
	p.Publish(low)
	require.Eventually(t, func() bool { return p.Trouble() == "the broker cannot be reached" }, 10*time.Second, 10*time.Millisecond)
	begun := time.Now()
	stop()
	require.Less(t, time.Since(begun), 3*time.Second)
}

func TestPasswordAndAccess(t *testing.T) {
	passwords := filepath.Join(t.TempDir(), "passwords")
	out, err := exec.Command(musthave.Program(t, "mosquitto_passwd"), "-b", "-c", passwords, "llutray", "s3cret").CombinedOutput()
	require.NoError(t, err, "%s", out)
	rules := filepath.Join(t.TempDir(), "acl")
	require.NoError(t, os.WriteFile(rules, []byte("user llutray\ntopic readwrite llutray/#\n"), 0o600))
	b := newBroker(t, "allow_anonymous false", "password_file "+passwords, "acl_file "+rules)
	p, _ := run(t, Config{Broker: b.url(), User: "llutray", Password: "s3cret"}, nil)
	p.Publish(low)
	b.listen("-u", "llutray", "-P", "s3cret").wait(t, stateTopic, lowPayload)
	for _, c := range []Config{{}, {User: "llutray", Password: "wrong"}} {
		c.Broker = b.url()
		p, _ := run(t, c, nil)
		require.Eventually(t, func() bool { return p.Trouble() == "the broker refuses the user or the password" }, 10*time.Second, 10*time.Millisecond)
	}
	p, _ = run(t, Config{Broker: b.url(), User: "llutray", Password: "s3cret", Prefix: "forbidden"}, nil)
	p.Publish(low)
	require.Eventually(t, func() bool { return p.Trouble() == errRefused.Error() }, 10*time.Second, 10*time.Millisecond, "%s", p.Trouble())
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "broker"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	require.NoError(t, err)
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600))
		return path
	}
	certFile := write("cert.pem", "CERTIFICATE", der)
	secret, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	b := newBroker(t, "allow_anonymous true", "certfile "+certFile, "keyfile "+write("key.pem", "EC PRIVATE KEY", secret))
	p, _ := run(t, Config{Broker: "mqtts://127.0.0.1:" + b.port, CAFile: certFile}, nil)
	p.Publish(low)
	b.listen("--cafile", certFile).wait(t, stateTopic, lowPayload)
	b.wait(p)
	p, _ = run(t, Config{Broker: "mqtts://127.0.0.1:" + b.port}, nil)
	require.Eventually(t, func() bool { return p.Trouble() == "the broker's certificate cannot be trusted" }, 10*time.Second, 10*time.Millisecond)
}

func TestCommands(t *testing.T) {
	b := newBroker(t)
	b.say("llutray/0f3c-1/command", "snooze low 15m", "-r") // retained: it would be obeyed with each connection
	var mu sync.Mutex
	var got []Command
	refreshed := make(chan struct{}, 64)
	hear := func(c Command) {
		if c.Refresh {
			refreshed <- struct{}{}
			return
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, c)
	}
	all := func() []Command {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
	deaf, _ := run(t, Config{Broker: b.url(), Prefix: "llutray"}, func(Command) { t.Error("commands are off") })
	deaf.Publish(low)
	p, _ := run(t, Config{Broker: b.url(), Commands: true}, hear)
	p.Publish(low)
	b.wait(p)
	b.wait(deaf)
	say := func(topic, text string) { b.say("llutray/"+topic+"/command", text) }
	require.Eventually(t, func() bool { say("0f3c-1", "refresh"); return len(refreshed) > 0 }, 10*time.Second, 50*time.Millisecond)
	say("0f3c-1", "snooze low 24h") // too long: refused
	say("somebody", "seen")
	say("0f3c-1", "snooze high 2h")
	require.Eventually(t, func() bool { return len(all()) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, Command{Person: "0f3c-1", Answer: alarm.SnoozeFor, Alarm: alarm.High, For: 2 * time.Hour}, all()[0])
}
