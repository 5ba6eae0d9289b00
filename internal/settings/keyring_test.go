package settings_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"

	"github.com/llutray/llutray/internal/settings"
)

var ctx = context.Background()

// childEnv makes the test binary the child process of a ChildKeyring. Its
// value says what the desktop's keyring is like.
const childEnv = "LLUTRAY_TEST_KEYRING"

func TestMain(m *testing.M) {
	switch kind := os.Getenv(childEnv); kind {
	case "":
		os.Exit(m.Run())
	case "real":
		os.Exit(settings.ServeKeyring(os.Args[1:], os.Stdin, os.Stdout))
	case "hangs":
		time.Sleep(time.Hour)
	case "nonsense":
		fmt.Println("Gtk-WARNING: cannot open display")
		os.Exit(0)
	case "crashes":
		panic("the keyring library crashed")
	case "desktop": // see TestRealKeyring
		os.Unsetenv(childEnv)
		os.Exit(m.Run())
	default:
		keyring.MockInitWithError(errors.New(kind))
		os.Exit(settings.ServeKeyring(os.Args[1:], os.Stdin, os.Stdout))
	}
}

// child is a ChildKeyring whose process finds a keyring of that kind.
func child(t *testing.T, kind string) settings.ChildKeyring {
	t.Setenv(childEnv, kind)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent") // never the user's own
	return settings.ChildKeyring{Exe: []string{os.Args[0]}}
}

func TestChildKeyringFaults(t *testing.T) {
	tests := []struct {
		name, kind string
		wait       time.Duration
		want       error
		says       string
	}{
		{"nobody answers", "hangs", 300 * time.Millisecond, settings.ErrLocked, "unlock it and try again"},
		{"the prompt was closed", "failed to unlock correct collection '/x'", 0, settings.ErrLocked, "failed to unlock correct collection"},
		{"not stored", keyring.ErrNotFound.Error(), 0, nil, ""},
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		tests = append(tests, struct {
			name, kind string
			wait       time.Duration
			want       error
			says       string
		}{"no service", "The name org.freedesktop.secrets was not provided by any .service files", 0, settings.ErrNoKeyring, "gnome-keyring"})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := child(t, tt.kind)
			k.Wait = tt.wait
			start := time.Now()
			_, err := k.Get(ctx, "token")
			require.Error(t, err)
			if tt.want != nil {
				require.ErrorIs(t, err, tt.want)
			}
			require.ErrorContains(t, err, tt.says)
			require.Less(t, time.Since(start), 20*time.Second)
			require.Error(t, k.Set(ctx, "token", "secret"))
			require.Error(t, k.Delete(ctx, "token"))
		})
	}
	for _, kind := range []string{"nonsense", "crashes"} {
		t.Run(kind, func(t *testing.T) {
			_, err := child(t, kind).Get(ctx, "token")
			require.ErrorContains(t, err, "the keyring could not be asked")
		})
	}
	t.Run("a program that is gone", func(t *testing.T) {
		k := child(t, "real")
		k.Exe = []string{filepath.Join(t.TempDir(), "llutray")}
		_, err := k.Get(ctx, "token")
		require.ErrorContains(t, err, "the keyring could not be asked")
	})
}

// A hanging child is ended with the context, too.
func TestChildKeyringIsCancelled(t *testing.T) {
	k := child(t, "hangs")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err := k.Get(cancelled, "token")
	require.ErrorIs(t, err, settings.ErrLocked)
}

// Without a session bus nothing is asked and, above all, none is started.
func TestNoBusFailsAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Log("this system's keyring needs no bus")
		return
	}
	for name, dir := range map[string]string{"no runtime folder": "", "a runtime folder without a bus": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
			t.Setenv("XDG_RUNTIME_DIR", dir)
			marker := filepath.Join(t.TempDir(), "started")
			bin := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte("#!/bin/sh\ntouch "+marker+"\n"), 0o700))
			t.Setenv("PATH", bin)
			for _, k := range []settings.Keyring{settings.DesktopKeyring{}, settings.ChildKeyring{Exe: []string{os.Args[0]}}} {
				_, err := k.Get(ctx, "token")
				require.ErrorIs(t, err, settings.ErrNoKeyring)
			}
			require.NoFileExists(t, marker)
		})
	}
}

func TestServeKeyring(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	keyring.MockInit()
	serve := func(in string, args ...string) (code int, reply map[string]string) {
		var out strings.Builder
		code = settings.ServeKeyring(args, strings.NewReader(in), &out)
		require.NoError(t, json.Unmarshal([]byte(out.String()), &reply))
		return code, reply
	}
	code, r := serve("", "get", "token")
	require.Equal(t, 1, code)
	require.Equal(t, map[string]string{"fault": "not_found"}, r)
	code, r = serve("a secret\n", "set", "token")
	require.Zero(t, code)
	require.Empty(t, r)
	code, r = serve("", "get", "token")
	require.Zero(t, code)
	require.Equal(t, map[string]string{"value": "a secret\n"}, r)
	code, _ = serve("", "delete", "token")
	require.Zero(t, code)
	code, r = serve("", "delete", "token")
	require.Equal(t, 1, code)
	require.Equal(t, "not_found", r["fault"])
	for _, args := range [][]string{nil, {"get"}, {"get", ""}, {"show", "token"}, {"get", "a", "b"}} {
		code, r = serve("", args...)
		require.Equal(t, 1, code)
		require.Equal(t, "failed", r["fault"])
	}
}

// Values of every length come back, also those that no single entry takes;
// and nothing of an old value stays behind.
func TestLongSecrets(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	keyring.MockInit()
	k := settings.DesktopKeyring{}
	for _, length := range []int{0, 1, 1999, 2000, 2001, 4000, 4001, 30_000, 3} {
		want := strings.Repeat("k€y", length/3+1)[:length]
		require.NoError(t, k.Set(ctx, "token", want))
		got, err := k.Get(ctx, "token")
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, want := range []string{"llutray-parts:3:abc", "llutray-parts:"} {
		require.NoError(t, k.Set(ctx, "token", want))
		got, err := k.Get(ctx, "token")
		require.NoError(t, err)
		require.Equal(t, want, got, "a value that looks like our own mark")
	}
	require.Error(t, k.Set(ctx, "token", strings.Repeat("x", 1_000_000)))

	long := strings.Repeat("y", 5000)
	require.NoError(t, k.Set(ctx, "token", long))
	head, err := keyring.Get("llutray", "token")
	require.NoError(t, err)
	id := head[strings.LastIndexByte(head, ':')+1:]
	require.NoError(t, keyring.Set("llutray", "token."+id+".1", "torn"))
	_, err = k.Get(ctx, "token")
	require.ErrorIs(t, err, settings.ErrNotFound, "a torn value is no value")

	require.NoError(t, k.Delete(ctx, "token"))
	_, err = keyring.Get("llutray", "token."+id+".0")
	require.ErrorIs(t, err, keyring.ErrNotFound)
}
