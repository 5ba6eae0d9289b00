//go:build !windows && !darwin

package notify

import (
	"context"
	"math"
	"os"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestInhibit(t *testing.T) {
	f := startLogin(systemBus(t))
	release, err := Inhibit(t.Context(), "an alarm is unanswered\n")
	require.NoError(t, err)
	f.mu.Lock()
	require.Equal(t, []string{"idle:sleep", "llutray", "an alarm is unanswered", "block"}, f.asked)
	f.mu.Unlock()
	f.letGo()
	require.True(t, f.held(0), "kept after the connection is gone")
	release()
	eventually(t, func() bool { return !f.held(0) }, "the lock is let go")

	// The number may belong to another file by now, which must not be closed.
	again, err := Inhibit(t.Context(), "another")
	require.NoError(t, err)
	f.letGo()
	release()
	require.True(t, f.held(1))
	again()
	again()
	eventually(t, func() bool { return !f.held(1) }, "the second lock is let go")
}

func TestInhibitIsRefused(t *testing.T) {
	b := systemBus(t)
	release, err := Inhibit(t.Context(), "x")
	require.ErrorIs(t, err, ErrNoInhibitor, "nobody has the name")
	release()
	f := startLogin(b)
	f.mu.Lock()
	f.refuse = "org.freedesktop.DBus.Error.AccessDenied"
	f.mu.Unlock()
	release, err = Inhibit(t.Context(), "x")
	require.ErrorIs(t, err, ErrMaySleep)
	require.ErrorContains(t, err, "AccessDenied")
	release()
	b.stop()
	release, err = Inhibit(t.Context(), "x")
	require.ErrorIs(t, err, ErrNoInhibitor)
	release()
}

func TestInhibitGivenUpLeavesNoLock(t *testing.T) {
	f := startLogin(systemBus(t))
	hang := make(chan struct{})
	f.mu.Lock()
	f.hang = hang
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	release, err := Inhibit(ctx, "x")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), patience)
	release()
	close(hang)
	eventually(t, func() bool {
		f.mu.Lock()
		n := len(f.ends)
		f.mu.Unlock()
		return n == 1
	}, "the lock is given after all")
	require.NoError(t, f.conn.Close()) // no reply is under way any more
	f.letGo()
	eventually(t, func() bool { return !f.held(0) }, "a lock that comes too late is let go")
}

func TestLockIsNotInherited(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _ = r.Close() }()
	fd, err := unix.Dup(int(w.Fd())) // without the flag
	require.NoError(t, err)
	_ = w.Close()
	lock := lockOf(&dbus.Call{Body: []any{dbus.UnixFD(fd)}})
	require.NotNil(t, lock)
	defer func() { _ = lock.Close() }()
	flags, err := unix.FcntlInt(lock.Fd(), unix.F_GETFD, 0)
	require.NoError(t, err)
	require.NotZero(t, flags&unix.FD_CLOEXEC)
	for _, body := range [][]any{nil, {"text"}, {dbus.UnixFD(-1)}} {
		require.Nil(t, lockOf(&dbus.Call{Body: body}))
	}
}

const gsettings = `case "$3" in
sleep-inactive-ac-type) echo "'suspend'";;
sleep-inactive-ac-timeout) echo 3600;;
sleep-inactive-battery-type) echo "'suspend'";;
sleep-inactive-battery-timeout) echo 900;;
esac`

