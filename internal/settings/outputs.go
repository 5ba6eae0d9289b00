package settings

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/lang"
)

// Relay decides which alarms go to one place outside this computer. Its
// address is a secret, see RelaySecret.
type Relay struct {
	Name      string // of its section: [relays.NAME]
	On        bool
	Alarms    string          // kinds, "" for all
	People    string          // names or IDs, with commas between; "" for everybody
	From, To  alarm.ClockTime // on the wall clock; never for always
	Days      string          // on which that begins: everyDay, or "mon tue"
	After     time.Duration   // only when nobody has answered for so long; 0 at once
	Every     time.Duration   // between two messages of one alarm, at least
	Text      string          // TextFull or TextContentFree
	Recovered bool            // tell also when it is over
}

// RelaySecret is the key of a relay's address among the secrets.
func RelaySecret(name string) string { return "relay." + name }

// Kinds are the alarms that it carries; none for all.
func (r Relay) Kinds() []alarm.Kind { return kinds(r.Alarms) }

// Names are the people whose alarms it carries; none for everybody.
func (r Relay) Names() (out []string) {
	for _, n := range strings.Split(r.People, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// Hours is when it carries; ok is false for always.
func (r Relay) Hours() (w alarm.Window, ok bool) {
	return alarm.Window{From: r.From, To: r.To, Days: weekdays(r.Days)}, r.From != never && r.To != never
}

func newRelay(name string) Relay {
	return Relay{Name: name, On: true, From: never, To: never, Days: everyDay, Every: 15 * time.Minute, Text: TextFull, Recovered: true}
}

func (s Settings) hasRelay(name string) bool {
	return slices.ContainsFunc(s.Relays, func(r Relay) bool { return r.Name == name })
}

// relay returns the relay of that name to be read or changed; a missing one is
// added by name. Other copies of the settings keep theirs.
func (s *Settings) relay(name string) *Relay {
	s.Relays = slices.Clone(s.Relays)
	at, found := slices.BinarySearchFunc(s.Relays, name, func(r Relay, name string) int { return cmp.Compare(r.Name, name) })
	if !found {
		s.Relays = slices.Insert(s.Relays, at, newRelay(name))
	}
	return &s.Relays[at]
}

// relayKeys are the keys of one relay.
func relayKeys(relay string) []key {
	name := "relays." + relay + "."
	r := func(s *Settings) *Relay { return s.relay(relay) }
	out := []key{
		flag(name+"on", lang.Mark("Whether it carries anything. Its address is set with: llutray relay add."), func(s *Settings) *bool { return &r(s).On }),
		list(name+"alarms", lang.Mark("Which alarms it carries, such as \"urgent_low low\". Empty for all."), "alarms", func(s *Settings) *string { return &r(s).Alarms }, kindName),
		text(name+"people", lang.Mark("Whose alarms, by name, with commas between. Empty for everybody's."), func(s *Settings) *string { return &r(s).People }),
		clockOrNever(name+"from", lang.Mark("When it begins to carry, by the clock on the wall; never for at all times."), func(s *Settings) *alarm.ClockTime { return &r(s).From }),
		clockOrNever(name+"to", lang.Mark("When it ends; earlier than the beginning goes across midnight."), func(s *Settings) *alarm.ClockTime { return &r(s).To }),
		list(name+"days", lang.Mark("Days on which that begins: \"every day\", or some, such as \"mon tue\"."), "days", func(s *Settings) *string { return &r(s).Days }, dayName),
		span(name+"after", lang.Mark("Carry only what nobody has answered for this long; 0m carries each alarm at once."), func(s *Settings) *time.Duration { return &r(s).After }, 0, 3*time.Hour),
		span(name+"every", lang.Mark("The least time between two messages of an alarm that has not become worse."), func(s *Settings) *time.Duration { return &r(s).Every }, time.Minute, 3*time.Hour),
		word(name+"text", lang.Mark("What it says: \"full\" as here, \"content_free\" only that there is an alarm."), func(s *Settings) *string { return &r(s).Text },
			pair[string]{TextFull, TextFull}, pair[string]{TextContentFree, TextContentFree}),
		flag(name+"recovered", lang.Mark("Say also when an alarm is over, if it was told."), func(s *Settings) *bool { return &r(s).Recovered }),
	}
	d := Settings{}
	for i := range out {
		out[i].standard = out[i].text(d)
		out[i].set = func(s Settings) bool { return s.hasRelay(relay) }
	}
	return out
}

// Outputs decide who is told of the values beside the tray. All of them are
// off until they are set.
type Outputs struct {
	MQTT       MQTT
	Nightscout Nightscout
	Hook       Hook
	Bus        bool // offer the values on the session's D-Bus
}

// MQTT decides which broker is told. The password is a secret: MQTTSecret.
type MQTT struct {
	Broker, User, CAFile, Prefix, Discovery string
	Names, Commands                         bool
}

// Nightscout decides which site readings are uploaded to, and what is served
// here in its form. Its token is a secret: NightscoutSecret.
type Nightscout struct {
	Site   string
	API    string // "v1" or "v3"
	Person string // whose readings, by name; "" for the only one
	Upload bool
	Follow bool // the site is a source of readings, too
	Port   int  // of the endpoint on this computer; 0 for none
}

// Hook decides which command is run when.
type Hook struct {
	Command string
	Events  string // "alarm fault reading"
}

// Keys of secrets of the outputs.
const (
	MQTTSecret       = "mqtt"
	NightscoutSecret = "nightscout"
	// ServeSecret is the token that the endpoint in Nightscout's form asks for.
	ServeSecret = "nightscout.serve"
)

func defaultOutputs() Outputs {
	return Outputs{
		MQTT: MQTT{Prefix: "llutray", Discovery: "homeassistant", Names: true}, Nightscout: Nightscout{API: "v1"},
		Hook: Hook{Events: "alarm fault"},
	}
}

func outputKeys() []key {
	return []key{
		text("mqtt.broker", lang.Mark("Tell this MQTT broker how everybody does: \"mqtt://192.168.1.5:1883\", or mqtts://.\nEmpty for none. The password is set with: llutray mqtt password."), func(s *Settings) *string { return &s.Outputs.MQTT.Broker }),
		text("mqtt.user", lang.Mark("The user at the broker."), func(s *Settings) *string { return &s.Outputs.MQTT.User }),
		text("mqtt.ca_file", lang.Mark("A PEM file of who vouches for a broker with mqtts://. Empty for the system's."), func(s *Settings) *string { return &s.Outputs.MQTT.CAFile }),
		text("mqtt.prefix", lang.Mark("What the topics begin with."), func(s *Settings) *string { return &s.Outputs.MQTT.Prefix }),
		text("mqtt.discovery", lang.Mark("Home Assistant's own prefix, by which it finds the values. Empty for\nnot at all."), func(s *Settings) *string { return &s.Outputs.MQTT.Discovery }),
		flag("mqtt.names", lang.Mark("Tell Home Assistant the names of people, and not a number."), func(s *Settings) *bool { return &s.Outputs.MQTT.Names }),
		flag("mqtt.commands", lang.Mark("Let alarms be answered through the broker."), func(s *Settings) *bool { return &s.Outputs.MQTT.Commands }),

		text("nightscout.site", lang.Mark("The address of a Nightscout site. Its token is set with: llutray nightscout token."), func(s *Settings) *string { return &s.Outputs.Nightscout.Site }),
		word("nightscout.api", lang.Mark("The interface of the site that is used. v3 wants an access token."), func(s *Settings) *string { return &s.Outputs.Nightscout.API },
			pair[string]{"v1", "v1"}, pair[string]{"v3", "v3"}),
		text("nightscout.person", lang.Mark("Whose readings these are, by name, when several people are followed."), func(s *Settings) *string { return &s.Outputs.Nightscout.Person }),
		flag("nightscout.upload", lang.Mark("Upload readings to the site. Who may read the site sees them."), func(s *Settings) *bool { return &s.Outputs.Nightscout.Upload }),
		flag("nightscout.follow", lang.Mark("Follow the readings of the site, too: instead of LibreLinkUp where nobody is signed\nin, else beside it for the same person, and the fresher wins. With the name of\nsomebody in nightscout.person whom LibreLinkUp does not know they are one more."), func(s *Settings) *bool { return &s.Outputs.Nightscout.Follow }),
		number("nightscout.port", lang.Mark("Serve the readings in Nightscout's form to this computer, at this port of 127.0.0.1,\nfor widgets and watch faces; 0 for not at all. llutray nightscout serve-token prints\nthe token that they need."), func(s *Settings) *int { return &s.Outputs.Nightscout.Port }, 0, 65535),

		byHand(text("hook.command", lang.Mark("Run this command when something happens: its whole path and its arguments, which\nmay be in quotes. No shell reads it. The event is in LLUTRAY_… variables and, as\nJSON, on standard input."), func(s *Settings) *string { return &s.Outputs.Hook.Command })),
		list("hook.events", lang.Mark("When: any of alarm, fault and reading."), "events", func(s *Settings) *string { return &s.Outputs.Hook.Events }, eventName),

		flag("dbus.on", lang.Mark("Offer the values on the session's D-Bus, for extensions of the desktop."), func(s *Settings) *bool { return &s.Outputs.Bus }),
	}
}

func eventName(w string) (string, error) {
	if slices.Contains([]string{"alarm", "fault", "reading"}, w) {
		return w, nil
	}
	return "", lang.E("%s is no event: use alarm, fault or reading", quote(w))
}
