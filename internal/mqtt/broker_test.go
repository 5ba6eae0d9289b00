package mqtt

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// broker is a real one of Eclipse on loopback.
type broker struct {
	t    *testing.T
	port string
	conf string
	cmd  *exec.Cmd
}

// newBroker starts one; settings are lines of its configuration.
func newBroker(t *testing.T, settings ...string) *broker {
	t.Helper()
	musthave.Program(t, "mosquitto")
	musthave.Program(t, "mosquitto_sub")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	require.NoError(t, l.Close())
	b := &broker{t: t, port: port, conf: filepath.Join(t.TempDir(), "mosquitto.conf")}
	if len(settings) == 0 {
		settings = []string{"allow_anonymous true"}
	}
	text := fmt.Sprintf("listener %s 127.0.0.1\nuser root\n%s\n", port, strings.Join(settings, "\n"))
	require.NoError(t, os.WriteFile(b.conf, []byte(text), 0o600))
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start() {
	b.cmd = exec.Command(musthave.Program(b.t, "mosquitto"), "-c", b.conf)
	var said bytes.Buffer
	b.cmd.Stdout, b.cmd.Stderr = &said, &said
	require.NoError(b.t, b.cmd.Start())
	require.Eventually(b.t, func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+b.port)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond)
}

func (b *broker) stop() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

func (b *broker) url() string { return "mqtt://127.0.0.1:" + b.port }

// listener is a subscriber that speaks MQTT 3.1.1, as Home Assistant may.
type listener struct {
	mu  sync.Mutex
	all []heard
}

type heard struct {
	retained       bool
	topic, payload string
}

func (b *broker) listen(args ...string) *listener {
	l := &listener{}
	args = append([]string{"-h", "127.0.0.1", "-p", b.port, "-V", "mqttv311", "-F", "%r %t %p", "-t", "#", "-q", "1"}, args...)
	cmd := exec.Command(musthave.Program(b.t, "mosquitto_sub"), args...)
	out, err := cmd.StdoutPipe()
	require.NoError(b.t, err)
	require.NoError(b.t, cmd.Start())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s := bufio.NewScanner(out); s.Scan(); {
			f := strings.SplitN(s.Text(), " ", 3)
			l.mu.Lock()
			l.all = append(l.all, heard{f[0] == "1", f[1], f[2]})
			l.mu.Unlock()
		}
	}()
	b.t.Cleanup(func() { _ = cmd.Process.Kill(); <-done; _ = cmd.Wait() })
	return l
}

// of returns what was heard on a topic, oldest first.
func (l *listener) of(topic string) (out []heard) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.all {
		if h.topic == topic {
			out = append(out, h)
		}
	}
	return out
}

func (l *listener) last(topic string) string {
	all := l.of(topic)
	if len(all) == 0 {
		return "(nothing)"
	}
	return all[len(all)-1].payload
}

func (l *listener) wait(t *testing.T, topic, want string) {
	t.Helper()
	require.Eventually(t, func() bool { return l.last(topic) == want }, 10*time.Second, 20*time.Millisecond,
		"%s: want %s", topic, want)
}

// say publishes from another client.
func (b *broker) say(topic, payload string, args ...string) {
	b.t.Helper()
	args = append([]string{"-h", "127.0.0.1", "-p", b.port, "-t", topic, "-m", payload, "-q", "1"}, args...)
	out, err := exec.Command(musthave.Program(b.t, "mosquitto_pub"), args...).CombinedOutput()
	require.NoError(b.t, err, "%s", out)
}
