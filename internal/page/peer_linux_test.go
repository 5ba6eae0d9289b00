package page

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/musthave"
)

func TestOwnerOf(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	us, err := net.Dial("tcp4", l.Addr().String())
	require.NoError(t, err)
	defer func() { _ = us.Close() }()
	them, err := l.Accept()
	require.NoError(t, err)
	defer func() { _ = them.Close() }()
	table, err := os.Open("/proc/net/tcp")
	require.NoError(t, err)
	defer func() { _ = table.Close() }()
	uid, ok := ownerOf(table, them.RemoteAddr(), them.LocalAddr())
	require.True(t, ok)
	require.Equal(t, os.Getuid(), uid)
	require.False(t, stranger(them), "the user's own browser")

	_, ok = ownerOf(strings.NewReader("rubbish\n\n 1 2 3 4 5 6 7 8 9\n"), them.RemoteAddr(), them.LocalAddr())
	require.False(t, ok)
	_, ok = ownerOf(strings.NewReader(""), &net.UnixAddr{}, them.LocalAddr())
	require.False(t, ok)
}

// Another user of the computer gets no answer, not even with the right code.
func TestAnotherUserIsNotAnswered(t *testing.T) {
	musthave.Root(t) // to act as another user
	s := start(t, Options{}).server
	address, err := s.Address("")
	require.NoError(t, err)
	rest, _ := strings.CutPrefix(address, "http://")
	host, path, _ := strings.Cut(rest, "/")
	ip, port, _ := strings.Cut(host, ":")
	ask := func(uid uint32) string {
		cmd := exec.Command("bash", "-c", `exec 3<>/dev/tcp/"$1"/"$2" && printf 'GET /%s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n' "$3" "$1" "$2" >&3 && cat <&3`, "ask", ip, port, path)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, _ := cmd.CombinedOutput() // an error is an answer as well
		return string(out)
	}
	require.NotContains(t, ask(65534), "HTTP/1.1")
	require.Contains(t, ask(0), "303 See Other", "the code was not used up")
}
