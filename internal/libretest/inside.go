package libretest

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// StartInside starts a server that listens on no port: its clients reach it
// with Dial, through pipes within the process. Nothing of it waits for the
// system, so that it works where testing/synctest owns the time.
func (s *Server) StartInside() error {
	s.mu.Lock()
	s.inside = true
	s.mu.Unlock()
	return s.Start()
}

// Dial connects to a server that StartInside started, whatever the address.
// While the server is Down the connection is refused.
func (s *Server) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	s.mu.Lock()
	p := s.pipes
	s.mu.Unlock()
	if p != nil {
		near, far := net.Pipe()
		select {
		case p.arrive <- far:
			return near, nil
		case <-p.closed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
}

// pipes is a listener for connections within the process.
type pipes struct {
	arrive chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{arrive: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.arrive:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is an address of loopback that nobody listens on.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9} }
