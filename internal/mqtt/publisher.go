package mqtt

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Config says where the broker is and what it is told.
type Config struct {
	Broker    string // mqtt://HOST:1883, mqtts://HOST:8883 or ws://, wss://HOST/PATH
	User      string
	Password  string
	CAFile    string // PEM of who vouches for the broker; "" for the system's
	Prefix    string // of the topics; "" for "llutray"
	Discovery string // Home Assistant's prefix, "homeassistant"; "" for none
	NoNames   bool   // tell Home Assistant a number instead of the name
	Commands  bool   // listen to commands
	Version   string // of the program
}

func (c Config) prefix() string {
	if p := strings.Trim(c.Prefix, "/ "); p != "" {
		return p
	}
	return "llutray"
}

// Check tells what is wrong with the settings, before anything is connected.
// It does not repeat a password in the address.
func (c Config) Check() error {
	u, err := url.Parse(c.Broker)
	if err != nil || u.Host == "" || !slices.Contains([]string{"mqtt", "mqtts", "ws", "wss"}, u.Scheme) {
		return lang.E("the broker's address is not understood: write it like mqtt://192.168.1.5:1883 or mqtts://HOST:8883")
	}
	if u.User != nil {
		return lang.E("the broker's user and password do not belong into its address")
	}
	if strings.ContainsAny(c.Prefix+c.Discovery, "+#\x00") {
		return lang.E("a prefix of MQTT topics holds no + and no #")
	}
	_, err = c.tls()
	return err
}

func (c Config) tls() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, lang.E("the file that vouches for the broker cannot be read: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, lang.E("there is no certificate in %s", c.CAFile)
	}
	return t, nil
}

const (
	keepAlive = 30 // seconds: after one and a half of them the broker says "offline"
	patience  = 10 * time.Second
	// goodbye is how long the program's end may wait for the broker.
	goodbye = time.Second
)

// backoff is the pause before each try to connect; the last one stays.
var backoff = [...]time.Duration{0, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute}

// Publisher keeps a broker up to date. Its methods never wait for it.
type Publisher struct {
	cfg   Config
	log   *slog.Logger
	heard func(Command)
	poke  chan struct{} // capacity 1

	mu      sync.Mutex
	people  []glucose.Person // as Home Assistant knows them; a place is kept for good
	want    []message        // what the broker shall hold, one a topic
	told    map[string]string
	trouble string
	up      bool
}

// New makes a Publisher. heard is given commands, from a goroutine of the
// publisher; it is not called without Config.Commands. log may be nil.
func New(c Config, heard func(Command), log *slog.Logger) *Publisher {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Publisher{cfg: c, log: log, heard: heard, poke: make(chan struct{}, 1), trouble: lang.T("not connected yet")}
}

// Publish tells how a person does now. Only the latest is sent, and only if it
// differs from what the broker has.
func (p *Publisher) Publish(s State) {
	p.mu.Lock()
	i := slices.IndexFunc(p.people, func(x glucose.Person) bool { return x.ID == s.Person.ID })
	if i < 0 {
		i = len(p.people)
		p.people = append(p.people, glucose.Person{})
	}
	if p.people[i] != s.Person {
		p.people[i] = s.Person
		if p.cfg.Discovery != "" {
			p.set(p.cfg.discovery(s.Person, i+1)...)
		}
	}
	p.set(message{p.cfg.topics(s.Person.ID).state, s.Payload()})
	p.mu.Unlock()
	p.wake()
}

// Forget takes back what the broker was told of a person who is followed no
// longer.
func (p *Publisher) Forget(id string) {
	p.mu.Lock()
	for i, x := range p.people {
		if x.ID == id {
			if p.cfg.Discovery != "" {
				p.set(p.cfg.undiscovery(x)...)
			}
			p.set(message{p.cfg.topics(id).state, nil})
			p.people[i].Name = "" // so that it is told when they are back
		}
	}
	p.mu.Unlock()
	p.wake()
}

// set changes what the broker shall hold.
func (p *Publisher) set(all ...message) {
	for _, m := range all {
		i := slices.IndexFunc(p.want, func(x message) bool { return x.topic == m.topic })
		if i < 0 {
			p.want = append(p.want, m)
			continue
		}
		p.want[i].payload = m.payload
	}
}

// Trouble says why the broker is not up to date, for people; "" when it is.
func (p *Publisher) Trouble() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trouble
}

func (p *Publisher) wake() {
	select {
	case p.poke <- struct{}{}:
	default:
	}
}

// Run connects, and connects again, until ctx ends; it says "offline" then.
func (p *Publisher) Run(ctx context.Context) error {
	if err := p.cfg.Check(); err != nil {
		p.fail(err.Error())
		return err
	}
	u, err := url.Parse(p.cfg.Broker)
	if err != nil {
		return err
	}
	secure, err := p.cfg.tls()
	if err != nil {
		return err
	}
	id := make([]byte, 6)
	_, _ = rand.Read(id)
	// The connection outlives ctx by the goodbye.
	bound, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	cm, err := autopaho.NewConnection(bound, autopaho.ClientConfig{
		ServerUrls: []*url.URL{u}, TlsCfg: secure, KeepAlive: keepAlive, CleanStartOnInitialConnection: true,
		ConnectTimeout: patience, ConnectUsername: p.cfg.User, ConnectPassword: []byte(p.cfg.Password),
		ReconnectBackoff: func(n int) time.Duration { return backoff[min(n, len(backoff)-1)] },
		WillMessage:      &paho.WillMessage{Topic: p.cfg.status(), Payload: []byte("offline"), QoS: 1, Retain: true},
		OnConnectionUp:   func(cm *autopaho.ConnectionManager, _ *paho.Connack) { p.connected(bound, cm) },
		OnConnectionDown: func() bool { p.lost(lang.T("the connection to the broker was lost")); return true },
		OnConnectError:   func(err error) { p.lost(words(err)) },
		ClientConfig: paho.ClientConfig{
			ClientID: "llutray-" + hex.EncodeToString(id), PacketTimeout: patience,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){p.received},
		},
	})
	if err != nil {
		p.fail(err.Error())
		return err
	}
	for {
		select {
		case <-ctx.Done():
			p.leave(cm)
			return nil
		case <-p.poke:
			p.send(ctx, cm)
		}
	}
}

