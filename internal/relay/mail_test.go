package relay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

// mailSink runs a real mail server, Debian's aiosmtpd, that keeps what it is
// given in a folder. offer says whether it offers encryption.
func mailSink(t *testing.T) (addr, folder string) {
	t.Helper()
	const python = "/usr/bin/python3"
	if exec.Command(python, "-c", "import aiosmtpd").Run() != nil {
		musthave.Missing(t, "install the Debian package python3-aiosmtpd to test mail")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr = l.Addr().String()
	require.NoError(t, l.Close())
	folder = filepath.Join(t.TempDir(), "mail")
	cmd := exec.Command(python, "-m", "aiosmtpd", "-n", "-l", addr, "-c", "aiosmtpd.handlers.Mailbox", folder)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond, "%s", &said)
	return addr, folder
}

func TestMailArrives(t *testing.T) {
	addr, folder := mailSink(t)
	require.NoError(t, child(t, "smtp://"+addr+"/?from=me@example.org&to=anna@example.org,ben@example.org&fromname=llutray").Send(t.Context(), "mail", low))
	files, err := filepath.Glob(filepath.Join(folder, "new", "*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	var to []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		m, err := mail.ReadMessage(bytes.NewReader(b))
		require.NoError(t, err)
		for _, c := range m.Header.Get("Subject") {
			require.Less(t, c, rune(128), "a header is plain ASCII on the way")
		}
		subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
		require.NoError(t, err)
		require.Equal(t, low.Title, subject)
		require.Equal(t, "llutray <me@example.org>", m.Header.Get("From"))
		body, err := io.ReadAll(m.Body)
		require.NoError(t, err)
		require.Equal(t, low.Body, strings.TrimSpace(string(body)))
		to = append(to, m.Header.Get("To"))
	}
	require.ElementsMatch(t, []string{"anna@example.org", "ben@example.org"}, to)
}

// A mail server that never says hello: the library sets no deadline on it.
func TestMailServerThatHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	err = child(t, "smtp://"+l.Addr().String()+"/?from=a@b&to=c@d").Send(ctx, "mail", low)
	require.ErrorIs(t, err, errNoAnswer)
	require.Less(t, time.Since(begun), 10*time.Second)
}

// A mail server beyond this computer must offer encryption; one that refuses
// the receiver is told from one that cannot be reached.
func TestMailRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = fmt.Fprint(c, "220 hi\r\n")
			buf := make([]byte, 4096)
			for {
				n, err := c.Read(buf)
				if err != nil {
					break
				}
				answer := "250 ok\r\n"
				if strings.HasPrefix(string(buf[:n]), "RCPT") {
					answer = "550 no such SECRET\r\n"
				}
				_, _ = fmt.Fprint(c, answer)
			}
		}
	}()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	err = child(t, "smtp://127.0.0.1:"+port+"/?from=a@b&to=SECRET@d").Send(t.Context(), "mail", low)
	require.EqualError(t, err, "the mail server answered 550: look at the user, the password and the receiver in the relay's address")
	// A name of this computer that the sender does not know for loopback.
	name, err := os.Hostname()
	require.NoError(t, err)
	if ips, err := net.LookupHost(name); err != nil || len(ips) == 0 || !strings.HasPrefix(ips[0], "127.") {
		name = "localhost.localdomain"
	}
	if ips, err := net.LookupHost(name); err != nil || len(ips) == 0 || !strings.HasPrefix(ips[0], "127.") {
		musthave.Missing(t, "this computer has no other name for loopback")
	}
	err = child(t, "smtp://"+name+":"+port+"/?from=a@b&to=c@d").Send(t.Context(), "mail", low)
	require.ErrorContains(t, err, "offers no encryption")
}
