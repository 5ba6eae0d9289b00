package page

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// stranger reports whether another user of this computer made a connection. The
// code in the address is no secret from them for its moment: whoever is faster
// than the browser could read it in the list of processes. The kernel's table of
// connections says whose each is; where it can't be read, the other guards
// stand alone. root may read everything anyway.
func stranger(c net.Conn) bool {
	table, err := os.Open("/proc/net/tcp")
	if err != nil {
		return false
	}
	defer func() { _ = table.Close() }()
	uid, ok := ownerOf(table, c.RemoteAddr(), c.LocalAddr())
	return ok && uid != 0 && uid != os.Getuid()
}

// ownerOf finds the user who holds the end from of the connection from-to.
func ownerOf(table io.Reader, from, to net.Addr) (uid int, ok bool) {
	ours, theirs := kernelAddress(from), kernelAddress(to)
	if ours == "" || theirs == "" {
		return 0, false
	}
	for lines := bufio.NewScanner(table); lines.Scan(); {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid …
		f := strings.Fields(lines.Text())
		if len(f) > 7 && f[1] == ours && f[2] == theirs {
			uid, err := strconv.Atoi(f[7])
			return uid, err == nil
		}
	}
	return 0, false
}

// kernelAddress writes an address as the table has it: the four bytes as a
// number of the machine's own order, and the port.
func kernelAddress(a net.Addr) string {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil || !ap.Addr().Is4() {
		return ""
	}
	b := ap.Addr().As4()
	out := binary.BigEndian.AppendUint32(nil, binary.NativeEndian.Uint32(b[:]))
	out = binary.BigEndian.AppendUint16(out, ap.Port())
	text := strings.ToUpper(hex.EncodeToString(out))
	return text[:8] + ":" + text[8:]
}
