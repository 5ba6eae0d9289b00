package mqtt

import (
	"encoding/json"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// expireAfter is when Home Assistant gives up a value that nothing follows,
// in seconds: more than a value of a 15-minute feed is shown here.
const expireAfter = 25 * 60

// entity is one thing of a person that Home Assistant shows.
// https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
type entity struct {
	Component string `json:"-"`
	Object    string `json:"-"`

	Name        string   `json:"name"`
	UniqueID    string   `json:"unique_id"`
	ObjectID    string   `json:"object_id,omitempty"`
	State       string   `json:"state_topic,omitempty"`
	Template    string   `json:"value_template,omitempty"`
	Unit        string   `json:"unit_of_measurement,omitempty"`
	DeviceClass string   `json:"device_class,omitempty"`
	StateClass  string   `json:"state_class,omitempty"`
	Precision   *int     `json:"suggested_display_precision,omitempty"`
	Options     []string `json:"options,omitempty"`
	Icon        string   `json:"icon,omitempty"`
	Expire      int      `json:"expire_after,omitempty"`
	PayloadOn   string   `json:"payload_on,omitempty"`
	PayloadOff  string   `json:"payload_off,omitempty"`
	Category    string   `json:"entity_category,omitempty"`
	Command     string   `json:"command_topic,omitempty"`
	Press       string   `json:"payload_press,omitempty"`
	Available   string   `json:"availability_topic"`
	Device      device   `json:"device"`
	Origin      origin   `json:"origin"`
}

type device struct {
	Identifiers  []string `json:"identifiers"`
	Name         string   `json:"name"`
	Manufacturer string   `json:"manufacturer"`
	Model        string   `json:"model"`
}

type origin struct {
	Name    string `json:"name"`
	Version string `json:"sw_version,omitempty"`
	URL     string `json:"support_url"`
}

// message is one retained message; an empty payload takes the former one back.
type message struct {
	topic   string
	payload []byte
}

// discovery are the messages by which Home Assistant learns of a person. number
// is the person's place among all, for those whose name is not to be told.
func (c Config) discovery(p glucose.Person, number int) (out []message) {
	for _, e := range c.entities(p, number) {
		b, err := json.Marshal(e)
		if err != nil {
			continue // cannot be: there is nothing in it that fails
		}
		out = append(out, message{c.discoveryTopic(p.ID, e), b})
	}
	return out
}

// undiscovery takes a person away from Home Assistant.
func (c Config) undiscovery(p glucose.Person) (out []message) {
	for _, e := range c.entities(p, 0) {
		out = append(out, message{c.discoveryTopic(p.ID, e), nil})
	}
	return out
}

func (c Config) discoveryTopic(personID string, e entity) string {
	return c.Discovery + "/" + e.Component + "/" + c.node(personID) + "/" + e.Object + "/config"
}

// node identifies a person at Home Assistant. Two programs with different
// prefixes are different devices.
func (c Config) node(personID string) string { return safe(c.prefix()) + "_" + safe(personID) }

func (c Config) entities(p glucose.Person, number int) []entity {
	name := p.Name
	if c.NoNames || name == "" {
		name = lang.F("Person %d", number)
	}
	amount := func(object, label, unit, field string, digits int) entity {
		return entity{
			Component: "sensor", Object: object, Name: label, Unit: unit, Icon: "mdi:diabetes", Expire: expireAfter,
			Template: "{{ value_json." + field + " }}", StateClass: "measurement", Precision: ptr(digits),
		}
	}
	words := func(object, label, field, icon string, options []string) entity {
		return entity{
			Component: "sensor", Object: object, Name: label, Icon: icon,
			Template: "{{ value_json." + field + " }}", DeviceClass: "enum", Options: options,
		}
	}
	all := []entity{
		amount("glucose_mgdl", lang.T("Glucose"), "mg/dL", "mgdl", 0),
		amount("glucose_mmol", lang.T("Glucose (mmol/L)"), "mmol/L", "mmol", 1),
		amount("delta_mgdl", lang.T("Change"), "mg/dL", "delta_mgdl", 0),
		amount("delta_mmol", lang.T("Change (mmol/L)"), "mmol/L", "delta_mmol", 1),
		words("trend", lang.T("Trend"), "trend", "mdi:trending-up", trends()),
		words("range", lang.T("Range"), "range", "mdi:arrow-expand-vertical", ranges()),
		words("alarm", lang.T("Alarm"), "alarm", "mdi:alarm-light", append([]string{None}, kinds()...)),
		{Component: "sensor", Object: "fault", Name: lang.T("Fault"), Template: "{{ value_json.fault }}", Icon: "mdi:lan-disconnect", Category: "diagnostic"},
		{Component: "sensor", Object: "time", Name: lang.T("Measured"), Template: "{{ value_json.time }}", DeviceClass: "timestamp"},
		{
			Component: "binary_sensor", Object: "stale", Name: lang.T("Value is old"), Template: "{{ 'ON' if value_json.stale else 'OFF' }}",
			DeviceClass: "problem", PayloadOn: "ON", PayloadOff: "OFF",
		},
	}
	if c.Commands {
		all = append(all,
			entity{Component: "button", Object: "seen", Name: lang.T("Seen"), Icon: "mdi:eye-check", Command: c.topics(p.ID).command, Press: "seen"},
			entity{Component: "button", Object: "refresh", Name: lang.T("Refresh"), Icon: "mdi:refresh", Command: c.topics(p.ID).command, Press: "refresh"},
		)
	}
	for i := range all {
		e := &all[i]
		e.UniqueID = c.node(p.ID) + "_" + e.Object
		e.Available = c.status()
		if e.Component != "button" {
			e.State = c.topics(p.ID).state
		}
		e.Device = device{[]string{c.node(p.ID)}, name, "llutray", "glucose"}
		e.Origin = origin{"llutray", c.Version, "https://github.com/llutray/llutray"}
	}
	return all
}

func trends() (out []string) {
	for t := glucose.TrendUnknown; t <= glucose.RisingFast; t++ {
		out = append(out, t.String())
	}
	return out
}

func ranges() (out []string) {
	for r := glucose.RangeUnknown; r <= glucose.UrgentHigh; r++ {
		out = append(out, r.String())
	}
	return out
}

func kinds() (out []string) {
	for _, k := range alarm.Kinds() {
		out = append(out, string(k))
	}
	return out
}
