//go:build !windows && !darwin

package notify

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	pactlReal = `case "$*" in info) /bin/cat <<'X'
` + realInfo + `X
;; "list sinks") /bin/cat <<'X'
` + realNull + `X
;; *) exit 1;; esac`
	pactlNone = `echo "Connection failure: Connection refused"; exit 1`
	wpctlReal = `case "$1" in get-volume) echo "Volume: 0.60";; inspect) echo '  * node.description = "Built-in Audio"';; esac`
	wpctlNone = `echo "Translate ID error: '-1' is not a valid ID (returned by default-nodes-api)"; exit 3`
	amixerOn  = `[ "$3" = PCM ] || { echo "amixer: Unable to find simple control 'Master',0" >&2; exit 1; }
echo "  Mono: Playback 65 [75%] [-16.50dB] [on]"`
)

func TestAudioAsksOneAfterTheOther(t *testing.T) {
	null := AudioState{Known: true, Via: "pactl", Muted: true, Volume: 8, Device: "Null Output"}
	for _, tt := range []struct {
		name     string
		programs map[string]string
		want     AudioState
	}{
		{"PipeWire", map[string]string{"wpctl": wpctlReal}, AudioState{Known: true, Via: "wpctl", Volume: 60, Device: "Built-in Audio"}},
		{"PipeWire for pictures only", map[string]string{"wpctl": wpctlNone, "pactl": pactlReal}, null},
		{"PulseAudio", map[string]string{"pactl": pactlReal, "amixer": amixerOn}, null},
		{"ALSA alone", map[string]string{"amixer": amixerOn}, AudioState{Known: true, Via: "amixer", Volume: 75}},
		{"servers that are down", map[string]string{"wpctl": "echo Could not connect to PipeWire; exit 2", "pactl": pactlNone, "amixer": amixerOn},
			AudioState{Known: true, Via: "amixer", Volume: 75}},
		{"a card, but a server that plays to nobody", map[string]string{"wpctl": wpctlNone, "amixer": amixerOn}, AudioState{Known: true, Via: "wpctl", Missing: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			programsDir(t, tt.programs)
			got, err := Audio(t.Context())
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestAudioUntold(t *testing.T) {
	programsDir(t, nil)
	got, err := Audio(t.Context())
	require.ErrorContains(t, err, "install wireplumber, pulseaudio-utils or alsa-utils")
	require.Equal(t, AudioState{}, got)

	programsDir(t, map[string]string{"pactl": pactlNone, "amixer": "echo gibberish"})
	got, err = Audio(t.Context())
	require.ErrorContains(t, err, "Connection refused")
	require.ErrorContains(t, err, "amixer answers something unknown")
	require.Equal(t, AudioState{}, got)

	programsDir(t, map[string]string{"amixer": "while :; do echo 0123456789012345678901234567890123456789; done"})
	_, err = Audio(t.Context())
	require.ErrorContains(t, err, "amixer", "endless answers end")

	programsDir(t, map[string]string{"wpctl": "/bin/sleep 60"}) // a child that keeps the pipe
	bounded, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err = Audio(bounded)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), patience)
}

func TestProgramsAnswerInOneLanguage(t *testing.T) {
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	t.Setenv("LANGUAGE", "de")
	programsDir(t, map[string]string{"wpctl": `echo "Volume: 0.$LC_ALL$LANGUAGE"; [ "$LC_ALL$LANGUAGE" = C ] && echo "Volume: 0.30"`})
	got, err := Audio(t.Context())
	require.NoError(t, err)
	require.Equal(t, 30, got.Volume)
}
