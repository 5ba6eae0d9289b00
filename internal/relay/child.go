package relay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Child sends from a short-lived process of our own program. A service that
// hangs, or a library that panics, hangs or ends that process only.
type Child struct {
	Exe []string // the command whose process calls Serve
	// URL finds the address of a relay, with the secrets in it.
	URL func(ctx context.Context, name string) (string, error)
}

// job is what the child reads on its standard input: arguments and the
// environment can be seen by others.
type job struct {
	URL     string  `json:"url"`
	Message Message `json:"message"`
	Check   bool    `json:"check,omitempty"` // look at the address, send nothing
	Lang    string  `json:"lang,omitempty"`  // the language of what it says
}

// report is what it says on its standard output.
type report struct {
	Error string        `json:"error,omitempty"`
	Wait  time.Duration `json:"wait,omitempty"`
}

// Errors of a delivery that no service has caused.
var (
	errNoAnswer error = lang.Error("the service did not answer in time")
	errCrashed  error = lang.Error("the delivery ended in an error of the program itself; please report it")
)

// Send sends m to the relay called name.
func (c Child) Send(ctx context.Context, name string, m Message) error {
	u, err := c.URL(ctx, name)
	if err != nil {
		return err
	}
	return c.run(ctx, job{URL: u, Message: m})
}

// Check tells what is wrong with an address, without sending anything.
func (c Child) Check(ctx context.Context, address string) error {
	return c.run(ctx, job{URL: address, Check: true})
}

func (c Child) run(ctx context.Context, j job) error {
	j.Lang = lang.Locale()
	in, err := json.Marshal(j)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, c.Exe[0], c.Exe[1:]...)
	cmd.Stdin = bytes.NewReader(in)
	cmd.WaitDelay = time.Second
	hideWindow(cmd)
	out, _ := cmd.Output() // what it says counts, and nothing on its standard error may reach a log
	var r report
	switch {
	case ctx.Err() != nil:
		return errNoAnswer
	case json.Unmarshal(out, &r) != nil:
		return errCrashed
	case r.Error == "":
		return nil
	case r.Wait > 0:
		return &Wait{r.Error, r.Wait}
	}
	return errors.New(r.Error)
}

// Serve is the child's side: it does the one job on in, says on out how it
// ended, and returns the exit code. It changes defaults of net/http, so the
// process must end then.
func Serve(in io.Reader, out io.Writer) int {
	var j job
	r := report{}
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		r.Error = lang.T("there is nothing to send")
	} else if err := do(j); err != nil {
		r.Error = err.Error()
		var w *Wait
		if errors.As(err, &w) {
			r.Wait = w.For
		}
	}
	if json.NewEncoder(out).Encode(r) != nil {
		return 1
	}
	return 0
}

func do(j job) error {
	if j.Lang != "" {
		lang.Use(j.Lang)
	}
	if j.Check {
		return check(j.URL)
	}
	return send(j.URL, j.Message)
}
