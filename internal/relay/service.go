package relay

import (
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/llutray/llutray/internal/lang"
)

// form is how an address of a service looks, for people. The fuller list is in
// the library's documentation.
var forms = map[string]string{
	"discord":    "discord://TOKEN@WEBHOOK-ID",
	"generic":    "generic+https://HOST/PATH?template=json",
	"gotify":     "gotify://HOST/TOKEN",
	"matrix":     "matrix://:ACCESS-TOKEN@HOST/?rooms=!ROOM:HOST",
	"ntfy":       "ntfy://ntfy.sh/TOPIC",
	"pushbullet": "pushbullet://ACCESS-TOKEN",
	"pushover":   "pushover://:APP-TOKEN@USER-KEY/",
	"smtp":       "smtp://USER:PASSWORD@HOST:587/?from=YOU@HOST&to=THEM@HOST",
	"telegram":   "telegram://BOT-TOKEN@telegram?chats=CHAT-ID",
}

// titled are the services that show a title as such; for the others it is the
// first line of the text. Matrix takes one and does not show it.
var titled = []string{"bark", "discord", "gotify", "ntfy", "pushbullet", "pushover", "smtp", "telegram"}

// loud is what makes a service ring through a phone's silence as far as it
// can, unless the address says something else. Pushover's 2 would need a
// receipt that the library cannot ask for.
var loud = map[string]string{"gotify": "8", "ntfy": "5", "opsgenie": "P1", "pushover": "1"}

// Services lists the services there are, by the word that an address begins
// with.
func Services() []string {
	all := (&router.ServiceRouter{}).ListServices()
	all = slices.DeleteFunc(all, func(s string) bool { return s == "logger" || s == "hangouts" })
	slices.Sort(all)
	return all
}

// Service is the word an address begins with, "telegram"; "" for none.
func Service(address string) string {
	scheme, _, ok := strings.Cut(address, "://")
	scheme, _, _ = strings.Cut(strings.ToLower(scheme), "+")
	if !ok || !slices.Contains(Services(), scheme) {
		return ""
	}
	return scheme
}

// Form is how the address of a service looks; "" when that is not known here.
func Form(service string) string { return forms[service] }

// check tells what is wrong with an address. It never repeats it.
func check(address string) error {
	service := Service(address)
	if service == "" {
		return lang.E("the address does not begin with a service that is known: use one of %s, and for a web address generic+https://…",
			strings.Join(Services(), ", "))
	}
	if u, err := url.Parse(address); err == nil && service == "matrix" && u.User.Username() != "" && u.Host != "" {
		return nil // looking at it more closely would sign in
	}
	if _, err := locate(address); err != nil {
		return badAddress(service)
	}
	return nil
}

func badAddress(service string) error {
	err := lang.E("the address is not complete, or not how %s wants it", service)
	if f := forms[service]; f != "" {
		return fmt.Errorf("%w: %s", err, f)
	}
	return err
}

// locate makes the service of an address. A panic of the library is a bad
// address: it takes some fields for granted.
func locate(address string) (s types.Service, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the library panicked")
		}
	}()
	r, err := router.New(log.New(io.Discard, "", 0))
	if err != nil {
		return nil, err
	}
	return r.Locate(address)
}

// send gives a message to the service of the address. Its errors hold neither
// the address nor what the library says, which may quote it.
func send(address string, m Message) error {
	service := Service(address)
	u, err := url.Parse(address)
	if service == "" || err != nil {
		return lang.E("the stored address of this relay is damaged: add it again")
	}
	w := &watch{next: http.DefaultTransport}
	http.DefaultTransport = w
	s, err := locate(address)
	if err != nil {
		if e := w.trouble(); e != nil {
			return e // a service that is signed in to at once
		}
		return badAddress(service)
	}
	query := u.Query()
	// This one has a transport of its own, which no proxy and no watch reaches.
	if c, ok := s.(interface{ SetHTTPClient(c *http.Client) }); ok && !query.Has("disabletlsverification") {
		c.SetHTTPClient(&http.Client{Transport: w})
	}
	text, params := compose(service, u, m)
	err = s.Send(text, &params)
	if e := w.trouble(); e != nil {
		// Also when the library says that all is well: Telegram's part does so
		// whenever it gets no answer that it can read.
		return e
	}
	if err != nil {
		return words(service, err)
	}
	return nil
}

// compose makes the text and the extras of a message for one service.
func compose(service string, u *url.URL, m Message) (string, types.Params) {
	params := types.Params{}
	title := strings.Join(strings.Fields(m.Title), " ") // it travels in headers
	text := m.Body
	switch {
	case service == "generic" && u.Query().Get("template") != "":
		params.SetTitle(title)
	case !slices.Contains(titled, service):
		text = strings.TrimSpace(title + "\n" + m.Body)
	case service == "smtp":
		params.SetTitle(mime.QEncoding.Encode("utf-8", title))
	default:
		params.SetTitle(title)
	}
	if text == "" {
		text = title
	}
	keys := slices.Collect(maps.Keys(u.Query()))
	said := func(name string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, name) })
	}
	if p := loud[service]; p != "" && m.Loud && !said("priority") {
		params["priority"] = p
	}
	// A glucose value in clear across the network only where the user says so.
	if service == "smtp" && !said("requirestarttls") && !said("usestarttls") && !said("starttls") && !loopback(u.Hostname()) {
		params["requirestarttls"] = "Yes"
	}
	return text, params
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
