package main

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/busapi"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// The outputs, as their troubles are told.
const (
	outputMQTT     = "MQTT"
	outputUpload   = "Nightscout upload"
	outputEndpoint = "Nightscout endpoint"
	outputHook     = "Hook"
	outputBus      = "D-Bus"
)

// run does something until it ends, and keeps why if it ends badly.
func (x *outputs) run(ctx context.Context, what string, f func() error) {
	x.workers.Go(func() {
		if err := f(); err != nil && ctx.Err() == nil {
			x.p.log.Warn(what+" does not work", "err", err)
			x.note(ctx, what, err.Error())
		}
	})
}

// troubles are how the outputs do that are switched on.
func (x *outputs) troubles() (out []app.Trouble) {
	x.mu.Lock()
	o, m, upload := x.set.Outputs, x.mqtt, x.upload
	why := func(what, fallback string) string {
		if text, ok := x.broken[what]; ok {
			return text
		}
		return fallback
	}
	if o.MQTT.Broker != "" {
		out = append(out, app.Trouble{Of: outputMQTT, Text: why(outputMQTT, lang.T(noSecretYet))})
	}
	if o.Nightscout.Upload && o.Nightscout.Site != "" {
		out = append(out, app.Trouble{Of: outputUpload, Text: why(outputUpload, lang.T(noSecretYet))})
	}
	if o.Nightscout.Port != 0 {
		out = append(out, app.Trouble{Of: outputEndpoint, Text: why(outputEndpoint, "")})
	}
	if o.Hook.Command != "" {
		out = append(out, app.Trouble{Of: outputHook, Text: why(outputHook, "")})
	}
	if o.Bus {
		out = append(out, app.Trouble{Of: outputBus, Text: why(outputBus, "")})
	}
	x.mu.Unlock()
	for i := range out {
		switch t := &out[i]; {
		case t.Of == outputMQTT && m != nil:
			t.Text = m.Trouble()
		case t.Of == outputUpload && upload != nil:
			t.Text = ""
			if f := upload.Fault(); f != nil {
				t.Text = strings.TrimSpace(f.Message + " " + f.Hint)
			}
		}
	}
	return out
}

// noSecretYet is what keeps an output waiting that has not begun.
var noSecretYet = lang.Mark("its password cannot be read: unlock the desktop's keyring")

// busPause is how long the interface on the bus waits for a bus that is gone,
// or for another program to give its name back.
const busPause = 10 * time.Second

// offer keeps the interface on the session's bus, which may go and come back.
func (x *outputs) offer(ctx context.Context, bus *busapi.Server) error {
	for said := ""; ; {
		err := bus.Run(ctx)
		if err == nil || os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
			return err
		}
		if err.Error() != said {
			said = err.Error()
			x.p.log.Warn("the values are not offered on the session's D-Bus", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(busPause):
		}
	}
}

// portPause is how long the endpoint waits for a port that another program has.
const portPause = 5 * time.Second

// listen takes a port of this computer as soon as it is free; nil when ctx has
// ended before.
func (x *outputs) listen(ctx context.Context, port int) net.Listener {
	for said := ""; ; {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			x.note(ctx, outputEndpoint, "")
			return l
		}
		text := lang.E("port %d cannot be used: %w", port, err).Error()
		x.note(ctx, outputEndpoint, text)
		if text != said {
			said = text
			x.p.log.Warn("the endpoint for Nightscout's followers waits for its port", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(portPause):
		}
	}
}

// note keeps what stands in an output's way, "" for nothing.
func (x *outputs) note(ctx context.Context, what, trouble string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if ctx.Err() != nil {
		return // those that came in its place have begun anew
	}
	delete(x.broken, what)
	if trouble != "" {
		x.broken[what] = trouble
	}
}

// secret reads one that may be missing.
func secret(ctx context.Context, s settings.Secrets, key string) (string, error) {
	v, err := s.Get(ctx, key)
	if errors.Is(err, settings.ErrNotFound) {
		return "", nil
	}
	return v, err
}

// secretPause is the time between two questions to a keyring that is locked.
const secretPause = time.Minute

// patiently reads a secret, again and again while the keyring does not answer.
func (x *outputs) patiently(ctx context.Context, secrets settings.Secrets, key string) (string, error) {
	for {
		v, err := secret(ctx, secrets, key)
		if !errors.Is(err, settings.ErrLocked) {
			return v, err
		}
		select {
		case <-ctx.Done():
			return "", nil
		case <-time.After(secretPause):
		}
	}
}
