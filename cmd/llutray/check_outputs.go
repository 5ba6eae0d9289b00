package main

import (
	"context"
	"errors"
	"strings"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/libre"
	"github.com/llutray/llutray/internal/mqtt"
	"github.com/llutray/llutray/internal/nightscout"
	"github.com/llutray/llutray/internal/notify"
	"github.com/llutray/llutray/internal/settings"
)

// checkBeside looks at what no alarm waits for: the proxy, the voice, and what
// carries values elsewhere. None of it makes the check fail.
func checkBeside(ctx context.Context, paths settings.Paths) (out []finding) {
	set, err := settings.Load(paths.Settings)
	if err != nil {
		return nil // others report it
	}
	if proxy := libre.ProxyOf(set.Proxy); proxy != "" {
		out = append(out, finding{"proxy", true, lang.F("LibreLinkUp is reached through %s", proxy), exitFine})
	}
	if set.Speech != (settings.Speech{}) {
		f := finding{"voice", false, notify.ErrNoVoice.Error(), exitFine}
		if name, ok := notify.NewSpeaker(nil).Available(); ok {
			f.ok, f.text = true, lang.F("spoken by %s", name)
		}
		out = append(out, f)
	}
	text, err := askRunning(paths, "", "outputs", "", 0)
	if err != nil { // none is running, or one of an older version
		return append(out, checkOutputs(ctx, set, openSecrets(paths, false))...)
	}
	for line := range strings.Lines(text) {
		what, trouble, _ := strings.Cut(strings.TrimSpace(line), "\t")
		out = append(out, outputFinding(what, trouble, lang.T("works")))
	}
	if trouble, err := askRunning(paths, "", "trouble", "", 0); err == nil && trouble != "" {
		out = append(out, finding{"trouble", false, trouble, exitFine})
	}
	return out
}

func outputFinding(what, trouble, fine string) finding {
	if trouble != "" {
		return finding{what, false, trouble, exitFine}
	}
	return finding{what, true, fine, exitFine}
}

// checkOutputs looks at the outputs while nothing runs, as far as that can be
// done without telling anybody a value.
func checkOutputs(ctx context.Context, set settings.Settings, secrets settings.Secrets) (out []finding) {
	if m := set.Outputs.MQTT; m.Broker != "" {
		err := mqtt.Config{Broker: m.Broker, CAFile: m.CAFile, Prefix: m.Prefix, Discovery: m.Discovery}.Check()
		if err == nil && m.User != "" {
			_, err = secret(ctx, secrets, settings.MQTTSecret)
		}
		out = append(out, outputFinding(outputMQTT, textOf(err), lang.T("set up; whether the broker answers is known while llutray runs")))
	}
	if n := set.Outputs.Nightscout; n.Upload && n.Site != "" {
		token, err := secret(ctx, secrets, settings.NightscoutSecret)
		if err == nil {
			bound, cancel := context.WithTimeout(ctx, relayWait)
			err = nightscout.Verify(bound, nightscout.Site{URL: n.Site, Secret: token, API: nightscout.API(n.API)})
			cancel()
		}
		out = append(out, outputFinding(outputUpload, textOf(err), lang.T("the site takes readings")))
	}
	return out
}

// textOf is an error for people, with what to do.
func textOf(err error) string {
	if err == nil {
		return ""
	}
	if f := (*glucose.Fault)(nil); errors.As(err, &f) {
		return strings.TrimSpace(f.Message + " " + f.Hint)
	}
	return err.Error()
}
