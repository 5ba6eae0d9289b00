package settings

import (
	"net/url"
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

var (
	lookKey = word("display.icon", lang.Mark("What the icon shows: the number with its arrow, the number alone as large as it\ngoes, or only a shape for the range. With \"discreet\" the tooltip and the text\nbeside the icon tell no value and no name either; the menu does when it is opened."),
		func(s *Settings) *string { return &s.Display.Look },
		pair[string]{LookNumber, LookNumber}, pair[string]{LookLarge, LookLarge}, pair[string]{LookDiscreet, LookDiscreet})

	contrastKey = onOffAuto("display.contrast", lang.Mark("Stronger colours and an edge around the icon; \"auto\" when the desktop asks for high\ncontrast."),
		func(s *Settings) *string { return &s.Display.Contrast })

	wordsKey = onOffAuto("display.words", lang.Mark("Words instead of arrows and blocks in the menu, for those who hear it read aloud;\n\"auto\" when the desktop tells of a screen reader."),
		func(s *Settings) *string { return &s.Display.Words })

	proxyKey = proxy()
)

func onOffAuto(name, doc string, field func(*Settings) *string) key {
	return word(name, doc, field, pair[string]{Auto, Auto}, pair[string]{On, On}, pair[string]{Off, Off})
}

// proxy is a text that must be an address, or none.
func proxy() key {
	field := func(s *Settings) *string { return &s.Proxy }
	k := text("network.proxy", lang.Mark("The proxy, like \"http://proxy.example.org:3128\", or \"none\" to go without one. Empty\nto go by HTTPS_PROXY and NO_PROXY of the environment."), field)
	read := k.read
	k.read = func(s *Settings, value any) error {
		if err := read(s, value); err != nil {
			return err
		}
		*field(s) = strings.TrimSpace(*field(s))
		return checkProxy(*field(s))
	}
	return k
}

// checkProxy does not repeat the address, which may hold a password.
func checkProxy(choice string) error {
	if choice == "" || choice == ProxyNone {
		return nil
	}
	u, err := url.Parse(choice)
	switch {
	case err != nil, u.Hostname() == "":
		return lang.E("this is not an address: write it like http://proxy.example.org:3128, or \"none\", or leave it empty")
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5":
		return lang.E("it must begin with http://, https:// or socks5://")
	case u.User != nil:
		return lang.E("a user name or password has no place in this file: set HTTPS_PROXY in the environment")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return lang.E("it must end with its port, like http://proxy.example.org:3128")
	}
	return nil
}
