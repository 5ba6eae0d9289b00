//go:build !windows && !darwin

package busapi

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/musthave"
)

// startBus runs a session bus of the test's own and makes it the session's.
func startBus(t *testing.T) *exec.Cmd {
	t.Helper()
	daemon := musthave.Program(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "bus") //nolint:usetesting // t.TempDir may be too long for a socket
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	address := "unix:path=" + filepath.Join(dir, "bus")
	config := filepath.Join(dir, "conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `<busconfig><type>session</type><listen>%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`, address), 0o600))
	cmd := exec.Command(daemon, "--config-file="+config, "--nofork", "--print-address")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	return cmd
}

func connect(t *testing.T) *dbus.Conn {
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// offer runs a server until the end of the test.
func offer(t *testing.T, h Handler) (*Server, chan error) {
	s := New(h)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var done sync.WaitGroup
	done.Go(func() { ended <- s.Run(ctx) })
	t.Cleanup(func() { cancel(); done.Wait() })
	return s, ended
}

func waitFor(t *testing.T, conn *dbus.Conn) dbus.BusObject {
	o := conn.Object(Name, Path)
	require.Eventually(t, func() bool {
		_, err := o.GetProperty(Interface + ".Text")
		return err == nil
	}, 10*time.Second, 5*time.Millisecond)
	return o
}

var at = time.Unix(1772460300, 0)

func state() State {
	anna := Person{
		Person: glucose.Person{ID: "a", Name: "Anna"}, Reading: &glucose.Reading{Time: at, Value: 62, Trend: glucose.Falling},
		Delta: &glucose.Delta{Change: -9, Minutes: 5}, Range: glucose.Low, Text: "62 ↘", Alarm: alarm.Low,
	}
	ben := Person{Person: glucose.Person{ID: "b", Name: "Ben"}, Reading: &glucose.Reading{Time: at, Value: 180}, Stale: true, Text: "180 (12 min old)"}
	return State{Shown: "a", People: []Person{anna, ben}, Unit: glucose.MgPerDL, Version: "1.0"}
}

func TestPropertiesAndChanges(t *testing.T) {
	startBus(t)
	s, _ := offer(t, Handler{})
	conn := connect(t)
	o := waitFor(t, conn)
	require.NoError(t, conn.AddMatchSignal(dbus.WithMatchObjectPath(Path)))
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)

	s.Set(state())
	first := <-signals
	require.Equal(t, properties+".PropertiesChanged", first.Name)
	require.Equal(t, Interface, first.Body[0])
	diff := first.Body[1].(map[string]dbus.Variant)
	require.EqualValues(t, 62, diff["MgDL"].Value())
	require.NotContains(t, diff, "Fault", "it has not changed")

	var all map[string]dbus.Variant
	require.NoError(t, o.Call(properties+".GetAll", 0, Interface).Store(&all))
	for name, want := range map[string]any{
		"Text": "62 ↘", "MgDL": int32(62), "Mmol": 3.4, "Trend": "falling", "Limit": "", "Range": "low", "DeltaMgDL": int32(-9), "DeltaMinutes": int32(5),
		"Time": at.Unix(), "Stale": false, "Alarm": "low", "Person": "a", "PersonName": "Anna", "Unit": "mg/dL", "Fault": "", "Version": "1.0",
	} {
		require.Equal(t, want, all[name].Value(), name)
	}
	people := all["People"].Value().([]map[string]dbus.Variant)
	require.Len(t, people, 2)
	require.Equal(t, "Ben", people[1]["Name"].Value())
	require.EqualValues(t, 0, people[1]["MgDL"].Value(), "an old value is no number")
	require.Equal(t, "180 (12 min old)", people[1]["Text"].Value())

	s.Set(state()) // the same
	next := state()
	next.Fault = &glucose.Fault{Kind: glucose.Offline, Message: "This computer is offline.", Hint: "Wait."}
	s.Set(next)
	diff = (<-signals).Body[1].(map[string]dbus.Variant)
	require.Len(t, diff, 3, "what differs and nothing else")
	require.Equal(t, "offline", diff["Fault"].Value())

	s.Announce(Alarm{Person: glucose.Person{ID: "a", Name: "Anna"}, Kind: alarm.Low, Level: alarm.LevelLow, Message: "LOW 62"})
	raised := <-signals
	require.Equal(t, Interface+".AlarmRaised", raised.Name)
	require.Equal(t, []any{"a", "Anna", "low", "low", "LOW 62"}, raised.Body)

	require.Error(t, o.SetProperty(Interface+".MgDL", dbus.MakeVariant(int32(100))))
	require.Error(t, o.Call(properties+".Get", 0, Interface, "Nothing").Err)
}

func TestCalls(t *testing.T) {
	startBus(t)
	type call struct {
		person string
		answer alarm.Answer
	}
	var mu sync.Mutex
	var got []call
	refreshed := 0
	_, _ = offer(t, Handler{
		Answer: func(person string, a alarm.Answer) error {
			if person == "nobody" {
				return errors.New("nobody like this is followed")
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, call{person, a})
			return nil
		},
		Refresh: func() error {
			mu.Lock()
			defer mu.Unlock()
			refreshed++
			return nil
		},
	})
	o := waitFor(t, connect(t))
	do := func(method string, args ...any) error { return o.Call(Interface+"."+method, 0, args...).Err }
	require.NoError(t, do("Seen", "", ""))
	require.NoError(t, do("Snooze", "a", "urgent-low", uint32(15)))
	require.NoError(t, do("Unsnooze", "a", "high"))
	require.NoError(t, do("Refresh"))
	mu.Lock()
	require.Equal(t, []call{
		{"", alarm.Answer{Kind: alarm.Seen}}, {"a", alarm.Answer{Kind: alarm.SnoozeFor, Alarm: alarm.UrgentLow, For: 15 * time.Minute}},
		{"a", alarm.Answer{Kind: alarm.TakeBack, Alarm: alarm.High}},
	}, got)
	require.Equal(t, 1, refreshed)
	mu.Unlock()
	for _, bad := range [][]any{{"Snooze", "", "low", uint32(4000000000)}, {"Snooze", "", "", uint32(15)}, {"Snooze", "", "nonsense", uint32(15)}, {"Seen", "nobody", ""}} {
		err := do(bad[0].(string), bad[1:]...)
		var refused dbus.Error
		require.ErrorAs(t, err, &refused, "%v", bad)
		require.Equal(t, Refused, refused.Name)
		require.NotEmpty(t, refused.Body[0])
	}
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, got, 3)
}

