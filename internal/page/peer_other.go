//go:build !linux

package page

import "net"

// stranger can't be told here: the code and the cookie guard the page alone.
func stranger(net.Conn) bool { return false }
