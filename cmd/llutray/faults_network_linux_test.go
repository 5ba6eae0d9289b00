package main

import (
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/libretest"
	"github.com/llutray/llutray/internal/musthave"
)

// isle is a network of a test's own. What do runs is in it, and what it starts.
type isle struct{ do func(func()) }

// newIsle makes one with loopback and one more interface that has an address:
// programs see the network come and go by it.
func newIsle(t *testing.T) isle {
	t.Helper()
	musthave.Root(t)
	jobs, joined := make(chan func()), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the network
		joined <- syscall.Unshare(syscall.CLONE_NEWNET)
		for job := range jobs {
			job()
		}
	}()
	require.NoError(t, <-joined)
	i := isle{func(f func()) {
		done := make(chan struct{})
		jobs <- func() { defer close(done); f() }
		<-done
	}}
	t.Cleanup(func() { close(jobs) })
	i.ip(t, "link add outside type veth peer name inside", "addr add 192.0.2.1/24 dev outside")
	i.up(t)
	return i
}

func (i isle) ip(t *testing.T, commands ...string) {
	t.Helper()
	for _, c := range commands {
		var out []byte
		var err error
		i.do(func() { out, err = exec.Command(musthave.Program(t, "ip"), strings.Fields(c)...).CombinedOutput() })
		require.NoError(t, err, "ip %s: %s", c, out)
	}
}

func (i isle) up(t *testing.T) {
	t.Helper()
	i.ip(t, "link set lo up", "link set inside up", "link set outside up")
}

func (i isle) down(t *testing.T) {
	t.Helper()
	i.ip(t, "link set outside down", "link set inside down", "link set lo down")
}

// TestNetworkCut takes the network away from the program while it follows, and
// gives it back: it says so, and follows within one interval of the schedule.
func TestNetworkCut(t *testing.T) {
	t.Parallel()
	net := newIsle(t)
	dir := t.TempDir()
	s := libretest.New(libretest.Options{Email: testEmail, Password: testPassword, Seed: 5, People: []libretest.Person{{Source: libretest.Nothing}}})
	var err error
	net.do(func() { err = s.Start() }) // a socket stays in the network it was made in
	require.NoError(t, err)
	t.Cleanup(s.Close)
	out := &buffer{}
	cmd := exec.Command(binary, "watch", "--format", "json")
	cmd.Env = append(environment(dir), "LLUTRAY_SERVER="+s.RegionURL(), "LLUTRAY_EMAIL="+testEmail, "LLUTRAY_PASSWORD="+testPassword)
	cmd.Stdout, cmd.Stderr = out, out
	net.do(func() { err = cmd.Start() })
	require.NoError(t, err)
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	value := func(mgdl string) func() bool {
		return func() bool { return strings.Contains(out.String(), `"mgdl":`+mgdl+",") }
	}
	push := func(mgdl int, age time.Duration) {
		require.NoError(t, s.Push("", libretest.Reading{MgDL: mgdl, Time: time.Now().Add(-age)}))
	}
	push(104, 55*time.Second)
	require.Eventually(t, value("104"), pollInterval, 50*time.Millisecond, "%s", out)
	for i, mgdl := range []string{"103", "102"} {
		net.down(t)
		faults := func() int { return strings.Count(out.String(), `"kind":"offline"`) }
		require.Eventually(t, func() bool { return faults() == i+1 }, pollInterval+25*time.Second, 50*time.Millisecond, "what is wrong: %s", out)
		require.Contains(t, out.String(), "LibreLinkUp cannot be reached from this computer.")
		push(103-i, 0)
		net.up(t)
		back := time.Now()
		require.Eventually(t, value(mgdl), pollInterval, 50*time.Millisecond, "following again: %s", out)
		t.Logf("followed again %v after the network was back", time.Since(back).Round(time.Second))
	}
	require.NoError(t, interrupt(cmd))
	kept := command(t, dir, "history", "--format", "csv", "--since", "1h")
	for _, mgdl := range []string{",104,", ",103,", ",102,"} {
		require.Contains(t, kept, mgdl)
	}
}