func TestWillSleep(t *testing.T) {
	for _, tt := range []struct {
		name     string
		login    map[string]any
		battery  any
		desktop  string
		settings string
		known    bool
		after    time.Duration
		text     string
	}{
		{"nobody says", nil, nil, "XFCE", "", false, 0, sleepUntold},
		{"logind leaves it to the desktop", map[string]any{"IdleAction": "ignore", "IdleActionUSec": uint64(1_800_000_000)}, nil, "KDE", gsettings, false, 0, sleepUntold},
		{"logind suspends", map[string]any{"IdleAction": "suspend", "IdleActionUSec": uint64(1_800_000_000)}, nil, "sway", "", true, 30 * time.Minute,
			"The computer goes to sleep after 30 min without use."},
		{"logind locks only", map[string]any{"IdleAction": "lock", "IdleActionUSec": uint64(60_000_000)}, nil, "", "", false, 0, sleepUntold},
		{"logind, but never", map[string]any{"IdleAction": "suspend", "IdleActionUSec": uint64(math.MaxUint64)}, nil, "", "", false, 0, sleepUntold},
		{"nonsense", map[string]any{"IdleAction": uint32(1), "IdleActionUSec": "soon"}, "perhaps", "", "", false, 0, sleepUntold},
		{"GNOME plugged in", nil, false, "ubuntu:GNOME", gsettings, true, time.Hour, "The computer goes to sleep after 60 min without use."},
		{"GNOME on its battery", nil, true, "GNOME", gsettings, true, 15 * time.Minute, "The computer goes to sleep after 15 min without use."},
		{"GNOME, never", nil, false, "GNOME", `case "$3" in *type) echo "'nothing'";; *) echo 3600;; esac`, true, 0, "The computer does not go to sleep by itself."},
		{"GNOME, no time set", nil, false, "GNOME", `case "$3" in *type) echo "'suspend'";; *) echo "int32 0";; esac`, true, 0, "The computer does not go to sleep by itself."},
		{"the sooner of both", map[string]any{"IdleAction": "suspend", "IdleActionUSec": uint64(600_000_000)}, false, "GNOME", gsettings, true, 10 * time.Minute,
			"The computer goes to sleep after 10 min without use."},
		{"GNOME without its settings", nil, nil, "GNOME", `echo "No such schema"; exit 1`, false, 0, sleepUntold},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := systemBus(t)
			f := startLogin(b)
			for name, v := range tt.login {
				f.set(loginManager, name, v)
			}
			if tt.battery != nil {
				startPower(b, f, map[string]any{"OnBattery": tt.battery}, nil)
			}
			t.Setenv("XDG_CURRENT_DESKTOP", tt.desktop)
			programs := map[string]string{}
			if tt.settings != "" {
				programs["gsettings"] = tt.settings
			}
			programsDir(t, programs)
			known, after, text := WillSleep(t.Context())
			require.Equal(t, tt.known, known)
			require.Equal(t, tt.after, after)
			require.Equal(t, tt.text, text)
		})
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	t.Setenv("XDG_CURRENT_DESKTOP", "")
	known, _, _ := WillSleep(t.Context())
	require.False(t, known)
}

// startPower lets the fake be UPower as well.
func startPower(b *bus, f *fakeLogin, power, device map[string]any) {
	b.t.Helper()
	for name, v := range power {
		f.set(powerName, name, v)
	}
	for name, v := range device {
		f.set(powerDevice, name, v)
	}
	for _, path := range []dbus.ObjectPath{powerPath, powerDisplay} {
		require.NoError(b.t, f.conn.Export(f, path, "org.freedesktop.DBus.Properties"))
	}
	_, err := f.conn.RequestName(powerName, dbus.NameFlagDoNotQueue)
	require.NoError(b.t, err)
}

func TestPowerState(t *testing.T) {
	b := systemBus(t)
	require.Equal(t, Power{Percent: -1}, PowerState(t.Context()))
	f := startLogin(b)
	startPower(b, f, map[string]any{"OnBattery": true}, map[string]any{"Percentage": 41.7, "TimeToEmpty": int64(7200)})
	require.Equal(t, Power{Known: true, OnBattery: true, Percent: 41, Left: 2 * time.Hour}, PowerState(t.Context()))
	f.set(powerDevice, "Percentage", math.NaN())
	f.set(powerDevice, "TimeToEmpty", "long")
	require.Equal(t, Power{Known: true, OnBattery: true, Percent: -1}, PowerState(t.Context()))
	f.set(powerName, "OnBattery", false)
	require.Equal(t, Power{Known: true, Percent: -1}, PowerState(t.Context()))
	f.set(powerName, "OnBattery", "yes")
	require.Equal(t, Power{Percent: -1}, PowerState(t.Context()))
}

func FuzzGnomeSleep(f *testing.F) {
	f.Add("'suspend'\n", "1200\n")
	f.Add("'nothing'", "int32 0")
	f.Fuzz(func(t *testing.T, does, wait string) {
		after, ok := parseGnomeSleep(does, wait)
		require.GreaterOrEqual(t, after, time.Duration(0))
		require.True(t, ok || after == 0)
	})
}