// The description is what is there, and docs/ has the same.
func TestDescription(t *testing.T) {
	doc, err := os.ReadFile("../../docs/" + Name + ".xml")
	require.NoError(t, err)
	require.Equal(t, string(doc), XML)
	var node introspect.Node
	require.NoError(t, xml.Unmarshal([]byte(XML), &node))
	i := slices.IndexFunc(node.Interfaces, func(x introspect.Interface) bool { return x.Name == Interface })
	described := map[string]string{}
	for _, p := range node.Interfaces[i].Properties {
		require.Equal(t, "read", p.Access)
		described[p.Name] = p.Type
	}
	there := map[string]string{}
	for name, v := range state().properties() {
		there[name] = v.Signature().String()
	}
	require.Equal(t, there, described)
	var names []string
	for _, m := range node.Interfaces[i].Methods {
		names = append(names, m.Name)
	}
	methods := introspect.Methods(calls{})
	require.Len(t, methods, len(names))
	for _, m := range methods {
		require.Contains(t, names, m.Name)
		described := node.Interfaces[i].Methods[slices.Index(names, m.Name)]
		require.Len(t, described.Args, len(m.Args), m.Name)
		for j := range m.Args {
			require.Equal(t, m.Args[j].Type, described.Args[j].Type, m.Name)
		}
	}
	startBus(t)
	_, _ = offer(t, Handler{})
	var text string
	require.NoError(t, waitFor(t, connect(t)).Call("org.freedesktop.DBus.Introspectable.Introspect", 0).Store(&text))
	require.Equal(t, XML, text)
}

func TestBusTroubles(t *testing.T) {
	cmd := startBus(t)
	_, ended := offer(t, Handler{})
	waitFor(t, connect(t))
	require.ErrorIs(t, New(Handler{}).Run(t.Context()), ErrTaken)
	require.NoError(t, cmd.Process.Kill())
	require.ErrorIs(t, <-ended, ErrNoBus)
	require.ErrorIs(t, New(Handler{}).Run(t.Context()), ErrNoBus)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	require.ErrorIs(t, New(Handler{}).Run(t.Context()), ErrNoBus)
}
