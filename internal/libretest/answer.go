package libretest

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// answer is what goes back to the client. It is complete before anything is
// written, so that a scenario can damage it.
type answer struct {
	status int
	header http.Header
	body   []byte
	// rest, if set, writes the body instead, and may take its time: it has to end
	// when the client leaves or leave is closed.
	rest func(w http.ResponseWriter, r *http.Request, leave <-chan struct{})
}

func reply(status int, v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // all of it is maps of plain values
	}
	return &answer{status: status, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body: body}
}

func page(status int, html string) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {"text/html; charset=UTF-8"}}, body: []byte(html)}
}

func (a *answer) with(name, value string) *answer {
	a.header.Set(name, value)
	return a
}

func (a *answer) write(w http.ResponseWriter, r *http.Request, leave <-chan struct{}) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.rest != nil {
		a.rest(w, r, leave)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // fails only when the client has left
}

// stall sends half of the body and then nothing.
func stall(a *answer) {
	a.rest = func(w http.ResponseWriter, r *http.Request, leave <-chan struct{}) {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-leave:
		}
		panic(http.ErrAbortHandler) // the way to break a connection from a handler
	}
}

const hugeBody = 50 << 20

// swell makes the body a valid start of JSON that goes on for 50 MB.
func swell(a *answer) {
	a.rest = func(w http.ResponseWriter, r *http.Request, leave <-chan struct{}) {
		w.WriteHeader(a.status)
		chunk := make([]byte, 64<<10)
		for i := range chunk {
			chunk[i] = 'x'
		}
		_, err := io.WriteString(w, `{"status":0,"data":[{"patientId":"`)
		for sent := 0; sent < hugeBody && err == nil; sent += len(chunk) {
			select {
			case <-leave:
				return
			default:
			}
			_, err = w.Write(chunk)
		}
		if err == nil {
			_, _ = io.WriteString(w, `"}]}`)
		}
	}
}

// hangUp breaks the connection before the first byte.
func hangUp(a *answer) {
	a.rest = func(http.ResponseWriter, *http.Request, <-chan struct{}) { panic(http.ErrAbortHandler) }
}

func tooMany(wait time.Duration) *answer {
	a := reply(http.StatusTooManyRequests, obj{"message": "Too Many Requests"})
	if wait > 0 {
		// Rounded up: a client that comes back to the second must be let in.
		a.with("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	return a
}
