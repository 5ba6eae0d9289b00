package libre

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// proxies is what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. They are read as
// net/http reads them, which asks the environment only once; its library is
// not used because of the tables for names in other scripts that it brings,
// 0.2 MB for servers whose names are ASCII.
type proxies struct {
	plain, secure *url.URL // for http and https; nil for none
	direct        []direct
}

// direct is an entry of NO_PROXY: what is reached without one.
type direct struct {
	all   bool
	hosts netip.Prefix // addresses, if valid
	name  string       // else a name below which all are, with a dot before it
	own   bool         // and that name itself
	port  string       // "" for all
}

func proxiesOfEnvironment() proxies {
	return proxies{
		plain:  proxyOf(environment("http_proxy")),
		secure: proxyOf(environment("https_proxy")),
		direct: directOf(environment("no_proxy")),
	}
}

// environment is a variable that is written in small or in capital letters.
func environment(name string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return os.Getenv(strings.ToUpper(name))
}

// proxyOf is the address of a proxy, which may lack the scheme; nil for one
// that can't be read.
func proxyOf(address string) *url.URL {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err == nil && u.Scheme != "" && u.Host != "" {
		return u
	}
	if with, err := url.Parse("http://" + address); err == nil {
		return with
	}
	return u // nil if it could not be read at all
}

func directOf(list string) (out []direct) {
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "*" {
			return []direct{{all: true}}
		}
		if _, network, err := net.ParseCIDR(entry); err == nil {
			if hosts, err := netip.ParsePrefix(network.String()); err == nil {
				out = append(out, direct{hosts: hosts})
			}
			continue
		}
		host, port := entry, ""
		if h, p, err := net.SplitHostPort(entry); err == nil {
			host, port = h, p
		}
		if ip, err := netip.ParseAddr(host); err == nil {
			ip = ip.Unmap()
			out = append(out, direct{hosts: netip.PrefixFrom(ip, ip.BitLen()), port: port})
			continue
		}
		switch {
		case host == "":
		case strings.HasPrefix(host, "*."):
			out = append(out, direct{name: host[1:], port: port})
		case host[0] == '.':
			out = append(out, direct{name: host, port: port})
		default:
			out = append(out, direct{name: "." + host, own: true, port: port})
		}
	}
	return out
}

// of is the proxy for an address; nil for none. This computer has none.
func (p proxies) of(u *url.URL) *url.URL {
	proxy, port := p.plain, "80"
	if u.Scheme == "https" {
		proxy, port = p.secure, "443"
	}
	if proxy == nil {
		return nil
	}
	host := strings.ToLower(u.Hostname())
	if u.Port() != "" {
		port = u.Port()
	}
	ip, _ := netip.ParseAddr(host)
	ip = ip.Unmap().WithZone("")
	if host == "localhost" || ip.IsLoopback() {
		return nil
	}
	for _, d := range p.direct {
		if d.holds(host, ip, port) {
			return nil
		}
	}
	return proxy
}

func (d direct) holds(host string, ip netip.Addr, port string) bool {
	switch {
	case d.all:
		return true
	case d.port != "" && d.port != port:
		return false
	case d.hosts.IsValid() || ip.IsValid():
		return d.hosts.Contains(ip)
	}
	return strings.HasSuffix(host, d.name) || d.own && host == d.name[1:]
}
