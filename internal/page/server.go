// Package page is the local web page: the live chart, the numbers, the
// settings and the sign-in, for a browser on this computer and nobody else.
// What it shows comes through Source; it owns no state but its keys.
package page

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Options are what a Server needs. Source is required.
type Options struct {
	Source Source
	Log    *slog.Logger // nil for none

	// Beat is how often an open event stream shows that it lives; 0 for 10 s.
	Beat time.Duration
	// Patience is how long a client may take to read one event; 0 for 5 s.
	Patience time.Duration
}

// Server serves the page. Nothing listens before the first Address.
type Server struct {
	opt   Options
	log   *slog.Logger
	keys  keys
	heard chan struct{} // one simulation of the alarms at a time

	mu       sync.Mutex // guards what follows
	listener net.Listener
	serving  *http.Server
	hosts    []string // by which a browser may call us; nil before the first Address
	streams  map[*stream]bool
	closed   bool
	done     chan struct{} // closed with the server
}

// New makes a server that does not listen yet.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Beat == 0 {
		o.Beat = 10 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	return &Server{
		opt: o, log: o.Log, heard: make(chan struct{}, 1),
		streams: map[*stream]bool{}, done: make(chan struct{}),
	}
}

// ErrClosed tells that the program is ending.
var ErrClosed error = lang.Error("llutray is just ending; start it again to see its page")

// Bounds of the server. A page is read by one person: what is slower or larger
// than this is a mistake or an attack.
const (
	headerTime  = 5 * time.Second
	readTime    = 15 * time.Second
	answerTime  = 60 * time.Second // the longest: a sign-in waits for the service
	idleTime    = 2 * time.Minute
	maxHeader   = 16 << 10
	closingTime = time.Second
)

// Address returns an address that opens the page once, within a minute; it
// starts to listen if nobody asked before. view is the part of the page to
// begin with, "" for the first.
func (s *Server) Address(view string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return "", ErrClosed
	}
	if s.listener == nil {
		if err := s.listen(); err != nil {
			return "", lang.E("the page can't be opened: %w", err)
		}
	}
	address := "http://" + s.hosts[0] + "/open?code=" + s.keys.code(time.Now())
	if known(view) {
		address += "&view=" + view
	}
	return address, nil
}

func (s *Server) listen() error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := l.Addr().(*net.TCPAddr).Port
	s.hosts = []string{"127.0.0.1:" + strconv.Itoa(port), "localhost:" + strconv.Itoa(port)}
	s.keys.cookie = "llutray-" + strconv.Itoa(port)
	s.listener = l
	s.serving = &http.Server{
		Handler: s.guard(s.hosts, s.routes()), DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := s.serving.Serve(&limited{Listener: l, free: make(chan struct{}, maxConnections)}); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the page is no longer served", "err", err)
		}
	}()
	s.log.Info("the page is served", "port", port)
	return nil
}

// Close tells every open page that the program ends, and stops serving.
func (s *Server) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	close(s.done)
	serving := s.serving
	s.mu.Unlock()
	if serving == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closingTime)
	defer cancel()
	if err := serving.Shutdown(ctx); err != nil {
		_ = serving.Close() // what is still being answered is of no use any more
	}
}

// maxConnections bounds what a careless or hostile program on this computer
// can make the process hold; a browser opens six for a page, and one more for
// each event stream.
const maxConnections = 64

// limited accepts only so many connections at a time.
type limited struct {
	net.Listener
	free chan struct{}
}

// Accept waits for a free place, then for a connection.
func (l *limited) Accept() (net.Conn, error) {
	l.free <- struct{}{}
	c, err := l.Listener.Accept()
	for err == nil && stranger(c) {
		_ = c.Close()
		c, err = l.Listener.Accept()
	}
	if err != nil {
		<-l.free
		return nil, err
	}
	return &counted{Conn: c, leave: sync.OnceFunc(func() { <-l.free })}, nil
}

type counted struct {
	net.Conn
	leave func()
}

// Close gives the place back.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
