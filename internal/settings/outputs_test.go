package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/settings"
)

func TestRelays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	require.NoError(t, settings.Set(path, "relays.phone.alarms", "urgent-low, low"))
	require.NoError(t, settings.Set(path, "relays.phone.after", "15m"))
	require.NoError(t, settings.Set(path, "relays.oma.people", "Emma, Tom Example"))
	require.NoError(t, settings.Set(path, "relays.oma.from", "22:00"))
	require.NoError(t, settings.Set(path, "relays.oma.to", "07:00"))
	require.NoError(t, settings.Set(path, "relays.oma.days", "fri sat"))
	s, err := settings.Load(path)
	require.NoError(t, err)
	require.Len(t, s.Relays, 2)
	oma, phone := s.Relays[0], s.Relays[1]
	require.Equal(t, "oma", oma.Name)
	require.Equal(t, []string{"Emma", "Tom Example"}, oma.Names())
	w, ok := oma.Hours()
	require.True(t, ok)
	require.Equal(t, alarm.Window{From: 22 * 60, To: 7 * 60, Days: []time.Weekday{time.Friday, time.Saturday}}, w)
	require.Empty(t, oma.Kinds())
	require.Equal(t, []alarm.Kind{alarm.UrgentLow, alarm.Low}, phone.Kinds())
	require.Equal(t, 15*time.Minute, phone.After)
	require.True(t, phone.On && phone.Recovered)
	_, ok = phone.Hours()
	require.False(t, ok, "at all times")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), "# A place outside this computer that alarms go to.\n[relays.phone]\n")

	require.ErrorContains(t, settings.Set(path, "relays.phone.alarms", "nonsense"), "there is no alarm")
	require.ErrorContains(t, settings.Set(path, "relays.phone.alarm", "low"), "relays.phone.alarms", "the likeliest is named")
	require.Error(t, settings.Set(path, "relays.a b.on", "true"))
}

func TestOutputsAreOff(t *testing.T) {
	o := settings.Default().Outputs
	require.Empty(t, o.MQTT.Broker)
	require.Empty(t, o.Hook.Command)
	require.False(t, o.MQTT.Commands || o.Nightscout.Upload || o.Nightscout.Port != 0 || o.Bus, "nothing is told to anybody before the user says so")
	require.Empty(t, settings.Default().Relays)
}

// A relay is taken out of the file, and nothing else is.
func TestRemoveRelay(t *testing.T) {
	const before = "unit = \"mmol/L\" # mine\n\n# The way to Oma.\n[relays.oma]\non = true\n"
	const phone = "\n# A place outside.\n# Mine.\n[relays.phone]\n# When.\nafter = \"15m\"\n\n# off:\n# on = false\n\n"
	const after = "# Emma\n[people.emma]\nname = \"Emma\"\n"
	path := filepath.Join(t.TempDir(), "settings.toml")
	for text, want := range map[string]string{
		before + phone + after: before + "\n" + after,
		before + phone:         before + "\n",
		phone + after:          "\n" + after,
		before + after:         before + after,
		"\ufeff" + before + strings.ReplaceAll(phone, "\n", "\r\n") + after: "\ufeff" + before + "\r\n" + after,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, settings.RemoveRelay(path, "phone"))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	const braces = "[relays]\nphone = { on = true }\n"
	require.NoError(t, os.WriteFile(path, []byte(braces), 0o600))
	require.ErrorContains(t, settings.RemoveRelay(path, "phone"), "only you can change")
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, braces, string(got))
	require.NoError(t, settings.RemoveRelay(filepath.Join(t.TempDir(), "none.toml"), "phone"))
}
