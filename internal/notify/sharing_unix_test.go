//go:build !windows && !darwin

package notify

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// node is one of pw-dump's objects.
func node(state string, props ...string) string {
	var p []string
	for i := 0; i+1 < len(props); i += 2 {
		p = append(p, fmt.Sprintf("%q: %q", props[i], props[i+1]))
	}
	return fmt.Sprintf(`{"id": 34, "type": "PipeWire:Interface:Node", "info": {"state": %q, "props": {"object.id": 34, %s}}}`, state, strings.Join(p, ", "))
}

// idleGraph is a computer with a sound card and a camera.
var idleGraph = strings.Join([]string{
	`{"id": 0, "type": "PipeWire:Interface:Core", "info": {"props": {"core.name": "pipewire-0"}}}`,
	node("running", "media.class", "Audio/Sink", "node.name", "alsa_output.pci-0000_00_1f.3.analog-stereo"),
	node("running", "media.class", "Stream/Output/Audio", "node.name", "Firefox"),
	node("running", "media.class", "Video/Source", "node.name", "v4l2_input.pci-0000_00_14.0-usb-0_8_1.0", "node.description", "Integrated Camera"),
	node("running", "media.class", "Stream/Input/Video", "node.name", "Firefox"),
	`{"id": 9, "type": "PipeWire:Interface:Metadata", "metadata": []}`,
	`{"id": 10, "type": "PipeWire:Interface:Node", "info": null}`,
}, ",\n")

func TestParseGraph(t *testing.T) {
	recorded, err := os.ReadFile("testdata/pw-dump-shared.json")
	require.NoError(t, err)
	for _, tt := range []struct {
		name, said    string
		shared, known bool
	}{
		{"a real one", string(recorded), true, true},
		{"no call", "[" + idleGraph + "]", false, true},
		{"GNOME", "[" + idleGraph + "," + node("running", "media.class", "Stream/Output/Video", "node.name", "gnome-shell", "media.name", "meta-screen-cast-src") + "]", true, true},
		{"KDE", "[" + idleGraph + "," + node("running", "media.class", "Stream/Output/Video", "node.name", "kwin_wayland") + "]", true, true},
		{"wlroots", "[" + idleGraph + "," + node("running", "media.class", "Video/Source", "node.name", "xdg-desktop-portal-wlr") + "]", true, true},
		{"wlroots, by the stream", "[" + idleGraph + "," + node("running", "media.class", "Video/Source", "media.name", "xdpw-stream-a1B2c3") + "]", true, true},
		{"Hyprland", "[" + idleGraph + "," + node("running", "media.class", "Video/Source", "node.name", "xdg-desktop-portal-hyprland") + "]", true, true},
		{"prepared, and nobody looks", "[" + idleGraph + "," + node("suspended", "media.class", "Stream/Output/Video", "node.name", "gnome-shell") + "]", false, true},
		{"paused", "[" + idleGraph + "," + node("idle", "media.class", "Stream/Output/Video", "node.name", "gnome-shell") + "]", false, true},
		{"it goes on with changes", "[" + idleGraph + "]\n[" + idleGraph + "]", false, true},
		{"no graph", "[]", false, false},
		{"empty", "", false, false},
		{"cut", "[" + idleGraph, false, false},
		{"another shape", `{"nodes": []}`, false, false},
		{"numbers for names", `[{"type": "PipeWire:Interface:Node", "info": {"state": "running", "props": {"media.class": 7}}}]`, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shared, known := parseGraph(tt.said)
			require.Equal(t, [2]bool{tt.shared, tt.known}, [2]bool{shared, known})
		})
	}
}

func FuzzParseGraph(f *testing.F) {
	f.Add("[" + idleGraph + "]")
	f.Add("[" + node("running", "media.class", "Stream/Output/Video") + "]")
	f.Fuzz(func(t *testing.T, said string) {
		shared, known := parseGraph(said)
		require.False(t, shared && !known)
	})
}

func TestSharingAsksPwDump(t *testing.T) {
	const shares = `echo '[W][00:00] something to complain of' >&2; /bin/cat <<'X'
[` // the list follows
	screencast := node("running", "media.class", "Stream/Output/Video", "node.name", "gnome-shell")
	programsDir(t, map[string]string{"pw-dump": shares + idleGraph + "," + screencast + "]\nX"})
	shared, known := new(Sharing).Ask(t.Context())
	require.True(t, shared && known)

	for name, script := range map[string]string{
		"no server":   "echo \"can't connect: Host is down\" >&2; exit 255",
		"half a list": "echo '[" + screencast + ",'; exit 1",
	} {
		programsDir(t, map[string]string{"pw-dump": script})
		shared, known = new(Sharing).Ask(t.Context())
		require.False(t, shared || known, name)
	}
	programsDir(t, nil)
	shared, known = new(Sharing).Ask(t.Context())
	require.False(t, shared || known, "not installed")
}

// A message must not wait for a sound server that hangs.
func TestSharingIsNotWaitedForLong(t *testing.T) {
	programsDir(t, map[string]string{"pw-dump": "/bin/sleep 60"})
	start := time.Now()
	shared, known := new(Sharing).Ask(t.Context())
	require.False(t, shared || known)
	require.Less(t, time.Since(start), patience)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	shared, known = new(Sharing).Ask(ctx)
	require.False(t, shared || known)
}

func TestSharingIsKeptForSeconds(t *testing.T) {
	log := programsDir(t, map[string]string{"pw-dump": "echo '[" + node("running", "media.class", "Stream/Output/Video") + "]'"})
	var s Sharing
	for range 5 {
		shared, _ := s.Ask(t.Context())
		require.True(t, shared)
	}
	asked := 0
	for _, l := range log() {
		if l == "pw-dump" {
			asked++
		}
	}
	require.Equal(t, 1, asked)
	programsDir(t, nil)
	s.at = s.at.Add(-sharingKept)
	_, known := s.Ask(t.Context())
	require.False(t, known, "and no longer")
}

// The real server and the real pw-dump, without a desktop.
func TestSharingByTheRealPipeWire(t *testing.T) {
	server := musthave.Program(t, "pipewire")
	musthave.Program(t, "pw-dump")
	noBus(t)
	shared, known := new(Sharing).Ask(t.Context())
	require.False(t, shared || known, "no server yet")
	cmd := exec.CommandContext(t.Context(), server)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	eventually(t, func() bool {
		shared, known = new(Sharing).Ask(t.Context())
		return known
	}, "it tells")
	require.False(t, shared)
}