// connected makes everything be told anew: a broker may come back without what
// it had retained.
func (p *Publisher) connected(ctx context.Context, cm *autopaho.ConnectionManager) {
	p.mu.Lock()
	p.up, p.trouble = true, ""
	p.told = map[string]string{}
	p.mu.Unlock()
	p.log.Info("connected to the MQTT broker")
	go func() { // the callback must not wait
		bound, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if p.cfg.Commands {
			_, err := cm.Subscribe(bound, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: p.cfg.topics("").any(), QoS: 1}}})
			if err != nil && bound.Err() == nil {
				p.log.Warn("commands over MQTT are not heard", "err", err)
			}
		}
		if err := p.publish(bound, cm, message{p.cfg.status(), []byte("online")}); err != nil && bound.Err() == nil {
			p.log.Debug("the MQTT broker did not take the word that we are here", "err", err)
		}
		p.wake()
	}()
}

// any matches the commands for everybody.
func (t topics) any() string {
	// The ID is empty: "prefix//command".
	return strings.Replace(t.command, "//", "/+/", 1)
}

func (p *Publisher) lost(why string) { p.lose(false, why) }

// lose notes what is wrong; up tells that it is not the connection. "" is that
// all is well, and is not believed without a connection.
func (p *Publisher) lose(up bool, why string) {
	p.mu.Lock()
	was := p.trouble
	if up && !p.up {
		why = was
	}
	p.up, p.trouble = p.up && up, why
	p.mu.Unlock()
	if was != why && why != "" {
		p.log.Warn("the MQTT broker is not up to date", "why", why)
	}
}

func (p *Publisher) fail(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = why
}

// send brings the broker up to date. After a failure the rest is left to the
// next connection.
func (p *Publisher) send(ctx context.Context, cm *autopaho.ConnectionManager) {
	for {
		m, ok := p.next()
		if !ok {
			p.lose(true, "")
			return
		}
		bound, cancel := context.WithTimeout(ctx, patience)
		err := p.publish(bound, cm, m)
		cancel()
		if err != nil {
			if errors.Is(err, errRefused) {
				p.lose(true, err.Error()) // until it takes the next one
			}
			return
		}
		p.mu.Lock()
		p.told[m.topic] = string(m.payload)
		p.mu.Unlock()
	}
}

// next is the next message that the broker does not hold.
func (p *Publisher) next() (message, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.up {
		return message{}, false
	}
	for _, m := range p.want {
		if told, ok := p.told[m.topic]; !ok || told != string(m.payload) {
			return m, true
		}
	}
	return message{}, false
}

func (p *Publisher) publish(ctx context.Context, cm *autopaho.ConnectionManager, m message) error {
	r, err := cm.Publish(ctx, &paho.Publish{Topic: m.topic, Payload: m.payload, QoS: 1, Retain: true})
	if r != nil && r.ReasonCode >= packets.PubackUnspecifiedError {
		return errRefused
	}
	return err
}

var errRefused error = lang.Error("the broker does not take what it is told: look at its access rules")

// leave says goodbye: a broker sends no last will for who leaves in order.
func (p *Publisher) leave(cm *autopaho.ConnectionManager) {
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	p.mu.Lock()
	up := p.up
	p.mu.Unlock()
	if up {
		_ = p.publish(ctx, cm, message{p.cfg.status(), []byte("offline")})
	}
	_ = cm.Disconnect(ctx)
}

// received takes in a command. A retained one would be obeyed again with each
// connection.
func (p *Publisher) received(r paho.PublishReceived) (bool, error) {
	if !p.cfg.Commands || r.Packet.Retain || p.heard == nil {
		return true, nil
	}
	c, err := parseCommand(string(r.Packet.Payload))
	if err != nil {
		p.log.Warn("a command over MQTT is not understood", "err", err)
		return true, nil
	}
	p.mu.Lock()
	for _, x := range p.people {
		if p.cfg.topics(x.ID).command == r.Packet.Topic {
			c.Person = x.ID
		}
	}
	p.mu.Unlock()
	if c.Person != "" {
		p.heard(c)
	}
	return true, nil
}

// words is an error of the connection for people.
func words(err error) string {
	var (
		refused *autopaho.ConnackError
		op      *net.OpError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &refused):
		switch refused.ReasonCode {
		case packets.ConnackBadUsernameOrPassword, packets.ConnackNotAuthorized:
			return lang.T("the broker refuses the user or the password")
		case packets.ConnackUnsupportedProtocolVersion:
			return lang.T("the broker does not speak MQTT 5: renew it")
		}
		return lang.F("the broker refuses the connection (reason %d)", refused.ReasonCode)
	case errors.As(err, &cert):
		return lang.T("the broker's certificate cannot be trusted")
	case errors.As(err, &record):
		return lang.T("the broker does not speak TLS there: look at its address")
	case errors.As(err, &op):
		return lang.T("the broker cannot be reached")
	}
	return lang.T("the broker does not answer")
}
