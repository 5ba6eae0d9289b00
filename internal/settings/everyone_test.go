package settings

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProxyKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	for _, good := range []string{"", ProxyNone, "http://proxy.example.org:3128", "https://proxy:443/", "socks5://127.0.0.1:1080"} {
		require.NoError(t, Set(path, "network.proxy", good), good)
		s, err := Load(path)
		require.NoError(t, err)
		require.Equal(t, good, s.Proxy)
	}
	require.NoError(t, Set(path, "network.proxy", "http://kept:1"))
	for _, bad := range []string{"proxy.example.org:3128", "ftp://x", "http://", "http://zoe:hush@proxy:1", "http://proxy/path", "http://proxy?hush", "http://%zz"} {
		err := Set(path, "network.proxy", bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "hush", "it may be a password")
	}
	s, err := Load(path)
	require.NoError(t, err)
	require.Equal(t, "http://kept:1", s.Proxy)
}

func TestSettingsOfEveryone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	for name, value := range map[string]string{
		"display.icon": "large", "display.contrast": "on", "display.words": "off", "speech.alarms": "on", "speech.value": "15m",
	} {
		require.NoError(t, Set(path, name, value))
	}
	s, err := Load(path)
	require.NoError(t, err)
	require.Equal(t, LookLarge, s.Display.Look)
	require.Equal(t, On, s.Display.Contrast)
	require.Equal(t, Off, s.Display.Words)
	require.Equal(t, Speech{Alarms: true, Value: 15 * time.Minute}, s.Speech)
	require.Error(t, Set(path, "display.icon", "huge"))
	require.Error(t, Set(path, "speech.value", "1m"))
}
