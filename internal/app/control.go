package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// A command of another process reaches the running program through a socket
// that only this user can open: the folder is 0700 and the socket 0600.

// controlWire is one question over the socket, a line of JSON.
type controlWire struct {
	Command string        `json:"command"`
	Kind    string        `json:"kind,omitempty"`
	Person  string        `json:"person,omitempty"`
	For     time.Duration `json:"for,omitempty"`
}

type replyWire struct {
	Text  string `json:"text"`
	Error string `json:"error,omitempty"`
}

const (
	controlDeadline = 10 * time.Second // a test alarm may wait for a slow desktop
	maxControlLine  = 4 << 10
	maxSocketPath   = 100 // a socket's address holds 104 to 108 bytes
)

// ErrNotRunning tells that no llutray of this user is running.
var ErrNotRunning error = lang.Error("llutray is not running")

// Control answers commands of other processes until closed.
type Control struct {
	listener net.Listener
	path     string
	dir      string // made for a socket whose usual path is too long
	Requests <-chan Request
}

// ListenControl opens the socket at path. The caller holds the program's lock,
// so a socket that is there already is a dead program's.
func ListenControl(path string) (*Control, error) {
	c := &Control{path: path}
	address := path
	_ = os.Remove(path)
	if len(path) > maxSocketPath {
		dir, err := os.MkdirTemp("", "llutray")
		if err != nil {
			return nil, err
		}
		c.dir, address = dir, filepath.Join(dir, "s")
		if err := os.WriteFile(path, []byte(address), 0o600); err != nil {
			return nil, err
		}
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "unix", address)
	if err != nil {
		return nil, lang.E("other commands can't reach this llutray: %w", err)
	}
	if err := os.Chmod(address, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	requests := make(chan Request)
	c.listener, c.Requests = l, requests
	go c.serve(requests)
	return c, nil
}

// Close stops answering.
func (c *Control) Close() {
	_ = c.listener.Close()
	_ = os.Remove(c.path)
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}

func (c *Control) serve(requests chan<- Request) {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(controlDeadline))
			_ = json.NewEncoder(conn).Encode(ask(conn, requests))
		}()
	}
}

// ask reads one question and waits for the loop's answer.
func ask(conn io.Reader, requests chan<- Request) replyWire {
	line, err := bufio.NewReader(io.LimitReader(conn, maxControlLine)).ReadBytes('\n')
	var w controlWire
	if err != nil || json.Unmarshal(line, &w) != nil {
		return replyWire{Error: lang.T("that was not a command")}
	}
	ctx, cancel := context.WithTimeout(context.Background(), controlDeadline)
	defer cancel()
	reply := make(chan Reply, 1)
	select {
	case requests <- Request{Command: w.Command, Kind: w.Kind, Person: w.Person, For: w.For, Reply: reply}:
	case <-ctx.Done():
		return replyWire{Error: lang.T("llutray is busy and did not answer")}
	}
	select {
	case r := <-reply:
		return replyWire(r)
	case <-ctx.Done():
		return replyWire{Error: lang.T("llutray is busy and did not answer")}
	}
}

// Tell sends a command to the running program and returns its answer, or
// ErrNotRunning.
func Tell(path, command, kind string, d time.Duration) (string, error) {
	return TellAbout(path, "", command, kind, d)
}

// TellAbout is Tell about one person of several, by name or ID.
func TellAbout(path, person, command, kind string, d time.Duration) (string, error) {
	address := path
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		b, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		address = string(b)
	}
	ctx, cancel := context.WithTimeout(context.Background(), controlDeadline)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", address)
	if err != nil {
		return "", ErrNotRunning
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(controlDeadline + time.Second))
	if err := json.NewEncoder(conn).Encode(controlWire{command, kind, person, d}); err != nil {
		return "", lang.E("the running llutray does not answer: %w", err)
	}
	var r replyWire
	if err := json.NewDecoder(conn).Decode(&r); err != nil {
		return "", lang.E("the running llutray does not answer: %w", err)
	}
	if r.Error != "" {
		return "", errors.New(r.Error)
	}
	return r.Text, nil
}
