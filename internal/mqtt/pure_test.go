package mqtt

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
)

func TestPayload(t *testing.T) {
	require.Equal(t, lowPayload, string(low.Payload()))
	lo := low
	lo.Reading = &glucose.Reading{Time: at, Limit: glucose.LimitLow, Value: 39}
	lo.Range, lo.Delta, lo.Fault = glucose.UrgentLow, nil, glucose.Offline
	require.JSONEq(t, `{"mgdl":null,"mmol":null,"trend":"unknown","limit":"low","delta_mgdl":null,"delta_mmol":null,"delta_minutes":null,
		"time":"2026-03-02T14:05:00Z","range":"urgent_low","stale":false,"alarm":"low","fault":"offline"}`, string(lo.Payload()),
		"LO is no number to subtract")
	require.JSONEq(t, `{"mgdl":null,"mmol":null,"trend":"unknown","limit":null,"delta_mgdl":null,"delta_mmol":null,"delta_minutes":null,
		"time":null,"range":"unknown","stale":true,"alarm":"none","fault":"none"}`, string(State{}.Payload()))
}

// What Home Assistant demands of a discovery message, and what would make its
// entities show nothing: a template of a field that is not published, a value
// that is no option.
func TestDiscoveryIsValid(t *testing.T) {
	c := Config{Discovery: "homeassistant", Prefix: "my/home", Commands: true, Version: "1.2"}
	all := c.discovery(glucose.Person{ID: "0f/+#c", Name: "Anna"}, 1)
	require.Len(t, all, 12)
	var published map[string]any
	require.NoError(t, json.Unmarshal(low.Payload(), &published))
	field := regexp.MustCompile(`value_json\.(\w+)`)
	topic := regexp.MustCompile(`^homeassistant/(sensor|binary_sensor|button)/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config$`)
	unique := map[string]bool{}
	for _, m := range all {
		require.Regexp(t, topic, m.topic)
		var e map[string]any
		require.NoError(t, json.Unmarshal(m.payload, &e))
		id, _ := e["unique_id"].(string)
		require.NotEmpty(t, id)
		require.False(t, unique[id], id)
		unique[id] = true
		require.Equal(t, "my/home/status", e["availability_topic"])
		require.Equal(t, map[string]any{"identifiers": []any{"my_home_0f___c"}, "name": "Anna", "manufacturer": "llutray", "model": "glucose"}, e["device"])
		require.Equal(t, "llutray", e["origin"].(map[string]any)["name"])
		if strings.Contains(m.topic, "/button/") {
			require.Equal(t, "my/home/0f___c/command", e["command_topic"])
			_, err := parseCommand(e["payload_press"].(string))
			require.NoError(t, err)
			continue
		}
		require.Equal(t, "my/home/0f___c/state", e["state_topic"])
		name := field.FindStringSubmatch(e["value_template"].(string))
		require.NotNil(t, name)
		require.Contains(t, published, name[1])
		if options, ok := e["options"].([]any); ok {
			require.Equal(t, "enum", e["device_class"])
			require.NotContains(t, e, "unit_of_measurement", "Home Assistant refuses an enum with a unit")
			require.NotContains(t, e, "state_class")
			require.Contains(t, options, published[name[1]])
		}
	}
	c.NoNames = true
	require.NotContains(t, string(c.discovery(low.Person, 2)[0].payload), "Anna")
	require.Contains(t, string(c.discovery(low.Person, 2)[0].payload), `"name":"Person 2"`)
}

func TestParseCommand(t *testing.T) {
	for text, want := range map[string]Command{
		"refresh":           {Refresh: true},
		"seen":              {Answer: alarm.Seen},
		" Seen  low ":       {Answer: alarm.Seen, Alarm: alarm.Low},
		"treated":           {Answer: alarm.Treated, Alarm: alarm.Low},
		"snooze no-data 1h": {Answer: alarm.SnoozeFor, Alarm: alarm.NoData, For: time.Hour},
	} {
		got, err := parseCommand(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "off", "snooze", "snooze low", "snooze low 24h", "snooze low x", "snooze urgent_low 3h", "snooze all 1h", "seen x", "refresh now", `{"a":1}`} {
		_, err := parseCommand(text)
		require.Error(t, err, text)
	}
}

func TestCheck(t *testing.T) {
	require.NoError(t, Config{Broker: "mqtt://host:1883"}.Check())
	for _, broker := range []string{"", "host:1883", "http://host", "mqtt://me:s3cret@host", "mqtt://%zz"} {
		err := Config{Broker: broker}.Check()
		require.Error(t, err, broker)
		require.NotContains(t, err.Error(), "s3cret")
	}
	require.Error(t, Config{Broker: "mqtt://h", Prefix: "a/#"}.Check())
	require.Error(t, Config{Broker: "mqtt://h", CAFile: "/nonexistent"}.Check())
}
